"""A column of a table with frozen ones is in an entry, or is said to change: nobody forgets it."""

from collections.abc import Iterator

import pytest

from qa_api.models import Base
from qa_api.models.frozen import FROZEN, Frozen
from qa_api.models.frozen.may_change import BY_KIND, BY_TABLE

ENTRIES = [entry for entry in FROZEN if isinstance(entry, Frozen)]
TABLES = sorted({entry.table for entry in ENTRIES})
CLASSES = {str(each.local_table): each.class_ for each in Base.registry.mappers}


def in_entries(table: str) -> set[str]:
    mine = (entry.columns for entry in ENTRIES if entry.table == table)
    return {column.strip('"') for columns in mine for column in columns.split()}


def may_change(table: str) -> Iterator[str]:
    for kind, (columns, _) in BY_KIND.items():
        if issubclass(CLASSES[table], kind):
            yield from columns.split()
    for columns in BY_TABLE.get(table, {}):
        yield from columns.split()


@pytest.mark.parametrize("table", TABLES)
def test_each_column_is_in_an_entry_or_is_said_to_change(table: str) -> None:
    columns = {column.name for column in Base.metadata.tables[table].columns}
    forgotten = sorted(columns - in_entries(table) - set(may_change(table)))
    assert not forgotten, (
        f"{table}: {forgotten} can be overwritten in a completed record. If they must not be, name"
        " them in an entry of the table in src/qa_api/models/frozen/. If they may, write them in"
        " BY_TABLE of src/qa_api/models/frozen/may_change.py, with the reason."
    )


def test_what_is_said_to_change_is_there_and_in_no_entry() -> None:
    assert set(BY_TABLE) <= set(TABLES)
    for table, groups in BY_TABLE.items():
        said = [column for columns in groups for column in columns.split()]
        assert len(said) == len(set(said)), table
        assert set(said) <= {column.name for column in Base.metadata.tables[table].columns}, table
        assert not set(said) & in_entries(table), table


def test_what_is_said_of_a_kind_of_row_are_the_columns_of_that_kind() -> None:
    for kind, (columns, _) in BY_KIND.items():
        assert set(columns.split()) <= set(dir(kind)) | set(kind.__annotations__), kind
