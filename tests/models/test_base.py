"""What every table inherits really holds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from sqlalchemy import inspect

from qa_api import clock, models
from qa_api.models.base import Versioned, new_id, new_ids

VERSIONED = sorted(
    (
        mapper.class_
        for mapper in models.Base.registry.mappers
        if issubclass(mapper.class_, Versioned)
    ),
    key=lambda table: table.__name__,
)


def test_there_are_rows_that_two_people_may_edit() -> None:
    assert len(VERSIONED) > 10


@pytest.mark.parametrize("table", VERSIONED, ids=lambda table: table.__name__)
def test_a_versioned_row_counts_its_versions(table: type[Versioned]) -> None:
    mapper = inspect(table)
    assert mapper.version_id_col is mapper.local_table.c.version
    assert mapper.eager_defaults is True


@pytest.fixture
def standing() -> Iterator[None]:
    """A clock that stands."""
    clock.freeze(datetime(2026, 11, 23, 9, tzinfo=UTC))
    yield
    clock.reset()


@pytest.mark.usefixtures("standing")
def test_ids_are_in_the_order_in_which_they_were_made_within_one_instant_too() -> None:
    singly = [new_id() for _ in range(5_000)]
    together = [str(each) for each in islice(new_ids(), 5_000)]
    clock.advance(timedelta(seconds=-30))
    later = [new_id() for _ in range(3)]
    made = [*map(str, singly), *together, *map(str, later)]
    assert made == sorted(set(made))
    assert {each.version for each in (*singly, *later)} == {7}
    assert {each[14] + each[19] for each in together} <= {"78", "79", "7a", "7b"}


@pytest.mark.usefixtures("standing")
def test_after_a_clock_that_is_put_back_for_long_ids_are_of_the_time_again() -> None:
    new_id()
    clock.advance(timedelta(hours=-1))
    assert new_id().int >> 80 == int(clock.now().timestamp() * 1000)
