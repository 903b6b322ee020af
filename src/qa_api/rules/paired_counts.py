"""Which counts of moderated pairs are shown, so that nobody is recognised (§4.5, §4.7, R4.7.3).

A pair is a judgement before and one after moderation, by rank, 0 the best. Agreement says how many
pairs are alike, near, raised and lowered; before and after say how often each judgement was given.
Together they are the sums of a table's rows, columns and diagonals, from which its single fields
can often be worked out. So before and after are shown only where each field could be.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from qa_api.rules.grouped import Parts
from qa_api.rules.linked_counts import Family, shown_counts
from qa_api.rules.readers import Atom, Cell, withstands
from qa_api.rules.unchanging import Unchanging

Ranks: TypeAlias = tuple[int, int]
"""Before and after moderation."""
PAIRS, EXACT, WITHIN_ONE, RAISED, LOWERED = AGREEMENT = (
    "pairs",
    "exact",
    "within_one",
    "raised",
    "lowered",
)
_ALIKE: Final[Mapping[Cell, Cell | None]] = {PAIRS: None, EXACT: PAIRS}
_FAMILY: Final = Family(
    AGREEMENT,
    (
        {**_ALIKE, RAISED: PAIRS, LOWERED: PAIRS},
        {PAIRS: None, WITHIN_ONE: PAIRS, EXACT: WITHIN_ONE},
    ),
)


class ShownPairs(Unchanging):
    """What is shown of moderated pairs."""

    agreement: tuple[str, ...]
    """Of `AGREEMENT`."""
    before_and_after: bool
    """Whether how often each judgement was given before and after is shown."""
    beside_before: bool = False
    """Whether agreement can be shown to who knows how often each was given before."""


NOTHING: Final = ShownPairs((), before_and_after=False)


def counted_in(ranks: Ranks) -> Iterator[Cell]:
    """The counts that a pair is in: its field of the table, and those of `AGREEMENT`."""
    before, after = ranks
    yield ranks
    yield PAIRS
    yield EXACT if before == after else RAISED if after < before else LOWERED
    if abs(before - after) <= 1:
        yield WITHIN_ONE


def shown_pairs(parts: Parts, fewest: int) -> ShownPairs:
    """What can be shown of the pairs that the auditors' teams hold, counted by `counted_in`."""
    found = shown_counts(_FAMILY, parts, fewest).whole
    teams = [team for part in parts.values() for team in part]
    fields = {cell for team in teams for cell in team.counts} - set(AGREEMENT)
    shown = tuple(name for name in AGREEMENT if name in found)
    return ShownPairs(
        shown,
        PAIRS in found and withstands(teams, [Atom((field,)) for field in fields], fewest),
        withstands(teams, _by_before(fields, shown), fewest),
    )


def _by_before(fields: Iterable[Cell], shown: Collection[Cell]) -> list[Atom]:
    """The fields that agreement tells as one, apart by the judgement before moderation."""
    found: dict[Cell, list[Cell]] = {}
    for field in fields:
        if isinstance(field, tuple):
            before, after = field
            counted = frozenset(shown).intersection(counted_in((before, after)))
            found.setdefault((before, counted), []).append(field)
    return [Atom(tuple(together)) for together in found.values()]
