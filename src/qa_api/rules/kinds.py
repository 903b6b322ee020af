"""Whether a record is a child's or a carer household's, as a fold of what was told of it (C2)."""

from collections.abc import Collection
from enum import StrEnum


class SubjectKind(StrEnum):
    """The kind of record: it decides which audits are due, and for how long the record is kept."""

    CHILD = "child"
    CARER_HOUSEHOLD = "carer_household"


def kind_told(role: str | None) -> SubjectKind | None:
    """What the role that an event gives somebody says of their record; no role says nothing."""
    if not role:
        return None
    household = role == SubjectKind.CARER_HOUSEHOLD
    return SubjectKind.CARER_HOUSEHOLD if household else SubjectKind.CHILD


def kind_of(
    told: Collection[SubjectKind], entered: Collection[SubjectKind] = ()
) -> SubjectKind | None:
    """The kind of a record, by what was ever told of it and by what people entered; None: unsaid.

    What a person entered stands before what systems told. Of two that differ a child's is the more
    cautious: a child's case does not close without an audit, and a child's record is kept longer.
    No order decides: a record that is once told to be a child's is one.
    """
    said = entered or told
    if not said:
        return None
    child = SubjectKind.CHILD
    return child if child in said else SubjectKind.CARER_HOUSEHOLD


def kept_as(kind: SubjectKind | None) -> SubjectKind:
    """The kind under which a record is kept: a child's until it is told to be another's."""
    return kind or SubjectKind.CHILD
