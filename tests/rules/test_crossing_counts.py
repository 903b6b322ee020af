"""Counts that cross tell of no few to who knows how they hang together (§4.7, R4.7.3).

The attack: somebody knows what kinds of rows there can be, the figures that are told, and the rows
of any one or two teams. Whatever follows from these by adding and subtracting is of nobody or of
enough.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any, Final, TypeAlias

import numpy as np
import pytest

from qa_api.rules.figure_families import FAMILIES
from qa_api.rules.linked_counts import Family, shown_counts
from qa_api.rules.metrics import Counted
from qa_api.rules.readers import Known, posts
from qa_api.rules.rollups import Cell, by_series, count
from tests.drill import SEED, share

TABLES: Final = share(15) or 500
FEWEST: Final = 5
Table: TypeAlias = Sequence[Sequence[int]]
"""Of each team, how many rows there are of each kind."""


def cell(series: str, *, overdue: bool = False, late: bool = False, **facts: Any) -> Cell:
    return Cell(series, facts, overdue, late, 1)


def response(*, late: bool = False, overdue: bool = False, **facts: bool) -> Cell:
    return cell("audit-responses/due", late=late, overdue=overdue, **facts)


ON_TIME = {"submitted": True, "first_submitted_on_time": True}
TOO_LATE = {"submitted": True, "first_submitted_on_time": False}
BACK = {"was_returned": True}
RESPONSES: Final = (
    response(**ON_TIME, adequate_on_time=True),
    response(**ON_TIME, **BACK, adequate_on_time=True),
    response(**ON_TIME),
    response(**ON_TIME, **BACK),
    response(**ON_TIME, **BACK, late=True),
    response(**ON_TIME, **BACK, late=True, overdue=True),
    response(**TOO_LATE, late=True),
    response(**TOO_LATE, **BACK, late=True),
    response(**TOO_LATE, **BACK, late=True, overdue=True),
    response(late=True, overdue=True),
)
"""All kinds of which the due date is over."""
ACTIONS: Final = tuple(
    cell("restorative-actions/set", state=state, **facts)
    for state, facts in (
        ("verified", {"by_first_promise": True}),
        ("verified", {}),
        ("done", {"by_first_promise": True}),
        ("planned", {"overdue": True}),
        ("done", {"overdue": True}),
    )
)
"""Where nothing was cancelled and nothing is to come."""
CLOSURES: Final = tuple(
    cell("closure-gates/closed", **facts) for facts in ({"audited": True}, {}, {"exempt": True})
)
"""Where none that needed no audit had one."""


def family_of(kinds: Sequence[Cell]) -> Family:
    def counts(family: Family) -> bool:
        first = family.cells[0]
        return isinstance(first, Counted) and bool(matrix([first], kinds).any())

    (found,) = filter(counts, FAMILIES)
    return found


def matrix(counted: Sequence[Any], kinds: Sequence[Cell]) -> Any:
    """Which kinds of rows each of these counts, 1 or 0."""
    one_each = [by_series([kind]) for kind in kinds]
    return np.array([[count(one, each) for each in one_each] for one in counted])


def told(family: Family, kinds: Sequence[Cell], table: Table) -> list[Any]:
    """The counts that are shown of all teams together, each team its own service."""
    counts = matrix(family.counted, kinds)
    parts = {
        str(at): [Known(posts((str(at), str(at))), dict(zip(family.counted, found, strict=True)))]
        for at, rows in enumerate(table)
        for found in [(counts @ np.array(rows)).tolist()]
    }
    return list(shown_counts(family, parts, FEWEST).whole)


def worked_out(counts: Any, rows: Any) -> Mapping[tuple[int, ...], int]:
    """How many rows there are of whatever kinds follow from the counts of all."""
    kinds = np.arange(len(rows))
    while True:
        places = range(len(kinds))
        asked = np.array([[at >> bit & 1 for bit in places] for at in range(1, 1 << len(kinds))])
        basis = np.linalg.svd(counts, full_matrices=False)
        held = basis[2][basis[1] > 1e-9]
        follow = asked[np.abs(asked - asked @ held.T @ held).max(axis=1, initial=0) < 1e-9]
        amounts = follow @ rows[kinds]
        none = follow[amounts == 0].any(axis=0) if len(follow) else np.zeros(len(kinds), bool)
        if not none.any():
            return {
                tuple(kinds[one.astype(bool)].tolist()): int(many)
                for one, many in zip(follow, amounts, strict=True)
            }
        kinds, counts = kinds[~none], counts[:, ~none]
        if not len(kinds):
            return {}


def leaks(family: Family, kinds: Sequence[Cell], table: Table) -> list[tuple[Any, ...]]:
    """What any one or two teams work out of a few of the others' rows."""
    if not (shown := told(family, kinds, table)):
        return []
    counts = matrix(shown, kinds)
    return [
        (known, found, many)
        for away in range(3)
        for known in combinations(range(len(table)), away)
        for rows in [sum(np.array(own) for at, own in enumerate(table) if at not in known)]
        for found, many in worked_out(counts, rows).items()
        if many < FEWEST
    ]


def random_table(chance: Random, kinds: int) -> Table:
    """Four to six teams; of some kinds there are many, of others few or none."""
    most = [chance.choice((0, 0, 1, 3, 12, 25)) for _ in range(kinds)]
    return [[chance.randint(0, one) for one in most] for _ in range(chance.randint(4, 6))]


EVERY = pytest.mark.parametrize("kinds", [RESPONSES, ACTIONS, CLOSURES])


@pytest.mark.long
@EVERY
def test_nobody_works_out_a_few_rows_from_counts_that_cross(
    kinds: Sequence[Cell], record_property: Callable[[str, object], None]
) -> None:
    chance, shown = Random(f"{SEED} crossing"), 0
    family = family_of(kinds)
    for _ in range(TABLES):
        table = random_table(chance, len(kinds))
        assert not leaks(family, kinds, table), table
        shown += len(told(family, kinds, table))
    record_property("shown", shown)
    assert shown > TABLES


def one_more(team: Sequence[int], at: int) -> Table:
    """Five teams that have the same, but for one row of a kind."""
    return [[number + (kind == at) for kind, number in enumerate(team)], *[list(team)] * 4]


RESPONDED: Final = (5, 0, 5, 0, 0, 0, 5, 0, 0, 5)


@pytest.mark.parametrize(
    ("kinds", "table", "known", "found"),
    [
        pytest.param(RESPONSES, one_more(RESPONDED, 4), (), (4,), id="late, first on time"),
        pytest.param(RESPONSES, one_more(RESPONDED, 8), (), (8,), id="awaited again"),
        pytest.param(CLOSURES, one_more((5, 0, 5), 1), (), (1,), id="without a needed audit"),
        pytest.param(
            ACTIONS,
            [[1, 22, 5, 0, 5], [3, 8, 6, 0, 11], [2, 1, 8, 0, 1], [2, 17, 8, 0, 9]],
            (0, 1),
            (0,),
            id="verified and as promised",
        ),
    ],
)
def test_the_attack_finds_what_counts_that_cross_would_give_away(
    kinds: Sequence[Cell], table: Table, known: tuple[int, ...], found: tuple[int, ...]
) -> None:
    family = family_of(kinds)
    assert not leaks(family, kinds, table)
    without = leaks(replace(family, crossings=()), kinds, table)
    assert (known, found) in [(who, what) for who, what, _ in without]
