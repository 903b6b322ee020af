"""Of a record whose time has come, nothing that people wrote is left in the rows about it (X4)."""

from functools import cache
from typing import Final

from qa_api.checking.answers import Answer, Row
from qa_api.models import Base
from qa_api.retention.content import GOES, SUBJECT, Treatment, owner_column, owner_kind
from qa_api.rules.retention import NAME_PREFIX, REMOVED
from qa_api.work import Workshop

_GONE: Final = f"SELECT id FROM subjects WHERE ref = '{NAME_PREFIX}' || id"  # noqa: S608 - constant
_LEFT: Final = {
    Treatment.MARK: f"t.{{column}} <> '{REMOVED}'",
    Treatment.CLEAR: "t.{column} IS NOT NULL",
    Treatment.EMPTY: "t.{column} <> '{{}}'",
    Treatment.NAME: f"t.{{column}} NOT LIKE '{NAME_PREFIX}%'",
}


async def nothing_of_who_was_removed_is_left(workshop: Workshop) -> Answer:
    """In every row about somebody whose record went, each text is the mark that it went.

    No name leads to them either: what a case system called them is nobody's name any more.
    """
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        asked = await work.driver.fetchval(f"SELECT count(*) FROM ({_GONE}) gone")  # noqa: S608 - constant text
        found = await work.driver.fetch(_what_is_left())
    return Answer.of(asked, (Row(row["table"], row["id"]) for row in found))


@cache
def _what_is_left() -> str:
    asked = [
        _rows_of(table, f"({' OR '.join(left)})")
        for table, columns in GOES.items()
        if owner_kind(table) == SUBJECT
        and (left := [_LEFT[how].format(column=column) for column, how in columns.items()])
    ]
    return " UNION ALL ".join(
        [*asked, _rows_of("subject_aliases", f"t.ref NOT LIKE '{NAME_PREFIX}%'")]
    )


def _rows_of(table: str, left: str) -> str:
    columns = Base.metadata.tables[table].columns
    id_ = "t.id::text" if "id" in columns else f"t.{owner_column(table)}::text"
    return (
        f"SELECT '{table}' AS table, {id_} AS id FROM {table} t"  # noqa: S608 - names of our tables
        f" WHERE t.{owner_column(table)} IN ({_GONE}) AND {left}"
    )
