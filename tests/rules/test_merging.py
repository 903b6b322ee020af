"""C6: which merges are carried out, and that an adopted child's identities are never joined."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from qa_api.rules.merging import MergeTold, MergeVerdict, Party, decide_merge, fold_merges
from qa_api.rules.telling import Telling

KNOWN, OTHER, NOBODY = Party("a"), Party("b"), Party(None)


@pytest.mark.parametrize(
    ("source", "into", "verdict"),
    [
        (KNOWN, OTHER, MergeVerdict.CARRIED_OUT),
        (KNOWN, NOBODY, MergeVerdict.CARRIED_OUT),
        (NOBODY, KNOWN, MergeVerdict.CARRIED_OUT),
        (KNOWN, KNOWN, MergeVerdict.ALREADY_ONE),
        (NOBODY, NOBODY, MergeVerdict.NOBODY_KNOWN),
    ],
)
def test_a_merge_is_carried_out_once_somebody_is_known(
    source: Party, into: Party, verdict: MergeVerdict
) -> None:
    assert decide_merge(source, into) is verdict


@pytest.mark.parametrize("other", [KNOWN, OTHER, NOBODY, Party("b", ever_pre_adoption=True)])
def test_a_record_from_before_an_adoption_is_never_joined_to_any_other(other: Party) -> None:
    before = Party("a", ever_pre_adoption=True)
    assert decide_merge(before, other) is MergeVerdict.PRE_ADOPTION
    assert decide_merge(other, before) is MergeVerdict.PRE_ADOPTION


# --- two merges that join one record to different ones: the later counts ---

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOT_KNOWN = datetime(2099, 1, 1, tzinfo=UTC)
"""Ahead of its receipt: when it happened is not known."""


def merge(into: str, at: datetime, version: int | None = None, name: str = "m") -> MergeTold:
    return MergeTold("a", into, Telling(name, at, NOON, "ref/a", version))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (merge("b", NOT_KNOWN, name="z"), merge("c", NOON)),
        (merge("b", NOON, name="z"), merge("c", NOON, 1)),
        (merge("b", NOON, 1, name="z"), merge("c", NOON, 2)),
        (merge("b", NOON, 1, name="m"), merge("c", NOON, 1, name="n")),
    ],
    ids=["a time that is not known", "no version", "a lower version", "a lower id"],
)
def test_of_two_merges_of_one_record_the_later_counts(earlier: MergeTold, later: MergeTold) -> None:
    assert {fold_merges(order).survivor("b") for order in permutations([earlier, later])} == {"c"}


def test_what_was_said_at_the_instant_of_a_merge_stands_behind() -> None:
    lineage = fold_merges([merge("b", NOON)])
    assert lineage.level("a", Telling("x", NOON, NOON)) == 1
