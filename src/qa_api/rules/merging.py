"""Whether two records may become one person's (C6)."""

from dataclasses import dataclass
from enum import StrEnum


class MergeVerdict(StrEnum):
    """What is done about a merge that a case system reports."""

    CARRIED_OUT = "carried_out"
    ALREADY_ONE = "already_one"
    NOBODY_KNOWN = "nobody_known"
    DIFFERENT_KINDS = "different_kinds"
    PRE_ADOPTION = "pre_adoption"


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two records, as far as it is known here."""

    identity: object | None
    """What tells it from others; None where the reference has never come up."""
    kind: str | None = None
    """A child or a carer household."""
    ever_pre_adoption: bool = False
    """Whether it was ever said to be from before an adoption, even if that was taken back."""


def decide_merge(source: Party, into: Party) -> MergeVerdict:
    """Carry a merge out, unless it would join the two identities of an adopted child (C6).

    What was once said to be from before an adoption is never joined: a merge undone comes too
    late for the child. A merge of two that nobody knows waits until one of them comes up, and a
    child and a carer household are no one person.
    """
    if source.ever_pre_adoption or into.ever_pre_adoption:
        return MergeVerdict.PRE_ADOPTION
    if source.identity is None and into.identity is None:
        return MergeVerdict.NOBODY_KNOWN
    if source.identity == into.identity:
        return MergeVerdict.ALREADY_ONE
    if source.kind and into.kind and source.kind != into.kind:
        return MergeVerdict.DIFFERENT_KINDS
    return MergeVerdict.CARRIED_OUT
