"""Two authorities that are alike, and everything in their tables, our ids and instants aside."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
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


def assert_alike(alone: Sequence[Json], together: Sequence[Json]) -> None:
    """The same answers of two authorities, our ids aside; each id here is one id there."""
    assert [_without_ids(each) for each in alone] == [_without_ids(each) for each in together]
    pairs = {pair for each in zip(alone, together, strict=True) for pair in _pairs(*each)}
    assert len(pairs) == len({left for left, _ in pairs}) == len({right for _, right in pairs})


def _without_ids(answer: Json) -> Json:
    outcomes = [{**each, "gate_id": bool(each["gate_id"])} for each in answer["outcomes"]]
    return {**answer, "event_id": bool(answer["event_id"]), "outcomes": outcomes}


def _pairs(alone: Json, together: Json) -> list[tuple[str, str]]:
    """Our ids of one thing, here and there."""
    gates = zip(alone["outcomes"], together["outcomes"], strict=True)
    ids = [(left["gate_id"], right["gate_id"]) for left, right in gates if left["gate_id"]]
    return [(alone["event_id"], together["event_id"]), *ids]


def everything(
    database: Database, but: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Counter[str]]:
    """Every row of every table, with names in place of ids; by the table."""
    left_out = but or {}

    async def ask(kept: Any) -> dict[str, Counter[str]]:
        names = {row[0]: row[1] for row in await kept.fetch(_NAMES)}
        tables = [row[0] for row in await kept.fetch(_TABLES) if row[0] not in NOT_COMPARED]
        found = {table: Counter[str]() for table in tables}
        for table in tables:
            for row in await kept.fetch(f'SELECT to_jsonb(t)::text FROM "{table}" t'):
                said = orjson.loads(row[0])
                number = said.pop("n") if table == "rollup_deltas" else 1
                found[table][_plain(table, said, names, left_out.get(table, ()))] += number
        return found

    return KEPT.ask(database.migrate_url, ask)


def _plain(table: str, row: Json, names: Mapping[str, str], left_out: Sequence[str]) -> str:
    if table == "events" and row["type"] == "command.run":
        return "a command"
    if table == "rollup_deltas":
        row.pop("id")  # what counts is their sum, however many rows it is made of
    for column in (*_XIDS, *(WHO_SENT if table == "events" else ())):
        row.pop(column, None)
    for column in (*_OURS, *left_out):
        row.pop(column, None)
    written = orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode()
    return _UUID.sub(lambda found: names.get(found.group(), "?"), written)


def differences(
    one: Database, other: Database, but: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """What stands in the one and not in the other, `but` for these columns of these tables."""
    found = []
    left, right = everything(one, but or {}), everything(other, but or {})
    assert left.keys() == right.keys()
    for table, rows in left.items():
        commands = {"a command": max(rows["a command"], right[table]["a command"])}
        for side, more in (("-", rows - right[table]), ("+", right[table] - rows)):
            more -= Counter(commands)
            found += [f"{side} {table} {row}" for row in more.elements()]
    return found
