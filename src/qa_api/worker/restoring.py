"""What a restore needs to be told: `qa-api restored` (ADR 14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from qa_api import clock
from qa_api.worker.sealing import Checkpoint, Checkpoints
from qa_api.worker.verifying import Loss, losses, standing

_HASH: Final = "SELECT hash FROM event_seals WHERE number = $1"
_BEGUN_AFTER: Final = """
SELECT seal.number, seal.event_id::text, seal.hash
FROM epochs JOIN event_seals seal ON seal.number = epochs.last_seal
WHERE seal.number >= $1 ORDER BY {order} LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Begun:
    """The epoch that began, after which seal, and what the checkpoints knew beyond it."""

    epoch: int
    last_seal: int
    loss: Loss | None


async def begin_epoch(
    connection: "asyncpg.Connection[asyncpg.Record]", checkpoints: Checkpoints | None
) -> Begun:
    """Begin an epoch, as the owner: whatever is written from now on follows all that was restored.

    With checkpoints, signs up to which seal the log is as they knew it, so that what a restore lost
    is known for lost, and nobody without the secret can cut the log off and call it a restore.
    Raises CheckpointForged; asyncpg's LockNotAvailableError while others write.
    """
    known = checkpoints.read() if checkpoints else []
    above = max((checkpoint.epoch for checkpoint in known), default=0)
    async with connection.transaction():
        epoch = await connection.fetchval("SELECT begin_epoch($1)", above)
        last = await connection.fetchval("SELECT last_seal FROM epochs WHERE number = $1", epoch)
        number, event_id, hashed = await _goes_on_from(connection, standing(known))
        signed = Checkpoint(number, event_id, hashed, clock.now().isoformat(), epoch)
        # Before the commit: an epoch too many in the file does no harm, one too few would.
        if checkpoints:
            checkpoints.append(signed)
    lost = [loss for loss in losses([*known, signed]) if loss.epoch == epoch]
    return Begun(epoch, last, lost[0] if lost else None)


async def _goes_on_from(
    connection: "asyncpg.Connection[asyncpg.Record]", known: Sequence[Checkpoint]
) -> Any:
    """The seal that the log goes on from: its newest, unless it left what was known before that.

    Then it is where the first epoch began after the last checkpoint that the log agrees with.
    """
    agreed, left = 0, False
    for checkpoint in known:
        held = await connection.fetchval(_HASH, checkpoint.number)
        if checkpoint.number and held != checkpoint.hash:
            left = True
            break
        agreed = checkpoint.number
    question = _BEGUN_AFTER.format(order="seal.number" if left else "seal.number DESC")
    return await connection.fetchrow(question, agreed) or (0, "", "")
