"""Whether two records may become one person's, and what a set of merges leaves (C6)."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from qa_api.rules.telling import Telling, known_times
from qa_api.rules.unchanging import Unchanging


class MergeVerdict(StrEnum):
    """What is done about a merge that a case system reports."""

    CARRIED_OUT = "carried_out"
    ALREADY_ONE = "already_one"
    NOBODY_KNOWN = "nobody_known"
    PRE_ADOPTION = "pre_adoption"


OF_DIFFERENT_KINDS: Final = "different_kinds"
"""Why a merge of a child and a household was parked once. None is parked for that any more; those
that are, of which people were told, stay until the two turn out to be of one kind."""
WAITS_FOR_MORE: Final = (MergeVerdict.NOBODY_KNOWN.value, OF_DIFFERENT_KINDS)
"""Why a merge is parked until more is told of one of the two: it is then decided again."""


class Party(Unchanging):
    """One of the two records, as far as it is known here."""

    identity: object | None
    """What tells it from others; None where the reference has never come up."""
    ever_pre_adoption: bool = False
    """Whether it was ever said to be from before an adoption, even if that was taken back."""


def decide_merge(source: Party, into: Party) -> MergeVerdict:
    """Decide about a merge: it must not join the two identities of an adopted child (C6).

    Two records are never joined if either was ever said to be from before an adoption: undoing the
    merge would come too late for the child. If neither record is known, the merge waits until one
    is. It does not matter here whether one is a child's and the other a household's: that may be
    told later, and no merge is undone.
    """
    if source.ever_pre_adoption or into.ever_pre_adoption:
        return MergeVerdict.PRE_ADOPTION
    if source.identity is None and into.identity is None:
        return MergeVerdict.NOBODY_KNOWN
    if source.identity == into.identity:
        return MergeVerdict.ALREADY_ONE
    return MergeVerdict.CARRIED_OUT


class MergeTold(Unchanging):
    """A merge that was carried out: ``source`` turned out to be ``into``."""

    source: str
    into: str
    told: Telling


class Lineage(Unchanging):
    """Which reference a person goes by after all merges, and on which way each other led to it."""

    steps: Mapping[str, tuple[str, Telling]]

    def survivor(self, ref: str) -> str:
        """The reference of the record that is left, of which `ref` is a name."""
        while ref in self.steps:
            ref, _ = self.steps[ref]
        return ref

    def level(self, ref: str, told: Telling) -> int:
        """How far from the remaining record something was said: the nearest counts.

        What was said under a merged name counts only where the remaining record says nothing. But
        what was plainly said after the merge was said about the one person.
        """
        level = 0
        while ref in self.steps:
            ref, merged = self.steps[ref]
            at, merged_at = told.ranked_at, merged.ranked_at
            level += at is None or merged_at is None or at <= merged_at
        return level


def fold_merges(merges: Iterable[MergeTold]) -> Lineage:
    """The result of a set of merges, in whatever order they came (C6).

    If two merges join the same records, the earlier one counts; if they join one record to
    different ones, the later.
    """
    told = set(merges)
    times = known_times(each.told for each in told)

    def in_order(each: MergeTold) -> tuple[Any, ...]:
        at = times[each.told]
        known = at.timestamp() if at is not None else 0.0
        number = each.told.source_version
        return (
            at is not None,
            known,
            -1 if number is None else number,
            each.told.event_id,
            each.source,
            each.into,
        )

    steps: dict[str, tuple[str, Telling]] = {}
    lineage = Lineage(steps)
    for each in sorted(told, key=in_order):
        source, into = lineage.survivor(each.source), lineage.survivor(each.into)
        if source != into:
            # By the name that was given: what was told of that stands before what was told of this.
            steps[source] = (each.into, each.told)
    return lineage
