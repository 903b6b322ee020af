"""Two authorities that are alike, and everything in their tables, our ids and instants aside."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

from tests.api import Json
from tests.conftest import Database
from tests.kept import KEPT

NOT_COMPARED = frozenset(
    {
        "access_log",  # whoever reads
        "alembic_version",
        "idempotency_keys",
        "rollups",  # sums of the deltas, made when the worker comes by
    }
)
"""What says nothing of the events, or something of who sent them."""
WHO_SENT = ("principal_id", "correlation_id")
_XIDS = ("changed_xid", "left_xid", "named_xid", "xid")
_OURS = ("at", "received_at", "opened_at", "first_told_at", "changed_at")
"""Instants of our own clock."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NAMES = """
SELECT id::text, 'event ' || event_id AS name FROM case_events
UNION ALL SELECT id::text, 'person ' || ref FROM subjects WHERE merged_into_id IS NULL
UNION ALL SELECT g.id::text, 'gate of ' || e.event_id || ' ' || s.ref FROM closure_gates g
    JOIN case_events e ON e.id = g.opened_by_event JOIN subjects s ON s.id = g.subject_id
"""
_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = 'public' ORDER BY 1
"""


def everything(database: Database) -> dict[str, Counter[str]]:
    """Every row of every table, with names in place of ids; by the table."""

    async def ask(kept: Any) -> dict[str, Counter[str]]:
        names = {row[0]: row[1] for row in await kept.fetch(_NAMES)}
        tables = [row[0] for row in await kept.fetch(_TABLES)]
        return {
            table: Counter(
                _plain(table, orjson.loads(row[0]), names)
                for row in await kept.fetch(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            )
            for table in tables
            if table not in NOT_COMPARED
        }

    return KEPT.ask(database.migrate_url, ask)


def _plain(table: str, row: Json, names: Mapping[str, str]) -> str:
    if table == "events" and row["type"] == "command.run":
        return "a command"
    if table == "rollup_deltas":
        row.pop("id")  # of several rows that are handed on together, in whatever order
    for column in (*_XIDS, *(WHO_SENT if table == "events" else ())):
        row.pop(column, None)
    for column in _OURS:
        row.pop(column, None)
    written = orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode()
    return _UUID.sub(lambda found: names.get(found.group(), "?"), written)


def differences(one: Database, other: Database) -> list[str]:
    """What stands in the one and not in the other."""
    found = []
    left, right = everything(one), everything(other)
    assert left.keys() == right.keys()
    for table, rows in left.items():
        commands = {"a command": max(rows["a command"], right[table]["a command"])}
        for side, more in (("-", rows - right[table]), ("+", right[table] - rows)):
            more -= Counter(commands)
            found += [f"{side} {table} {row}" for row in more.elements()]
    return found
