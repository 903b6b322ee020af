"""Of whom something was recorded since it was asked last: others' gates are as they were."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from tests.conftest import Database
from tests.kept import KEPT

_SINCE: Final = """
SELECT DISTINCT subject_id FROM events WHERE subject_id IS NOT NULL AND xid >= $1::text::xid8
"""
_NOW: Final = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"


class Happened:
    """Knows up to which transaction it was asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._from = "0"

    def to_whom(self) -> Collection[UUID]:
        """The people whom an event was about since, whoever took part in it."""
        url, since = self._database.migrate_url, self._from
        rows = KEPT.ask(url, lambda kept: kept.fetch(_SINCE, since))
        self._from = KEPT.ask(url, lambda kept: kept.fetchval(_NOW))
        return {row["subject_id"] for row in rows}
