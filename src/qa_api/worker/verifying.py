"""Checking the event log against its seals and its checkpoints: `qa-api verify`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import asyncpg

from qa_api.db import RESTORE_UNTOLD, RestoreUntold
from qa_api.worker.sealing import (
    EVENT_COLUMNS,
    RESTORED_WITHOUT_CHECKPOINTS,
    Checkpoint,
    chained,
)

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


@dataclass(frozen=True, slots=True)
class Loss:
    """What a restore lost: the seals after `kept` up to `lost`, which no dump held."""

    epoch: int
    """The epoch that began with the restore."""
    kept: int
    lost: int


def standing(checkpoints: Sequence[Checkpoint]) -> list[Checkpoint]:
    """Those that the log must agree with: not those of seals that a later line says were lost."""
    found: list[Checkpoint] = []
    for line in checkpoints:
        if found and line.epoch > found[-1].epoch:
            found = [earlier for earlier in found if earlier.number <= line.number]
        found.append(line)
    return found


def losses(checkpoints: Sequence[Checkpoint]) -> list[Loss]:
    """The restores after which the log was shorter than the file had seen it, oldest first."""
    return [
        Loss(line.epoch, line.number, before.number)
        for before, line in pairwise(checkpoints)
        if line.epoch > before.epoch and line.number < before.number
    ]


async def verify_log(
    connection: "asyncpg.Connection[asyncpg.Record]", checkpoints: list[Checkpoint]
) -> int:
    """Go through the whole log; returns how many seals hold.

    Raises LogBroken, or RestoreUntold where new events stand before older ones.
    """
    expected = {checkpoint.number: checkpoint for checkpoint in standing(checkpoints)}
    number, previous = 0, ""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for seal in _rows(connection):
            number += 1
            previous = _check(seal, number, previous, expected.get(number))
        if await connection.fetchval(RESTORE_UNTOLD):
            raise RestoreUntold
        if (slipped_in := await connection.fetchval(_SLIPPED_IN)) is not None:
            raise LogBroken(
                f"event {slipped_in} was put in behind the seal, unless the database was restored "
                "from a dump and `qa-api restored` never run"
            )
    if cut_off := min((at for at in expected if at > number), default=None):
        raise LogBroken(
            f"the log ends at seal {number}, but seal {cut_off} "
            f"(event {expected[cut_off].event_id}) is in the checkpoints; "
            f"{RESTORED_WITHOUT_CHECKPOINTS}"
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
