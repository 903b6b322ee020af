"""The event log and the access log sealed into one chain, and a tree over its seals.

Every event has a seal; of the access log one seal stands for as many lines as came in a few
seconds. Each seal is a hash of what it seals and of the seal before it, so whoever changes, removes
or slips in what is sealed breaks the chain. The tree over the seals is what checkpoints sign:
whoever cuts off the end, or seals it anew, contradicts them (ADR 25).

Each log is sealed in the order of its stamps once no older transaction can still commit, so nothing
is ever sealed out of order and nobody waits for the sealer. The upper bits of a stamp are the
epoch, so what is written after a restore follows all that was restored (ADR 14).
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import insert, text

from qa_api.db import RESTORE_UNTOLD, RestoreUntold
from qa_api.models.events import AccessSeal, EventSeal
from qa_api.work import Work
from qa_api.worker.tree import HASH_BYTES, Tree, leaf_hash

log = logging.getLogger(__name__)

AT_ONCE: Final = 5_000
"""Events sealed in one transaction, and lines of the access log that one seal stands for."""

EVENT_COLUMNS: Final = """event.id, event.xid::text AS xid, event.at, event.type,
    event.principal_id, event.correlation_id, event.about_id, event.subject_id,
    event.data::text AS data"""

LINE_COLUMNS: Final = "line.*, line.detail::text AS detail_said"
"""All that a line says, also in columns that came later."""

_OF_EVERY_LINE: Final = (
    "id",
    "xid",
    "at",
    "principal_id",
    "correlation_id",
    "operation",
    "subject_ids",
    "detail",
    "detail_said",
)


def event_said(previous: str, number: int, event: Mapping[str, Any]) -> bytes:
    """All that an event says, its number and the seal before it; its seal is the hash of this."""
    return orjson.dumps(
        [
            previous,
            number,
            str(event["id"]),
            str(event["xid"]),
            event["at"].isoformat(),
            event["type"],
            str(event["principal_id"]),
            event["correlation_id"],
            str(event["about_id"]),
            str(event["subject_id"]),
            event["data"],
        ],
        option=orjson.OPT_SORT_KEYS,
    )


def chained(previous: str, number: int, event: Mapping[str, Any]) -> str:
    """The hash of one sealed event: of all that it says and of the seal before it."""
    return sha256(event_said(previous, number, event)).hexdigest()


def line_said(line: Mapping[str, Any]) -> bytes:
    """All that one line of the access log says.

    The line's own random id is in it: of a line that went nobody can guess what it said.
    """
    said = [
        str(line["id"]),
        str(line["xid"]),
        line["at"].isoformat(),
        str(line["principal_id"]),
        line["correlation_id"],
        line["operation"],
        [str(subject_id) for subject_id in line["subject_ids"]],
        line["detail_said"],
    ]
    # What later releases add to a line stands behind that; where it says nothing, nothing does.
    said += sorted(
        [name, str(value)]
        for name, value in line.items()
        if name not in _OF_EVERY_LINE and value is not None
    )
    return orjson.dumps(said)


def line_leaf(line: Mapping[str, Any]) -> bytes:
    """The hash of one line of the access log, as it stands in the tree of its seal."""
    return leaf_hash(line_said(line))


def lines_said(previous: str, number: int, seal: Mapping[str, Any]) -> bytes:
    """What a seal of lines says: how many, their root, and the place of the last in the order."""
    return orjson.dumps(
        [
            previous,
            number,
            "access_log",
            seal["lines"],
            seal["root"].hex(),
            str(seal["last_xid"]),
            seal["last_at"].isoformat(),
            str(seal["last_id"]),
        ]
    )


def lines_seal(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The seal of lines that follow each other, without its number."""
    leaves = [line_leaf(line) for line in lines]
    return {
        "lines": len(lines),
        "leaves": b"".join(leaves),
        "root": Tree(leaves).root(),
        "last_xid": int(lines[-1]["xid"]),
        "last_at": lines[-1]["at"],
        "last_id": lines[-1]["id"],
    }


def leaves_of(seal: Mapping[str, Any]) -> list[bytes]:
    """The hash of each line that a seal stands for, in their order."""
    leaves: bytes = seal["leaves"]
    return [leaves[start : start + HASH_BYTES] for start in range(0, len(leaves), HASH_BYTES)]


def seal_leaf(seal_hash: str) -> bytes:
    """The hash of a seal in the tree that checkpoints sign: the entry is the seal's own hash."""
    return leaf_hash(bytes.fromhex(seal_hash))


async def seal_events(work: Work) -> int:
    """Seal the events that have become final since; returns how many that were.

    None after a restore that nobody told: what is written then has no place in the order yet.
    """
    if await _restore_is_untold(work):
        return 0
    found = await work.session.execute(
        _UNSEALED_EVENTS, {**await _last_event(work), "most": AT_ONCE}
    )
    return await _chain_events(work, (dict(row) for row in found.mappings()))


async def _chain_events(work: Work, events: Iterable[Mapping[str, Any]]) -> int:
    number, previous = await _newest(work)
    seals = []
    for event in events:
        number += 1
        previous = chained(previous, number, event)
        seals.append({"number": number, "event_id": event["id"], "hash": previous})
    if seals:
        await work.session.execute(insert(EventSeal), seals)
    return len(seals)


async def seal_reads(work: Work) -> int:
    """Seal the lines of the access log that have become final since; returns how many.

    As with events, none after a restore that nobody told.
    """
    if await _restore_is_untold(work):
        return 0
    place = await _last_line(work)
    await work.session.execute(_BY_THE_INDEX)
    # Straight from the driver: they are as many as there are reads.
    lines = await work.driver.fetch(_UNSEALED_LINES, *place, AT_ONCE)
    if not lines:
        return 0
    number, previous = await _newest(work)
    seal = lines_seal(lines)
    hashed = sha256(lines_said(previous, number + 1, seal)).hexdigest()
    await work.session.execute(
        insert(EventSeal).values(number=number + 1, event_id=None, hash=hashed)
    )
    await work.session.execute(insert(AccessSeal).values(number=number + 1, **seal))
    return len(lines)


async def _last_event(work: Work) -> dict[str, Any]:
    """The place of the event that was sealed last."""
    last = (await work.session.execute(_LAST_EVENT)).one_or_none()
    return {"xid": last.xid, "id": last.id} if last else {"xid": "0", "id": UUID(int=0)}


async def _last_line(work: Work) -> tuple[str, datetime, UUID]:
    """The place of the line of the access log that was sealed last."""
    last = (await work.session.execute(_LAST_LINE)).one_or_none()
    return (last.last_xid, last.last_at, last.last_id) if last else _BEFORE_ALL


async def _restore_is_untold(work: Work) -> bool:
    untold = bool(await work.session.scalar(text(RESTORE_UNTOLD)))
    if untold:
        log.error("nothing is sealed: %s", RestoreUntold())
    return untold


async def _newest(work: Work) -> tuple[int, str]:
    newest = (await work.session.execute(_NEWEST)).one_or_none()
    return (newest.number, newest.hash) if newest else (0, "")


_NEWEST = text("SELECT number, hash FROM event_seals ORDER BY number DESC LIMIT 1")

_LAST_EVENT = text("""
SELECT event.xid::text AS xid, event.id
FROM event_seals seal JOIN events event ON event.id = seal.event_id
WHERE seal.event_id IS NOT NULL
ORDER BY seal.number DESC LIMIT 1
""")

_LAST_LINE = text("""
SELECT last_xid::text AS last_xid, last_at, last_id FROM access_seals ORDER BY number DESC LIMIT 1
""")

_UNSEALED_EVENTS = text(f"""
SELECT {EVENT_COLUMNS} FROM events event
WHERE (event.xid, event.id) > (CAST(:xid AS text)::xid8, :id)
  AND event.xid < (SELECT stamp_of(pg_snapshot_xmin(pg_current_snapshot())))
ORDER BY event.xid, event.id
LIMIT :most
""")  # noqa: S608 - put together from constants of this file

_BEFORE_ALL: Final = ("0", datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))

# Whatever the statistics of a log that grows say, there is one good way to its end.
_BY_THE_INDEX = text("""
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
       set_config('enable_sort', 'off', true)
""")

_UNSEALED_LINES: Final = f"""
SELECT {LINE_COLUMNS} FROM access_log line
WHERE (line.xid, line.at, line.id) > (CAST($1 AS text)::xid8, $2, $3)
  AND line.xid < (SELECT stamp_of(pg_snapshot_xmin(pg_current_snapshot())))
ORDER BY line.xid, line.at, line.id
LIMIT $4
"""  # noqa: S608 - put together from constants of this file
