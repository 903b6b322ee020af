"""No column of an entry is written, and nothing is added or taken away where it is closed."""

from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from qa_api.models.frozen import FROZEN, Closed, Frozen
from tests.conftest import Database
from tests.frozen.additions import drawing, written
from tests.frozen.rows import ANOTHER, ONCE, WHERE
from tests.frozen.statements import AT_THE_COMMIT, CHANGED, columns_of, refused, tried


def each_column() -> Iterator[Any]:
    for entry in FROZEN:
        if not isinstance(entry, Frozen):
            continue
        # What a row may not become is judged below, each by what would make it so.
        if "NEW.state" not in entry.since and entry.what != "day_of_error":
            for column in entry.columns.split():
                yield pytest.param(entry, column, id=f"{entry.table}.{column}-{entry.what}")


@pytest.mark.parametrize(("entry", "column"), list(each_column()))
def test_a_frozen_column_is_not_written(world: Database, entry: Frozen, column: str) -> None:
    column = column.strip('"')
    kind = columns_of(world.migrate_url, entry.table)[column]
    other = ANOTHER.get(f"{entry.table}.{column}") or ANOTHER.get(column, CHANGED[kind])
    changed = other.format(column=f'"{column}"')
    where = ONCE.get((entry.table, entry.what)) or WHERE.get(entry.table, "true")
    answer = tried(
        world,
        f'UPDATE {entry.table} SET "{column}" = {changed} WHERE {where}',
        AT_THE_COMMIT,
    )
    assert isinstance(answer, asyncpg.RestrictViolationError), answer
    named = {one.trigger: one for one in FROZEN if one.table == entry.table}
    assert refused(answer, named[str(answer.constraint_name)])


@pytest.mark.parametrize("entry", [each for each in FROZEN if isinstance(each, Closed)])
def test_nothing_is_added_or_taken_away_where_it_is_closed(world: Database, entry: Closed) -> None:
    before = drawing(entry.table) if entry.what == "subject" else ()
    answer = tried(world, *before, written(world, entry), AT_THE_COMMIT)
    assert refused(answer, entry), answer
