"""Judgements are joined until nobody is recognised, not even by a colleague (§4.7, R4.7.3)."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.grouped import (
    Grouped,
    Parts,
    Runs,
    apart,
    atoms_of,
    grouped,
    groupings,
    joined,
    shown_parts,
)
from qa_api.rules.readers import Atom, Known, posts, withstands

CELLS = ("outstanding", "good", "requires_improvement", "inadequate")
FEWEST = 5
Table = Mapping[str, Sequence[Sequence[int]]]
"""By service, the judgements of each of its teams, best first."""


def parts_of(table: Table) -> Parts:
    return {
        service: [
            Known(posts((f"{service}/{at}", service)), dict(zip(CELLS, row, strict=True)))
            for at, row in enumerate(rows)
        ]
        for service, rows in table.items()
    }


def shown_of(table: Table, *before: Grouped, only: Sequence[str] | None = None) -> Grouped:
    return grouped(parts_of(table), CELLS, FEWEST, before, only)


def one_by_one(**rows: Sequence[int]) -> Table:
    """Services of one team each."""
    return {service: [row] for service, row in rows.items()}


MANY = (20, 20, 20, 20)


def test_neighbours_are_joined_the_finest_first() -> None:
    assert list(groupings(apart(3))) == [
        ((0, 1), (1, 2), (2, 3)),
        ((0, 1), (1, 3)),
        ((0, 2), (2, 3)),
        ((0, 3),),
    ]
    assert not list(groupings(()))


def test_what_either_joins_is_joined() -> None:
    assert joined(((0, 1), (1, 2), (2, 4)), ((0, 2), (2, 3), (3, 4))) == ((0, 2), (2, 4))
    assert joined(apart(4), ()) == ()


def test_of_many_every_judgement_is_shown_of_everybody() -> None:
    found = shown_of(one_by_one(a=MANY, b=MANY, c=MANY, d=MANY))
    assert found == Grouped(apart(4), apart(4), ("a", "b", "c", "d"))


@pytest.mark.parametrize(
    ("table", "found"),
    [
        pytest.param(
            one_by_one(a=(9, 9, 9, 2), b=MANY, c=MANY),
            Grouped(((0, 1), (1, 2), (2, 4)), ((0, 1), (1, 2), (2, 4)), ("b", "c", "a")),
            id="two heads would work out the third's two",
        ),
        pytest.param(
            one_by_one(a=(9, 9, 9, 2), b=(9, 9, 9, 2), c=(9, 9, 9, 2)),
            Grouped(((0, 1), (1, 2), (2, 4)), ((0, 1), (1, 2), (2, 4)), ("a", "b", "c")),
            id="two colleagues would know the third's two",
        ),
        pytest.param(
            one_by_one(a=(40, 40, 40, 3), b=(40, 40, 40, 0)),
            Grouped(((0, 1), (1, 2), (2, 4)), ((0, 1), (1, 2), (2, 4)), ("a", "b")),
            id="with two services the authority's figures are limited as well",
        ),
        pytest.param(
            one_by_one(a=MANY, b=MANY, c=(0, 2, 0, 0)),
            Grouped(()),
            id="not even how many there are, if two heads could work out the third's few",
        ),
        pytest.param(
            one_by_one(a=MANY, b=MANY, **{f"few{at}": (2, 2, 2, 2) for at in range(5)}),
            Grouped(apart(4), apart(4), ("a", "b")),
            id="too small by themselves, they are in the whole alone",
        ),
        pytest.param(
            one_by_one(a=MANY, b=MANY, c=MANY, d=MANY, e=(9, 9, 9, 2)),
            Grouped(apart(4), ((0, 1), (1, 2), (2, 4)), ("a", "b", "c", "d", "e")),
            id="services are shown less finely than the whole",
        ),
        pytest.param(one_by_one(a=(0, 0, 0, 0)), Grouped(apart(4), apart(4), ("a",)), id="nothing"),
    ],
)
def test_what_is_joined(table: Table, found: Grouped) -> None:
    assert shown_of(table) == found


def test_a_team_manager_does_not_learn_of_the_other_team_of_their_service() -> None:
    two_teams = {"a": [(9, 9, 9, 9), (9, 9, 2, 9)], "b": [MANY], "c": [MANY]}
    found = shown_of(two_teams)
    assert found.whole == apart(4)
    assert found.parts in {((0, 1), (1, 3), (3, 4)), ((0, 1), (1, 2), (2, 4))}
    assert "a" in found.shown


def test_a_service_that_may_not_be_shown_is_in_the_rest_and_the_rest_withstands() -> None:
    table = one_by_one(a=MANY, b=MANY, c=MANY, d=MANY, e=(9, 9, 9, 2))
    assert shown_of(table, only=["b"]) == Grouped(apart(4), apart(4), ("b",))
    assert shown_of(table, only=["b", "c"]).parts == ((0, 1), (1, 2), (2, 4))


def test_a_later_version_never_splits_what_was_joined() -> None:
    first = shown_of(one_by_one(a=(40, 40, 40, 3), b=(40, 40, 40, 0)))
    later = shown_of(one_by_one(a=MANY, b=MANY, c=MANY), first)
    assert later.whole == later.parts == ((0, 1), (1, 2), (2, 4))
    assert shown_of(one_by_one(a=MANY, b=MANY), Grouped(())) == Grouped(())


def test_a_later_version_does_not_show_what_an_earlier_one_leaves_over() -> None:
    """Each version withstands; a and b of both would leave over e's few, to the heads of c, d."""
    table = one_by_one(a=MANY, b=MANY, c=MANY, d=MANY, e=(9, 9, 9, 2))
    first = shown_of(table, only=["a"])
    assert first == Grouped(apart(4), apart(4), ("a",))
    assert shown_of(table, only=["b"]).parts == apart(4)
    later = shown_of(table, first, only=["b"])
    assert later.parts == ((0, 1), (1, 2), (2, 4))


def test_where_policy_has_nothing_small_everything_is_shown() -> None:
    parts = parts_of(one_by_one(a=(1, 1, 1, 1), b=(0, 1, 0, 0)))
    assert grouped(parts, CELLS, 1) == Grouped(apart(4), apart(4), ("a", "b"))


def test_rows_that_nobody_heads_are_known_to_nobody_as_a_service() -> None:
    teams = [Known(posts((f"t{at}", None)), {"x": 3}) for at in range(6)]
    assert not withstands(teams[:3], [Atom(("x",))], FEWEST), "two of their managers leave three"
    assert withstands(teams, [Atom(("x",))], FEWEST)


def test_what_is_left_of_a_count_withstands_too() -> None:
    teams = [
        Known(posts(("a/1", "a")), {"due": 20, "done": 18}),
        Known(posts(("b/1", "b")), {"due": 20, "done": 20}),
    ]
    assert withstands(teams, [Atom(("due",)), Atom(("done",))], FEWEST)
    assert not withstands(teams, [Atom(("due",), ("done",))], FEWEST)


# --- whatever the counts are ---

ROWS = st.lists(st.tuples(*[st.integers(0, 12)] * len(CELLS)), min_size=1, max_size=3)
TABLES = (
    st.integers(1, 5)
    .flatmap(lambda many: st.lists(ROWS, min_size=many, max_size=many))
    .map(lambda services: {f"s{at}": rows for at, rows in enumerate(services)})
)


def sums(rows: Sequence[Sequence[int]], runs: Runs) -> list[int]:
    return [sum(sum(row[first:last]) for row in rows) for first, last in runs]


def rows_of(table: Table, codes: Sequence[str]) -> list[Sequence[int]]:
    return [row for code in codes for row in table[code]]


def few(rows: Sequence[Sequence[int]], runs: Runs) -> bool:
    return any(0 < count < FEWEST for count in sums(rows, runs))


@given(TABLES)
def test_whatever_any_two_take_away_no_few_remain(table: Table) -> None:
    """Said once more, in other words than the rule's: as sets of rows."""
    found = shown_of(table)
    rest = [code for code in table if code not in found.shown]
    figures = [([*table], found.whole), (rest, found.parts if found.shown else ())]
    figures += [([code], found.parts) for code in found.shown]
    for codes, runs in figures:
        teams = [(code, at) for code in codes for at in range(len(table[code]))]
        knowing: list[set[tuple[str, int]]] = [{team} for team in teams]
        knowing += [{team for team in teams if team[0] == code} for code in codes]
        assert not few(rows_of(table, codes), runs)
        for one, other in combinations(knowing, 2):
            left = [table[code][at] for code, at in teams if (code, at) not in one | other]
            assert not few(left, runs)


@pytest.mark.long
@given(TABLES, TABLES)
def test_no_version_splits_what_any_before_it_joined(first: Table, then: Table) -> None:
    earlier = shown_of(first)
    later = shown_of(then, earlier)
    assert {end for _, end in later.whole} <= {end for _, end in earlier.whole}
    if earlier.shown and later.shown:
        assert {end for _, end in later.parts} <= {end for _, end in earlier.parts}


@given(TABLES)
def test_parts_are_never_shown_finer_than_the_whole(table: Table) -> None:
    found = shown_of(table)
    assert {end for _, end in found.parts} <= {end for _, end in found.whole}
    shown = shown_parts(parts_of(table), atoms_of(CELLS, found.parts), FEWEST)
    assert not found.shown or set(found.shown) == set(shown)
