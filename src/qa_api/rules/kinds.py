"""Whether a record is a child's or a carer household's, as a fold of what was told of it (C2)."""

from collections.abc import Collection
from enum import StrEnum


class SubjectKind(StrEnum):
    """The kind of record: it decides which audits are due, and for how long the record is kept."""

    CHILD = "child"
    CARER_HOUSEHOLD = "carer_household"


def kind_told(role: str | None) -> SubjectKind | None:
    """What the role in an event says about the record's kind; without a role, nothing."""
    if not role:
        return None
    household = role == SubjectKind.CARER_HOUSEHOLD
    return SubjectKind.CARER_HOUSEHOLD if household else SubjectKind.CHILD


def kind_of(
    told: Collection[SubjectKind], entered: Collection[SubjectKind] = ()
) -> SubjectKind | None:
    """The kind of a record, from everything told of it and entered by people; None if nobody said.

    What a person entered counts before what systems told. If systems differ, it is a child's, the
    more cautious answer: a child's case does not close without an audit, and a child's record is
    kept longer. The order of events plays no part.
    """
    said = entered or told
    if not said:
        return None
    child = SubjectKind.CHILD
    return child if child in said else SubjectKind.CARER_HOUSEHOLD


def kept_as(kind: SubjectKind | None) -> SubjectKind:
    """The kind by which a record is kept: a child's, unless it is said to be a household's."""
    return kind or SubjectKind.CHILD
