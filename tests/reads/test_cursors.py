"""A cursor works for the list and the filters it was given out for, and for nothing else."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.problems import Problem
from qa_api.reads.cursors import Cursors

cursors = Cursors(b"k" * 32)
FILTERS = {"team": "east-lindsey", "state": ["planned", "completed"], "overdue": None}
KEY = (
    date(2026, 12, 1),
    datetime(2026, 12, 1, 9, 0, 0, 1, tzinfo=UTC),
    UUID(int=7),
    "text {}",
    5,
    True,
    None,
)


def test_a_key_comes_back_as_it_went_in() -> None:
    assert cursors.read(cursors.write("audits", FILTERS, KEY), "audits", FILTERS) == KEY


def test_the_order_of_filters_and_filters_not_set_do_not_matter() -> None:
    cursor = cursors.write("audits", FILTERS, [1])
    same = {"worker": None, "state": ["planned", "completed"], "team": "east-lindsey"}
    assert cursors.read(cursor, "audits", same) == (1,)


@pytest.mark.parametrize(
    ("name", "filters"),
    [
        ("actions", FILTERS),
        ("audits", {}),
        ("audits", {**FILTERS, "team": "boston"}),
        ("audits", {**FILTERS, "overdue": False}),
        ("audits", {**FILTERS, "state": ["planned"]}),
    ],
)
def test_another_list_or_other_filters_are_refused(name: str, filters: dict[str, Any]) -> None:
    cursor = cursors.write("audits", FILTERS, [1])
    with pytest.raises(Problem) as refused:
        cursors.read(cursor, name, filters)
    assert refused.value.kind.slug == "invalid-cursor"


def test_another_secret_is_refused() -> None:
    with pytest.raises(Problem):
        Cursors(b"x" * 32).read(cursors.write("audits", {}, [1]), "audits", {})


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_cursor_is_refused(position: int, change: int) -> None:
    cursor = cursors.write("audits", {}, KEY)
    index = position % (len(cursor) - 1)  # the last character has bits that carry nothing
    other = "A" if cursor[index] != "A" else "B"
    with pytest.raises(Problem):
        cursors.read(cursor[:index] + other + cursor[index + 1 :], "audits", {})


@given(st.text(max_size=80))
def test_garbage_is_refused_and_nothing_else(garbage: str) -> None:
    with pytest.raises(Problem) as refused:
        cursors.read(garbage, "audits", {})
    assert refused.value.status == 400


def test_an_enormous_cursor_is_refused() -> None:
    with pytest.raises(Problem):
        cursors.read("A" * 100_000, "audits", {})


def test_a_short_secret_is_not_accepted() -> None:
    with pytest.raises(ValueError, match="secret"):
        Cursors(b"short")
