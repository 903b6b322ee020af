"""Counts of moderated pairs tell nobody a few of others (§4.5, §4.7, R4.7.3).

The attackers are those of `test_recognising`: they know the pairs of their own teams, and what is
shown are equations to them. The suite attacks 20 tables, `./dev drill cells` 500.
"""

from collections.abc import Callable, Mapping
from itertools import combinations, product
from random import Random
from typing import Any, Final

import numpy as np
import pytest

from qa_api.rules.paired_counts import AGREEMENT, Ranks, ShownPairs, counted_in, shown_pairs
from qa_api.rules.readers import Cell, Known, posts
from tests.drill import SEED, share
from tests.rules.bounded import width_of

TABLES: Final = share(20) or 500
FEWEST: Final = 5
FIELDS: Final[tuple[Ranks, ...]] = tuple(product(range(3), range(3)))
Table = Mapping[tuple[str, int], Mapping[Ranks, int]]
"""By service and team, how many pairs of each kind."""


def shown_of(table: Table) -> ShownPairs:
    parts: dict[str, list[Known]] = {}
    for (service, team), pairs in table.items():
        counts: dict[Any, int] = {}
        for ranks, many in pairs.items():
            for cell in counted_in(ranks):
                counts[cell] = counts.get(cell, 0) + many
        parts.setdefault(service, []).append(Known(posts((f"{service}/{team}", service)), counts))
    return shown_pairs(parts, FEWEST)


def sums(found: ShownPairs) -> list[set[Ranks]]:
    """Of which fields each shown figure is the sum."""
    told = [{ranks for ranks in FIELDS if name in counted_in(ranks)} for name in found.agreement]
    if found.before_and_after:
        for side, rank in product((0, 1), range(3)):
            told.append({ranks for ranks in FIELDS if ranks[side] == rank})
    return told


def width(table: Table, found: ShownPairs, known: set[Any], field: Ranks, of: set[Any]) -> float:
    """How far apart the least and the most are that these teams' pairs of a kind can be."""
    places = {each: at for at, each in enumerate(product(table, FIELDS))}
    rows, values = [], []
    for fields in sums(found):
        rows.append([float(ranks in fields) for _, ranks in places])
        values.append(sum(pairs.get(ranks, 0) for pairs in table.values() for ranks in fields))
    for key, ranks in places:
        if key in known:
            rows.append([float(each == (key, ranks)) for each in places])
            values.append(table[key].get(ranks, 0))
    aim = np.array([float(key in of and ranks == field) for key, ranks in places])
    return width_of(aim, rows, values, values)


def random_table(chance: Random) -> Table:
    """Pairs that are mostly alike, seldom two ranks apart, in services of one or two teams."""
    often = {ranks: (30, 12, 2)[abs(ranks[0] - ranks[1])] for ranks in FIELDS}
    return {
        (f"s{service}", team): {
            ranks: chance.choice((0, 0, chance.randint(0, most))) for ranks, most in often.items()
        }
        for service in range(chance.randint(2, 4))
        for team in range(chance.randint(1, 2))
    }


def test_nobody_works_out_a_few_pairs_of_others_alone_or_in_pairs(
    record_property: Callable[[str, object], None],
) -> None:
    chance, asked = Random(f"{SEED} pairs"), 0
    for _ in range(TABLES):
        table = random_table(chance)
        found = shown_of(table)
        alone = [{key for key in table if key[0] == code} for code, _ in table]
        alone += [{key} for key in table]
        pairs = [one | other for one, other in combinations(alone, 2)]
        for known in chance.sample([set[Any](), *alone, *pairs], 5):
            others = set(table) - known
            for field in FIELDS:
                few = sum(table[key].get(field, 0) for key in others)
                if 0 < few < FEWEST:
                    asked += 1
                    told = width(table, found, known, field, others)
                    assert told >= FEWEST, (sorted(known), field, table, found)
    record_property("asked", asked)
    record_property("wrong", 0)
    assert asked


def test_before_and_after_are_not_shown_where_they_would_give_away_a_field() -> None:
    """All of the best after moderation were the best before it, so what is alike tells the rest:
    four were lowered by one from the best and one by two."""
    pairs = {(0, 0): 15, (0, 1): 4, (0, 2): 1, (1, 1): 4, (1, 2): 6}
    table = {(f"s{at}", 0): pairs for at in range(4)}
    found = shown_of(table)
    assert found.agreement == ("pairs", "exact", "raised", "lowered")
    assert not found.before_and_after
    everything = ShownPairs(found.agreement, before_and_after=True)
    assert width(table, everything, set(), (0, 2), set(table)) == 0
    assert width(table, found, set(), (0, 2), set(table)) >= FEWEST


@pytest.mark.parametrize("few", [0, 40])
def test_before_and_after_are_shown_where_no_field_is_few(few: int) -> None:
    pairs = {(0, 0): 40, (1, 1): 40, (2, 2): 40, (1, 2): 40, (2, 1): few}
    found = shown_of({(f"s{at}", 0): pairs for at in range(4)})
    assert found == ShownPairs(AGREEMENT, before_and_after=True, beside_before=True)


@pytest.mark.parametrize(
    ("pairs", "safe"),
    [
        pytest.param({(0, 0): 50, (0, 1): 5, (0, 3): 1}, True, id="all were judged the same"),
        pytest.param({(0, 0): 2, (0, 1): 28, (1, 1): 25}, False, id="of 30 less 28 lowered"),
        pytest.param({(0, 0): 20, (0, 1): 28, (1, 1): 25}, True, id="enough of each"),
    ],
)
def test_agreement_beside_what_was_judged_before(
    pairs: dict[tuple[int, int], int], safe: bool
) -> None:
    """Where all were moderated, what was judged before moderation is known to everybody."""
    counts: dict[Cell, int] = {}
    for ranks, number in pairs.items():
        for cell in counted_in(ranks):
            counts[cell] = counts.get(cell, 0) + number
    parts = {"fast": [Known(frozenset(), counts)]}
    assert shown_pairs(parts, 5).beside_before is safe
