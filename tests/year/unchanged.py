"""Nothing that was settled changed: what stood when it was looked at last stands as it did."""

from functools import cache
from typing import Final

from qa_api.models import Base
from qa_api.models.frozen import FROZEN, Frozen
from tests.conftest import Database
from tests.kept import KEPT

UNCHANGED: Final = "nothing settled changed"


class Settled:
    """What stands, by entry of `models/frozen` and row, as a digest of the columns that stand."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[str, str], str] = {}

    def changed(self) -> tuple[str, ...]:
        """The rows that do not say what they said; from here on, what they say now is known."""
        url = self._database.migrate_url
        rows = KEPT.ask(url, lambda kept: kept.fetch(_what_stands()))
        now = {(row["entry"], row["id"]): row["said"] for row in rows}
        before, self._known = self._known, now
        found = (key for key, said in now.items() if before.get(key, said) != said)
        return tuple(sorted(f"{entry} {id_}" for entry, id_ in found))


@cache
def _what_stands() -> str:
    """Of every entry that nothing may ever change: its rows that stand, each with a digest."""
    return " UNION ALL ".join(_rows_of(entry) for entry in FROZEN if _is_for_ever(entry))


def _is_for_ever(entry: object) -> bool:
    return (
        isinstance(entry, Frozen)
        and not entry.unless
        and not entry.witness
        and "NEW." not in entry.since
        and "id" in Base.metadata.tables[entry.table].columns
    )


def _rows_of(entry: object) -> str:
    assert isinstance(entry, Frozen)
    columns = ", ".join(f"OLD.{each}" for each in entry.columns.split())
    since = f" WHERE {entry.since}" if entry.since else ""
    return (
        f"SELECT '{entry.table}.{entry.what}' AS entry, OLD.id::text AS id,"
        f" md5(ROW({columns})::text) AS said FROM {entry.table} AS old{since}"
    )
