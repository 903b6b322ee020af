"""A row does not begin with what comes later."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from qa_api.models import Base
from qa_api.models.base import Stateful
from qa_api.models.frozen import FROZEN, Begun
from tests.conftest import Database
from tests.frozen.additions import NOT_AS
from tests.frozen.statements import AT_THE_COMMIT, OTHER, Row, Statement, new, refused, tried


def each_beginning() -> Iterator[Any]:
    for entry in FROZEN:
        if isinstance(entry, Begun):
            for column in entry.columns.split():
                yield pytest.param(entry, {column: ""}, id=f"{entry.table}.{column}-{entry.what}")
            if not entry.columns:
                name = f"{entry.table}-{entry.what}"
                yield pytest.param(entry, NOT_AS.get(name) or NOT_AS[entry.what], id=name)


LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "an event of this very transaction": (new("events", {"id": OTHER}),),
}
"""What is done lawfully, each with its witness."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


@pytest.mark.parametrize(("entry", "row"), list(each_beginning()))
def test_a_row_does_not_begin_with_what_comes_later(
    world: Database, entry: Begun, row: Row
) -> None:
    answer = tried(world, new(entry.table, row), AT_THE_COMMIT)
    assert refused(answer, entry), answer


def test_every_table_with_a_life_cycle_begins_at_its_beginning() -> None:
    mappers = Base.registry.mappers
    tables = {str(each.local_table) for each in mappers if issubclass(each.class_, Stateful)}
    begun = {each.table for each in FROZEN if isinstance(each, Begun) and each.what == "state"}
    assert begun == tables
