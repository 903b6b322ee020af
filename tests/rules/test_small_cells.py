"""A withheld count can be worked out by nobody (§4.7, R4.7.3)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.policy import Policy
from qa_api.rules.small_cells import Cell, Table, is_small, withheld

POLICY = Policy(version=1, effective_from=date(2020, 1, 1))  # small is below 5


def shown(whole: int, *parts: int) -> tuple[int | None, ...]:
    """A row as it is published: the whole, then its parts; None for what is withheld."""
    counts: dict[Cell, int] = {"whole": whole, **{f"part {at}": n for at, n in enumerate(parts)}}
    named = tuple(f"part {at}" for at in range(len(parts)))
    hidden = withheld(counts, [Table("whole", named)], POLICY)
    return tuple(None if cell in hidden else count for cell, count in counts.items())


@pytest.mark.parametrize(("count", "small"), [(0, False), (1, True), (4, True), (5, False)])
def test_few_are_small_but_nothing_is_no_secret(count: int, small: bool) -> None:
    assert is_small(count, POLICY) is small


@pytest.mark.parametrize(
    ("row", "published"),
    [
        pytest.param((20, 10), (20, 10), id="nothing is small"),
        pytest.param((20, 0), (20, 0), id="none of many"),
        pytest.param((20, 20), (20, 20), id="all of many"),
        pytest.param((20, 3), (20, None), id="a small numerator"),
        pytest.param((20, 17), (20, None), id="a small complement"),
        pytest.param((3, 0), (None, None), id="a small whole withholds its zeros too"),
        pytest.param((0, 0, 0), (0, 0, 0), id="nothing at all"),
        pytest.param((30, 15, 8, 7, 0), (30, 15, 8, 7, 0), id="a distribution of many"),
        pytest.param((30, 15, 12, 3, 0), (30, 15, None, None, 0), id="the next smallest goes too"),
        pytest.param((30, 24, 2, 2, 2), (30, 24, None, None, None), id="small ones cover another"),
        pytest.param((30, 26, 2, 2, 0), (30, None, None, None, 0), id="too few to cover another"),
        pytest.param((12, 10, 2, 0, 0), (12, None, None, 0, 0), id="two that are not nothing"),
        pytest.param((30, 11, 10), (30, 11, 10), id="a rest of many"),
        pytest.param((30, 14, 13), (30, 14, None), id="a small rest"),
    ],
)
def test_what_is_published_of_a_row(
    row: tuple[int, ...], published: tuple[int | None, ...]
) -> None:
    assert shown(*row) == published


def test_what_is_withheld_in_one_table_is_withheld_in_every_other() -> None:
    # 22 due, of them 20 stand and 2 were cancelled; 12 of those that stand are done.
    counts: dict[Cell, int] = {"due": 22, "standing": 20, "cancelled": 2, "done": 12}
    tables = [Table("due", ("standing", "cancelled")), Table("standing", ("done",))]
    assert withheld(counts, tables, POLICY) == {"cancelled", "standing"}


def test_a_withheld_whole_is_not_the_sum_of_what_is_shown() -> None:
    counts: dict[Cell, int] = {"all": 22, "new scale": 2, "old scale": 20, "good": 12, "poor": 8}
    tables = [Table("all", ("new scale", "old scale")), Table("old scale", ("good", "poor"))]
    assert withheld(counts, tables, POLICY) == {"new scale", "old scale", "poor"}


def test_a_part_of_a_part_is_not_left_over() -> None:
    counts: dict[Cell, int] = {"actions": 30, "open": 12, "overdue": 10}
    tables = [Table("actions", ("open",)), Table("open", ("overdue",))]
    assert withheld(counts, tables, POLICY) == {"overdue"}


ROWS = st.lists(st.integers(0, 12), min_size=1, max_size=6).flatmap(
    lambda parts: st.tuples(st.integers(0, 12), st.just(parts))
)


@given(ROWS)
def test_no_withheld_cell_of_a_row_follows_from_the_others(row: tuple[int, list[int]]) -> None:
    rest, parts = row
    whole, *cells = shown(sum(parts) + rest, *parts)
    for cell, count in zip(cells, parts, strict=True):
        assert cell is None or not is_small(count, POLICY)
    if whole is None:
        return
    unseen = [n for n, cell in zip(parts, cells, strict=True) if cell is None] + [rest]
    assert not is_small(sum(unseen), POLICY)
    if None in cells:
        assert sum(1 for count in unseen if count) > 1


@st.composite
def linked_tables(draw: st.DrawFn) -> tuple[dict[Cell, int], list[Table]]:
    """Counts by judgement (rows) and theme (columns), and all their margins."""
    across, down = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    inner = [[draw(st.integers(0, 9)) for _ in range(across)] for _ in range(down)]
    counts: dict[Cell, int] = {"all": sum(map(sum, inner))}
    for row, line in enumerate(inner):
        counts["row", row] = sum(line)
        counts |= {(row, column): count for column, count in enumerate(line)}
    for column in range(across):
        counts["column", column] = sum(line[column] for line in inner)
    tables = [
        Table("all", tuple(("row", row) for row in range(down))),
        Table("all", tuple(("column", column) for column in range(across))),
        *(Table(("row", r), tuple((r, c) for c in range(across))) for r in range(down)),
        *(Table(("column", c), tuple((r, c) for r in range(down))) for c in range(across)),
    ]
    return counts, tables


@given(linked_tables())
def test_nothing_follows_within_any_of_several_linked_tables(
    given_tables: tuple[dict[Cell, int], list[Table]],
) -> None:
    counts, tables = given_tables
    hidden = withheld(counts, tables, POLICY)
    assert {cell for cell, count in counts.items() if is_small(count, POLICY)} <= hidden
    for table in tables:
        unseen = [counts[part] for part in table.parts if part in hidden]
        if table.whole in hidden:
            assert unseen or not any(counts[part] for part in table.parts)
        else:
            assert not any(unseen) or sum(1 for count in unseen if count) > 1
            assert not is_small(sum(unseen), POLICY)


@given(linked_tables())
def test_without_small_counts_everything_is_shown(
    given_tables: tuple[dict[Cell, int], list[Table]],
) -> None:
    counts, tables = given_tables
    many: dict[Cell, int] = {cell: count * 100 for cell, count in counts.items()}
    assert not withheld(many, tables, POLICY)
