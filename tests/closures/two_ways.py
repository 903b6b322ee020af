"""Two authorities that are alike, and everything in their tables, our ids and instants aside."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import orjson

from tests.api import Json
from tests.conftest import Database
from tests.kept import KEPT, Connection

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


Row = tuple[str, str, str]
"""A row as one transaction left it: its table, its place there, and that transaction."""


class Read:
    """What was read of a database: a row that nobody has written since is not read again.

    Whoever compares after each of a thousand stories would read those before it a thousand times.
    """

    def __init__(self, left_out: Mapping[str, Sequence[str]]) -> None:
        self._left_out = left_out
        self._names: dict[str, str] = {}
        self._said: dict[Row, tuple[str, int]] = {}
        """With our ids, and how often it counts."""
        self._naming: defaultdict[str, set[Row]] = defaultdict(set)
        """Where an id of ours stands."""
        self._plain: dict[Row, str] = {}
        self.found: dict[str, Counter[str]] = {}

    async def again(self, kept: Connection) -> None:
        """See what was written, what has gone, and what is called otherwise by now."""
        async with kept.transaction(isolation="repeatable_read", readonly=True):
            names = {row[0]: row[1] for row in await kept.fetch(_NAMES)}
            tables = [row[0] for row in await kept.fetch(_TABLES) if row[0] not in NOT_COMPARED]
            there = {(row[0], row[1], row[2]) for row in await kept.fetch(_places(tables))}
            new = there - self._said.keys()
            self.found |= {table: Counter() for table in tables if table not in self.found}
            for row in self._said.keys() - there:
                self._forget(row)
            for table in {row[0] for row in new}:
                places = [place for of, place, _ in new if of == table]
                for place, by, said in await kept.fetch(_WRITTEN.format(table), places):
                    self._note((table, place, by), orjson.loads(said))
        otherwise = {id_ for id_, _ in names.items() ^ self._names.items()}
        self._names = names
        for row in new | {row for id_ in otherwise for row in self._naming.get(id_, ())}:
            self._call(row)

    def _note(self, row: Row, said: Json) -> None:
        number = said.pop("n") if row[0] == "rollup_deltas" else 1
        written = _without_ours(row[0], said, self._left_out.get(row[0], ()))
        self._said[row] = written, number
        for id_ in _UUID.findall(written):
            self._naming[id_].add(row)

    def _call(self, row: Row) -> None:
        """Put it into words that are the same in both, by the names there are."""
        table, (written, number) = row[0], self._said[row]
        if row in self._plain:
            self.found[table][self._plain[row]] -= number
        self._plain[row] = _UUID.sub(lambda id_: self._names.get(id_.group(), "?"), written)
        self.found[table][self._plain[row]] += number

    def _forget(self, row: Row) -> None:
        written, number = self._said.pop(row)
        self.found[row[0]][self._plain.pop(row)] -= number
        for id_ in _UUID.findall(written):
            self._naming[id_].discard(row)


_READ: dict[tuple[str, str], Read] = {}
"""By the database, and by what is left out."""


def everything(
    database: Database, but: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Counter[str]]:
    """Every row of every table, with names in place of ids; by the table."""
    asked = database.migrate_url, repr(but or {})
    read = _READ.setdefault(asked, Read(but or {}))
    KEPT.ask(database.migrate_url, read.again)
    return {
        table: Counter({row: number for row, number in rows.items() if number})
        for table, rows in read.found.items()
    }


def _places(tables: Sequence[str]) -> str:
    """Where every row of these tables is, and who wrote it."""
    each = "SELECT '{0}', ctid::text, xmin::text FROM \"{0}\""
    return " UNION ALL ".join(each.format(table) for table in tables)


_WRITTEN = """
SELECT ctid::text, xmin::text, to_jsonb(t)::text FROM "{}" t WHERE ctid = ANY ($1::text[]::tid[])
"""


def _without_ours(table: str, row: Json, left_out: Sequence[str]) -> str:
    if table == "events" and row["type"] == "command.run":
        return "a command"
    if table == "rollup_deltas":
        row.pop("id")  # what counts is their sum, however many rows it is made of
    for column in (*_XIDS, *(WHO_SENT if table == "events" else ())):
        row.pop(column, None)
    for column in (*_OURS, *left_out):
        row.pop(column, None)
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode()


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
