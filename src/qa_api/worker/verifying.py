"""Checking the event log against its seals and its checkpoints: `qa-api verify`."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import asyncpg

from qa_api.worker.sealing import EVENT_COLUMNS, Checkpoint, chained

_SEALED: Final = f"""
SELECT seal.number, seal.event_id, seal.hash, {EVENT_COLUMNS}
FROM event_seals seal LEFT JOIN events event ON event.id = seal.event_id
ORDER BY seal.number
"""  # noqa: S608 - put together from constants

_SLIPPED_IN: Final = """
SELECT event.id FROM events event
WHERE NOT EXISTS (SELECT FROM event_seals seal WHERE seal.event_id = event.id)
  AND (event.xid, event.id) < (
      SELECT last.xid, last.id FROM event_seals seal JOIN events last ON last.id = seal.event_id
      ORDER BY seal.number DESC LIMIT 1)
ORDER BY event.xid, event.id LIMIT 1
"""


class LogBroken(Exception):
    """The event log is not what was sealed; the message names the first bad row."""


async def verify_log(
    connection: "asyncpg.Connection[asyncpg.Record]", checkpoints: list[Checkpoint]
) -> int:
    """Go through the whole log; returns how many seals hold, or raises LogBroken."""
    expected = {checkpoint.number: checkpoint for checkpoint in checkpoints}
    number, previous = 0, ""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for seal in _rows(connection):
            number += 1
            previous = _check(seal, number, previous, expected.get(number))
        if (slipped_in := await connection.fetchval(_SLIPPED_IN)) is not None:
            raise LogBroken(f"event {slipped_in} was put in behind the seal")
    if cut_off := min((at for at in expected if at > number), default=None):
        raise LogBroken(
            f"the log ends at seal {number}, but seal {cut_off} "
            f"(event {expected[cut_off].event_id}) is in the checkpoints"
        )
    return number


def _check(
    seal: Mapping[str, Any], number: int, previous: str, checkpoint: Checkpoint | None
) -> str:
    if seal["number"] != number:
        raise LogBroken(f"seal {number} is missing")
    if seal["id"] is None:
        raise LogBroken(f"event {seal['event_id']} (seal {number}) is missing")
    hashed = chained(previous, number, seal)
    if hashed != seal["hash"]:
        raise LogBroken(f"event {seal['id']} (seal {number}) was changed")
    if checkpoint is not None and checkpoint.hash != hashed:
        raise LogBroken(f"event {seal['id']} (seal {number}) differs from its checkpoint")
    return hashed


async def _rows(
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> AsyncIterator[Mapping[str, Any]]:
    async for row in connection.cursor(_SEALED, prefetch=1_000):
        yield row
