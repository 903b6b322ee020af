"""Checking both logs against their seals and the seals against checkpoints: `qa-api verify`.

One pass over the seals, beside it one over the lines of the access log. Nothing that the database
computes is believed: every hash is made again here. Nothing that is judged stands in a table with
row-level security: what it hid from the role that looks would seem not to be there.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from qa_api.db import RESTORE_UNTOLD, RestoreUntold
from qa_api.rules.unchanging import Unchanging
from qa_api.worker.checkpoints import Checkpoint, standing
from qa_api.worker.sealing import (
    EVENT_COLUMNS,
    LINE_COLUMNS,
    event_said,
    leaves_of,
    line_leaf,
    lines_said,
    seal_leaf,
)
from qa_api.worker.tree import Tree

RESTORED_WITHOUT_CHECKPOINTS: Final = (
    "after a restore, run `qa-api restored` with QA_CHECKPOINT_FILE and QA_CHECKPOINT_KEY"
)

Row = Mapping[str, Any]

_SEALED: Final = f"""
SELECT seal.number, seal.event_id, seal.hash, {EVENT_COLUMNS},
       lines.lines, lines.root, lines.leaves, lines.last_xid::text AS last_xid, lines.last_at,
       lines.last_id
FROM event_seals seal
LEFT JOIN events event ON event.id = seal.event_id
LEFT JOIN access_seals lines ON lines.number = seal.number
ORDER BY seal.number
"""  # noqa: S608 - put together from constants

_LINES: Final = f"""
SELECT {LINE_COLUMNS} FROM access_log line ORDER BY line.xid, line.at, line.id
"""  # noqa: S608 - put together from constants

_SLIPPED_IN: Final = """
SELECT event.id FROM events event
WHERE NOT EXISTS (SELECT FROM event_seals seal WHERE seal.event_id = event.id)
  AND (event.xid, event.id) < (
      SELECT last.xid, last.id FROM event_seals seal JOIN events last ON last.id = seal.event_id
      ORDER BY seal.number DESC LIMIT 1)
ORDER BY event.xid, event.id LIMIT 1
"""

_REMOVALS: Final = """
SELECT item_id, number, places FROM access_removals ORDER BY item_id, number
"""

# For the report alone, and read by the service's reach: row-level security hides items.
_MONTHS: Final = "SELECT id, month FROM retention_items WHERE month IS NOT NULL"
_REACH: Final = "SELECT set_config('qa.reach', 'service', true)"

_TOLD: Final = """
SELECT about_id, data ->> 'places' AS places FROM events
WHERE type = 'retention.content_removed' AND data ->> 'places' IS NOT NULL
"""

_UNSEALED: Final = """
SELECT count(*) AS count, min(at) AS since FROM (
    SELECT event.at FROM events event
    WHERE NOT EXISTS (SELECT FROM event_seals seal WHERE seal.event_id = event.id)
    UNION ALL
    SELECT line.at FROM access_log line
    WHERE ((line.xid, line.at, line.id) <= (
        SELECT last_xid, last_at, last_id FROM access_seals ORDER BY number DESC LIMIT 1
    )) IS NOT TRUE
) waits
"""

SEALED_WITHIN: Final = timedelta(minutes=15)
"""What is older and in no seal is a fault: the worker seals within seconds."""
SIGNED_WITHIN: Final = timedelta(minutes=70)
"""So much later than the newest checkpoint no seal is: one comes at least every hour."""

_UNLESS_RESTORED: Final = (
    "unless the database was restored from a dump and `qa-api restored` never run"
)


class LogBroken(Exception):
    """A log is not what was sealed; the message names the first bad row."""


class Whole(Unchanging):
    """What a check that found no fault went through."""

    seals: int
    lines: int
    """Lines of the access log that stand as they were sealed."""
    removed: Mapping[str, int]
    """How many lines went under which item of a retention run."""
    newest_at: datetime | None
    """When the newest that is sealed happened; None where nothing is."""
    unsealed: int
    """Events and lines that are in no seal yet."""
    unsealed_since: datetime | None
    """When the oldest of them happened."""

    def waits_too_long(self, now: datetime) -> str | None:
        """Events or lines that should be sealed and are not."""
        if self.unsealed_since is None or now - self.unsealed_since <= SEALED_WITHIN:
            return None
        return (
            f"{self.unsealed} events and lines are in no seal, the oldest since"
            f" {self.unsealed_since:%Y-%m-%d %H:%M} UTC: see whether the worker runs, and which"
            " transaction is open so long (pg_stat_activity, backend_xid)"
        )

    def unsigned(self, newest: Checkpoint | None) -> str | None:
        """Why the checkpoints cannot be all that were signed, if so; the newest of the files."""
        if self.newest_at is None:
            return None
        if newest is None:
            return (
                f"the file of checkpoints holds none, and the log has {self.seals} seals: put back"
                " a copy, such as the witness's"
            )
        if self.newest_at - datetime.fromisoformat(newest.at) > SIGNED_WITHIN:
            return (
                f"the checkpoints end at seal {newest.number} ({newest.at}), and the log goes on to"
                f" seal {self.seals} ({self.newest_at.isoformat()}): the file was cut, or nobody"
                " signs; put back a copy, such as the witness's"
            )
        return None


@dataclass(slots=True)
class _Reads:
    """The lines of the access log, taken in their order, and what retention has taken out."""

    lines: AsyncIterator[Row]
    places: Mapping[int, frozenset[int]]
    """Of each seal the places that are empty, counted from 1."""
    untold: bool
    """Whether lines stand between these that were written after a restore nobody told."""
    next: Row | None = None
    count: int = 0

    async def advance(self) -> None:
        """Go to the next line."""
        self.next = await anext(self.lines, None)

    async def up_to(self, place: tuple[int, Any, Any]) -> list[Row]:
        """The lines up to a place in their order."""
        found = []
        while self.next is not None and _place(self.next) <= place:
            found.append(self.next)
            await self.advance()
        return found


async def verify_log(connection: Any, checkpoints: Sequence[Checkpoint]) -> Whole:
    """Go through both logs.

    Raises LogBroken, or RestoreUntold where what is new stands before what is older. `connection`
    is asyncpg's.
    """
    expected: dict[int, list[Checkpoint]] = {}
    for checkpoint in standing(checkpoints):
        expected.setdefault(checkpoint.number, []).append(checkpoint)
    chain = _Chain(expected)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        places, removed = await _removals(connection)
        async with (
            aclosing(_rows(connection, _LINES)) as lines,
            aclosing(_rows(connection, _SEALED)) as seals,
        ):
            untold = await connection.fetchval(RESTORE_UNTOLD)
            reads = _Reads(lines, places, untold)
            await reads.advance()
            async for seal in seals:
                chain.check_number(seal)
                chain.newest_at = seal["last_at"] or seal["at"]
                if seal["event_id"] is None:
                    await _check_lines(seal, chain, reads)
                else:
                    _check_event(seal, chain)
        if untold:
            raise RestoreUntold
        if (slipped_in := await connection.fetchval(_SLIPPED_IN)) is not None:
            raise LogBroken(f"event {slipped_in} was put in behind the seal, {_UNLESS_RESTORED}")
        waits = await connection.fetchrow(_UNSEALED)
    if cut_off := min((at for at in expected if at > chain.number), default=None):
        raise LogBroken(
            f"the log ends at seal {chain.number}, but seal {cut_off} is in the checkpoints;"
            f" {RESTORED_WITHOUT_CHECKPOINTS}"
        )
    return Whole(
        chain.number, reads.count, removed, chain.newest_at, waits["count"], waits["since"]
    )


@dataclass(slots=True)
class _Chain:
    """How far the check has come."""

    expected: Mapping[int, list[Checkpoint]]
    number: int = 0
    hash: str = ""
    tree: Tree = field(default_factory=Tree)
    newest_at: datetime | None = None

    def check_number(self, seal: Row) -> None:
        """No seal is left out."""
        if seal["number"] != self.number + 1:
            raise LogBroken(f"seal {self.number + 1} is missing")

    def go_on(self, seal: Row, said: bytes, what: str) -> None:
        """The seal is the hash of what is sealed, and agrees with the checkpoints of its number."""
        self.number += 1
        hashed = sha256(said).hexdigest()
        if hashed != seal["hash"]:
            raise LogBroken(f"{what} (seal {self.number}) was changed")
        self.hash = hashed
        self.tree.append(seal_leaf(hashed))
        for checkpoint in self.expected.get(self.number, ()):
            if checkpoint.hash != (hashed if checkpoint.former else self.tree.root().hex()):
                raise LogBroken(f"{what} (seal {self.number}) differs from its checkpoint")


def _check_event(seal: Row, chain: _Chain) -> None:
    number = chain.number + 1
    if seal["id"] is None:
        raise LogBroken(f"event {seal['event_id']} (seal {number}) is missing")
    chain.go_on(seal, event_said(chain.hash, number, seal), f"event {seal['id']}")


async def _check_lines(seal: Row, chain: _Chain, reads: _Reads) -> None:
    """The lines behind a seal stand as they did, but for those that retention took out."""
    number = chain.number + 1
    if seal["lines"] is None:
        raise LogBroken(f"what seal {number} stands for is missing")
    leaves = leaves_of(seal)
    if len(leaves) != seal["lines"] or Tree(leaves).root() != seal["root"]:
        raise LogBroken(f"seal {number} of the access log was changed")
    chain.go_on(seal, lines_said(chain.hash, number, seal), "the access log")
    gone = reads.places.get(number, frozenset())
    awaited = [leaf for place, leaf in enumerate(leaves, start=1) if place not in gone]
    found = await reads.up_to((int(seal["last_xid"]), seal["last_at"], seal["last_id"]))
    if reads.untold:
        found = [line for line in found if line_leaf(line) in leaves]
    hashes = [line_leaf(line) for line in found]
    if hashes != awaited:
        raise LogBroken(_what_is_wrong(number, leaves, gone, found, hashes))
    reads.count += len(found)


def _what_is_wrong(
    number: int,
    leaves: Sequence[bytes],
    gone: frozenset[int],
    found: Sequence[Row],
    hashes: Sequence[bytes],
) -> str:
    there, sealed = set(hashes), set(leaves)
    missing = [
        place
        for place, leaf in enumerate(leaves, start=1)
        if place not in gone and leaf not in there
    ]
    strange = [line for line, leaf in zip(found, hashes, strict=True) if leaf not in sealed]
    if strange and missing:
        return f"line {strange[0]['id']} of the access log (seal {number}) was changed"
    if strange:
        return (
            f"line {strange[0]['id']} of the access log was put in behind seal {number},"
            f" {_UNLESS_RESTORED}"
        )
    if missing:
        return f"line {missing[0]} behind seal {number} of the access log is missing"
    return f"lines behind seal {number} of the access log are back that had been removed"


async def _removals(connection: Any) -> tuple[dict[int, frozenset[int]], dict[str, int]]:
    """The places that lines were taken from, and how many by item; each as its event tells it."""
    told = {row["about_id"]: row["places"] for row in await connection.fetch(_TOLD)}
    places: dict[int, frozenset[int]] = {}
    by_item: dict[Any, list[str]] = {}
    counted: dict[str, int] = {}
    await connection.execute(_REACH)
    months = {row["id"]: row["month"] for row in await connection.fetch(_MONTHS)}
    async for row in _rows(connection, _REMOVALS):
        before = places.get(row["number"], frozenset())
        if before & set(row["places"]):
            raise LogBroken(f"lines behind seal {row['number']} are said to be removed twice")
        places[row["number"]] = before | set(row["places"])
        written = ",".join(str(place) for place in row["places"])
        by_item.setdefault(row["item_id"], []).append(f"{row['number']}:{written}")
        what = _what_went(row["item_id"], months)
        counted[what] = counted.get(what, 0) + len(row["places"])
    for item_id, listed in by_item.items():
        if told.pop(item_id, None) != sha256(";".join(listed).encode()).hexdigest():
            raise LogBroken(f"no event tells that item {item_id} of a retention run took lines out")
    if told:
        raise LogBroken(f"what item {min(told)} of a retention run took out is not on record")
    return places, counted


def _what_went(item_id: Any, months: Mapping[Any, Any]) -> str:
    month = months.get(item_id)
    return f"{month:%B %Y}, item {item_id}" if month else f"item {item_id}"


def _place(line: Row) -> tuple[int, Any, Any]:
    return int(line["xid"]), line["at"], line["id"]


async def _rows(connection: Any, question: str) -> AsyncGenerator[Row, None]:
    async for row in connection.cursor(question, prefetch=1_000):
        yield row
