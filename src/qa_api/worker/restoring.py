"""The command after a restore, `qa-api restored`, and what it must know (ADR 14)."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg

from qa_api import clock
from qa_api.rules.unchanging import Unchanging
from qa_api.worker.checkpoints import Checkpoint, Checkpoints, Loss, losses, standing
from qa_api.worker.sealing import LINE_COLUMNS, line_leaf, seal_leaf
from qa_api.worker.tree import EMPTY, HASH_BYTES, Tree

_BEGUN_AFTER: Final = "SELECT last_seal FROM epochs ORDER BY last_seal"
_SEALS: Final = "SELECT number, hash FROM event_seals ORDER BY number"
_LINE_SEALS: Final = """
SELECT leaves, last_xid::text AS last_xid, last_at, last_id FROM access_seals ORDER BY number
"""
_LINES: Final = f"""
SELECT {LINE_COLUMNS} FROM access_log line ORDER BY line.xid, line.at, line.id
"""  # noqa: S608 - put together from constants


class Begun(Unchanging):
    """The epoch that began, after which seal, and what the checkpoints knew beyond it."""

    epoch: int
    last_seal: int
    loss: Loss | None


async def begin_epoch(
    connection: "asyncpg.Connection[asyncpg.Record]", checkpoints: Checkpoints | None
) -> Begun:
    """Begin an epoch, as the owner: whatever is written from now on follows all that was restored.

    With checkpoints, signs up to which seal the log is as they knew it, so that what a restore lost
    is known for lost, and nobody without the key can cut the log off and call it a restore.
    Raises CheckpointForged; asyncpg's LockNotAvailableError while others write.
    """
    known = checkpoints.read() if checkpoints else []
    above = max((checkpoint.epoch for checkpoint in known), default=0)
    async with connection.transaction():
        epoch = await connection.fetchval("SELECT begin_epoch($1)", above)
        last = await connection.fetchval("SELECT last_seal FROM epochs WHERE number = $1", epoch)
        await _stamp_anew(connection, await _unsealed(connection))
        begun_after = [row[0] for row in await connection.fetch(_BEGUN_AFTER)]
        log = await _log_at(connection, {*(one.number for one in known), *begun_after})
        number = _goes_on_from(log, standing(known), begun_after)
        signed = Checkpoint(number, log[number].root, clock.now().isoformat(), epoch)
        # Before the commit: an epoch too many in the file does no harm, one too few would.
        if checkpoints:
            checkpoints.append(signed)
    lost = [loss for loss in losses([*known, signed]) if loss.epoch == epoch]
    return Begun(epoch, last, lost[0] if lost else None)


class _At(Unchanging):
    """What the log was at a seal: that seal's hash, and the root over all up to it."""

    hash: str
    root: str

    def agrees(self, checkpoint: Checkpoint) -> bool:
        """Whether a checkpoint of that seal says so."""
        return checkpoint.hash == (self.hash if checkpoint.former else self.root)


async def _log_at(connection: Any, numbers: Iterable[int]) -> dict[int, _At]:
    """What the log was at each of these seals, as far as it has them."""
    wanted, tree = set(numbers), Tree()
    found = {0: _At("", EMPTY.hex())}
    async for row in connection.cursor(_SEALS, prefetch=1_000):
        tree.append(seal_leaf(row["hash"]))
        if row["number"] in wanted:
            found[row["number"]] = _At(row["hash"], tree.root().hex())
    return found


def _goes_on_from(
    log: Mapping[int, _At], known: Sequence[Checkpoint], begun_after: Sequence[int]
) -> int:
    """The seal that the log goes on from: its newest, unless it left what was known before that.

    Then it is where the first epoch began after the last checkpoint that the log agrees with.
    """
    agreed = 0
    for checkpoint in known:
        there = log.get(checkpoint.number)
        if checkpoint.number and (there is None or not there.agrees(checkpoint)):
            return next(number for number in begun_after if number >= agreed)
        agreed = checkpoint.number
    return begun_after[-1]


async def _unsealed(connection: Any) -> list[UUID]:
    """The lines of the access log that stand where a seal is, and that it does not know.

    They were written after the restore, with stamps below those that were restored.
    """
    found: list[UUID] = []
    lines = _rows(connection, _LINES)
    line = await anext(lines, None)
    async for seal in _rows(connection, _LINE_SEALS):
        last = (int(seal["last_xid"]), seal["last_at"], seal["last_id"])
        leaves = seal["leaves"]
        sealed = {leaves[at : at + HASH_BYTES] for at in range(0, len(leaves), HASH_BYTES)}
        while line is not None and (int(line["xid"]), line["at"], line["id"]) <= last:
            if line_leaf(line) not in sealed:
                found.append(line["id"])
            line = await anext(lines, None)
    return found


async def _stamp_anew(connection: Any, line_ids: Sequence[UUID]) -> None:
    if not line_ids:
        return
    await connection.execute("ALTER TABLE access_log DISABLE TRIGGER USER")
    await connection.execute(
        "UPDATE access_log SET xid = stamp_of(xid) WHERE id = ANY ($1)", line_ids
    )
    await connection.execute("ALTER TABLE access_log ENABLE TRIGGER USER")


async def _rows(connection: Any, question: str) -> AsyncGenerator[Mapping[str, Any], None]:
    async for row in connection.cursor(question, prefetch=1_000):
        yield row
