"""Whose record's time came, and that nothing of them is left anywhere in the database (X4)."""

import re
from typing import Final
from uuid import UUID

from qa_api.models import Base
from tests.conftest import Database
from tests.kept import KEPT, Connection

GONE: Final = "nothing names who was removed"
_GOING: Final = """
SELECT i.subject_id, a.ref FROM retention_items i
JOIN retention_runs r ON r.id = i.run_id AND r.state = 'approved'
JOIN subject_aliases a ON a.subject_id = i.subject_id
WHERE i.outcome IS NULL
"""
_WENT: Final = """
SELECT DISTINCT subject_id FROM retention_items
WHERE outcome = 'removed' AND subject_id = ANY ($1)
"""


class Gone:
    """The names of those whose records are about to go, and of those whose went."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: dict[UUID, set[str]] = {}
        self._found_gone: set[UUID] = set()

    def look(self) -> None:
        """Write down whose records the worker may remove now, and what they are called."""
        for row in KEPT.ask(self._database.migrate_url, lambda kept: kept.fetch(_GOING)):
            self._names.setdefault(row["subject_id"], set()).add(row["ref"])

    def left(self) -> tuple[str, ...]:
        """Where a name of somebody whose record went still stands."""
        if not self._names:
            return ()
        return KEPT.ask(self._database.migrate_url, self._look_through)

    async def _look_through(self, kept: Connection) -> tuple[str, ...]:
        rows = await kept.fetch(_WENT, list(self._names))
        self._found_gone |= {row["subject_id"] for row in rows}
        names = {name for each in self._found_gone for name in self._names[each]}
        if not names:
            return ()
        whole = "|".join(re.escape(name) for name in sorted(names))
        question = " UNION ALL ".join(
            f"SELECT '{table}' AS name, count(*) AS many FROM {table} t WHERE t::text ~ $1"
            for table in Base.metadata.tables
        )
        found = await kept.fetch(question, f"(^|[^A-Za-z0-9-])({whole})($|[^A-Za-z0-9-])")
        return tuple(f"{row['name']} ({row['many']})" for row in found if row["many"])
