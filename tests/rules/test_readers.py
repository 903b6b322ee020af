"""What remains of a figure when any one or two readers take theirs away (§4.7, R4.7.3)."""

from collections import Counter
from itertools import combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.readers import (
    Atom,
    Known,
    know_all_but_not,
    posts,
    unknown_to_any_two,
    withstands,
)

FEWEST = 5
ROWS = (Atom(("rows",)),)


def stands(*known: tuple[str, int]) -> bool:
    """Rows that people know, named by a letter each."""
    return withstands([Known(frozenset(people), {"rows": many}) for people, many in known], ROWS, 5)


@pytest.mark.parametrize(
    ("known", "stand"),
    [
        pytest.param([("a", 5), ("b", 5), ("c", 5)], True, id="three who know five each"),
        pytest.param([("a", 5), ("b", 5), ("c", 5), ("", 1)], True, id="six are left"),
        pytest.param([("a", 5), ("ab", 5), ("c", 5), ("", 1)], False, id="one knows two teams"),
        pytest.param([("a", 14), ("b", 5)], True, id="two who know all learn nothing"),
        pytest.param([("a", 14), ("", 1)], False, id="one that nobody knows"),
        pytest.param([("ac", 5), ("c", 4), ("a", 5), ("", 1)], False, id="a knows some of c's"),
        pytest.param([("abc", 6)], True, id="all know the same"),
        pytest.param([("", 5)], True, id="enough that nobody knows"),
        pytest.param([("", 4)], False, id="a few that nobody knows"),
        pytest.param([("a", 4)], False, id="a few are told to all others"),
    ],
)
def test_a_person_knows_all_their_rows_at_once(known: list[tuple[str, int]], stand: bool) -> None:
    assert stands(*known) is stand


@pytest.mark.parametrize(
    ("rows", "others", "so"),
    [
        pytest.param([], ["a"], True, id="there are no rows, so nobody need know any"),
        pytest.param([], [], False, id="nor others"),
        pytest.param([""], ["a"], False, id="one that nobody knows"),
        pytest.param(["a"], ["b"], True, id="one reader knows all"),
        pytest.param(["a"], ["a"], False, id="who knows all knows the others"),
        pytest.param(["a", "b"], ["c"], True, id="two together know all"),
        pytest.param(["a", "b"], ["ab"], False, id="two who know the others too"),
        pytest.param(["a", "b", "c"], ["d"], False, id="it would take three"),
    ],
)
def test_two_may_know_all_of_some_rows_and_not_the_others(
    rows: list[str], others: list[str], so: bool
) -> None:
    assert know_all_but_not([*map(frozenset, rows)], [*map(frozenset, others)]) is so


def test_a_manager_knows_what_the_head_of_the_service_knows_too() -> None:
    teams = [Known(posts((team, "a")), {"rows": 6}) for team in ("a/1", "a/2")]
    beside = Known(posts(("b/1", "b")), {"rows": 3})
    assert withstands(teams, ROWS, FEWEST), "the head knows all, and a manager leaves six"
    assert not withstands([*teams, beside], ROWS, FEWEST), "the head leaves three"


PEOPLE = st.frozensets(st.sampled_from("abcde"), max_size=4)


@given(st.lists(PEOPLE, max_size=24), st.integers(1, 6))
def test_whatever_any_two_know_no_few_remain(rows: list[frozenset[str]], fewest: int) -> None:
    """Said once more, row by row."""
    left = [
        sum(one not in known and other not in known for known in rows)
        for one, other in combinations_with_replacement("abcde", 2)
    ]
    few = any(0 < many < fewest for many in (len(rows), *left))
    assert unknown_to_any_two(Counter(rows), fewest) is not few
