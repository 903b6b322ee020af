"""Sealing within seconds, signing what the log looks like, and telling it to the witnesses.

Beside the sweep, since a log is the harder to forge the sooner it is out of the forger's reach.
A checkpoint is no event: it is on no log, and makes no seal due.
"""

import asyncio
import logging
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, literal, select, text
from sqlalchemy.dialects.postgresql import insert

from qa_api.attempts import name_of
from qa_api.db import OLDEST_UNSEALED, RESTORE_UNTOLD
from qa_api.models.deliveries import WebhookEndpoint
from qa_api.models.events import CheckpointReceipt
from qa_api.rules.deliveries import Meaning
from qa_api.webhooks.schemas import CHECKPOINTS
from qa_api.webhooks.signing import signing_secrets
from qa_api.work import Work, Workshop
from qa_api.worker.checkpoints import Checkpoint, CheckpointForged, Checkpoints
from qa_api.worker.sealing import AT_ONCE, seal_events, seal_leaf, seal_reads
from qa_api.worker.sending import Sender
from qa_api.worker.sweep import do_alone
from qa_api.worker.tree import Tree
from qa_api.worker.verifying import RESTORED_WITHOUT_CHECKPOINTS

log = logging.getLogger(__name__)

EVERY: Final = 5.0
"""Seconds between two looks at what is new: what is read or done is sealed within ten."""
AT_LEAST_EVERY: Final = timedelta(hours=1)
"""So often a checkpoint is signed though nothing happened: who looks sees that it goes on."""
AFTER_A_FAULT: Final = 60.0
"""Seconds before the log is compared again with checkpoints that it did not agree with."""
LOOKED_AFTER_EVERY: Final = 60.0
"""Seconds between two looks at whether something stays unsealed, and for so long it may."""
LONGEST_PAUSE: Final = 3_600.0
"""Seconds between two attempts to reach a witness that does not answer."""
_SEALING: Final = "seals of the event log"
_PAGE: Final = 20_000


class CannotSign(Exception):
    """The log is not what was signed last; the message says what to do."""


class Signer:
    """Signs what the log looks like. It keeps the tree so far, and reads each seal once."""

    def __init__(self, checkpoints: Checkpoints) -> None:
        self._checkpoints = checkpoints
        self._tree = Tree()
        self._newest_hash = ""
        self._agreed: Checkpoint | None = None
        """The newest checkpoint that the log was seen to agree with."""

    async def sign(self, work: Work) -> None:
        """Add a checkpoint where there are new seals, or the last is an hour old.

        Raises CheckpointForged, and CannotSign while the log does not go on from the file's last:
        that a restore lost some of it is for `qa-api restored` to sign, which a person runs.
        """
        newest = self._checkpoints.newest()
        self._see_that_none_is_gone(newest)
        try:
            if newest != self._agreed:
                await self._compare(work, newest)
            await self._read(work, None)
        except CannotSign:
            self._begin_again()
            raise
        epoch = await work.session.scalar(_EPOCH) or 0
        if newest is None or self._is_due(newest, epoch, work.now):
            signed = Checkpoint(
                self._tree.size, self._tree.root().hex(), work.now.isoformat(), epoch
            )
            self._checkpoints.append(signed)
            self._agreed = signed

    def _see_that_none_is_gone(self, newest: Checkpoint | None) -> None:
        """What was signed here is in the file, whatever becomes of the log."""
        signed = self._agreed
        ends = newest.place if newest else (0, 0)
        if signed is not None and ends < signed.place:
            raise CannotSign(
                f"no checkpoint is signed, the file of them ends at seal {ends[1]} and was signed"
                f" up to seal {signed.number}: put back a copy, such as the witness's"
            )

    def _is_due(self, newest: Checkpoint, epoch: int, now: datetime) -> bool:
        grown = (epoch, self._tree.size) > newest.place
        return grown or newest.former or now - datetime.fromisoformat(newest.at) >= AT_LEAST_EVERY

    async def _compare(self, work: Work, newest: Checkpoint | None) -> None:
        """See that the log, up to there, is what the file's newest says."""
        if newest is None or newest.number < self._tree.size:
            self._begin_again()
        if newest is not None:
            await self._read(work, newest.number)
            held = self._newest_hash if newest.former else self._tree.root().hex()
            if self._tree.size < newest.number or (newest.number and held != newest.hash):
                raise CannotSign(
                    f"no checkpoint is signed, the log is not as it was at seal {newest.number}: "
                    + RESTORED_WITHOUT_CHECKPOINTS
                )
        self._agreed = newest

    async def _read(self, work: Work, up_to: int | None) -> None:
        """Go on to the newest seal, or to one; from where the last that was read still stands."""
        while True:
            found = await work.session.execute(
                _SEALS, {"size": self._tree.size, "up_to": up_to, "most": _PAGE}
            )
            rows = found.all()
            if self._tree.size and (not rows or rows[0] != (self._tree.size, self._newest_hash)):
                raise CannotSign(
                    f"no checkpoint is signed, seal {self._tree.size} is not in the log as it was: "
                    + RESTORED_WITHOUT_CHECKPOINTS
                )
            added = rows[1:] if self._tree.size else rows
            for row in added:
                self._tree.append(seal_leaf(row.hash))
                self._newest_hash = row.hash
            if len(rows) < _PAGE:
                return

    def _begin_again(self) -> None:
        self._tree, self._newest_hash, self._agreed = Tree(), "", None


class Herald:
    """Sends the newest checkpoint to each witness until it has taken it."""

    def __init__(self, workshop: Workshop, sender: Sender) -> None:
        self._workshop = workshop
        self._sender = sender
        self._sending: dict[UUID, asyncio.Task[None]] = {}
        self._taken: dict[UUID, str] = {}
        self._failed: dict[UUID, int] = {}
        self._not_before: dict[UUID, float] = {}

    async def tell(self, note: str) -> None:
        """Begin to send it to whoever has not taken it and is not just being sent another."""
        async with self._workshop.open_as_service("checkpoints") as work:
            witnesses = (await work.session.execute(_WITNESSES)).all()
        for witness in witnesses:
            waits = self._not_before.get(witness.id, 0.0) > time.monotonic()
            if witness.id in self._sending or waits or self._taken.get(witness.id) == note:
                continue
            task = asyncio.create_task(self._send(witness, note))
            self._sending[witness.id] = task
            task.add_done_callback(partial(self._sent, witness.id))

    async def finish(self) -> None:
        """Wait for what is on its way."""
        if self._sending:
            await asyncio.wait(self._sending.values())

    def _sent(self, endpoint_id: UUID, _: object) -> None:
        del self._sending[endpoint_id]

    async def _send(self, witness: Any, note: str) -> None:
        _origin, size, *_ = note.split("\n")
        attempt = await self._sender.send_note(
            witness.url,
            f"checkpoint-{size}-{int(witness.now.timestamp())}",
            note,
            signing_secrets(witness.secrets, witness.now),
            witness.now,
        )
        taken = attempt.meaning is Meaning.TAKEN
        if taken:
            self._taken[witness.id] = note
            self._failed.pop(witness.id, None)
        else:
            failed = self._failed[witness.id] = self._failed.get(witness.id, 0) + 1
            pause = min(EVERY * 2.0 ** min(failed, 20), LONGEST_PAUSE)
            self._not_before[witness.id] = time.monotonic() + pause
        try:
            async with self._workshop.open_as_service("checkpoints") as work:
                await note_receipt(work, witness.id, int(size) if taken else None)
        except Exception as fault:  # noqa: BLE001 - it is sent all the same
            log.error(  # noqa: TRY400 - a traceback may show a row
                "a witness's receipt was not written down: %s", name_of(fault)
            )


async def note_receipt(work: Work, endpoint_id: UUID, size: int | None) -> None:
    """Write down that a witness took a checkpoint of that size; None: that it took none."""
    taken: dict[str, Any] = {"size": size, "at": work.now, "failing_since": None}
    since = func.coalesce(CheckpointReceipt.failing_since, func.clock_timestamp())
    row = insert(CheckpointReceipt).values(
        endpoint_id=endpoint_id,
        **(taken if size is not None else {"failing_since": func.clock_timestamp()}),
    )
    await work.session.execute(
        row.on_conflict_do_update(
            index_elements=[CheckpointReceipt.endpoint_id],
            set_=taken if size is not None else {"failing_since": since},
        )
    )


async def seal_all(workshop: Workshop) -> None:
    """Seal whatever has become final, a few thousand in a transaction.

    Most looks find nothing new, at night all of them: one statement says so for both logs.
    """
    async with workshop.open_as_service("seals") as work:
        if not await work.driver.fetchval(_ANYTHING_TO_SEAL):
            return
    for seal in (seal_events, seal_reads):
        # What comes in meanwhile waits for the next look: there would always be more.
        while (await do_alone(workshop, "seals", _SEALING, seal) or 0) >= AT_ONCE:
            pass


async def tell_of_delay(workshop: Workshop) -> timedelta:
    """Warn where something is older than a minute and in no seal; gives how old that is.

    A transaction that stays open, under whichever role, holds up the seals of all that follows.
    """
    async with workshop.open_as_service("seals") as work:
        since = await work.driver.fetchval(OLDEST_UNSEALED)
        waits = work.now - since if since else timedelta()
    if waits > timedelta(seconds=LOOKED_AFTER_EVERY):
        log.warning(
            "nothing is sealed for %d s: a transaction is open since then"
            " (pg_stat_activity, backend_xid); `qa-api verify` fails after a quarter of an hour",
            waits.total_seconds(),
        )
    return waits


async def run_witnessing(
    workshop: Workshop, sender: Sender, checkpoints: Checkpoints | None
) -> None:
    """Seal, sign, tell, pause, and again, until cancelled."""
    signer = None
    if checkpoints is None or checkpoints.keys.signer is None:
        log.warning("no checkpoints: nobody can tell if the end of the logs is cut off")
    else:
        signer = Signer(checkpoints)
    herald, rests_until, looked_at = Herald(workshop, sender), 0.0, 0.0
    try:
        while True:
            try:
                await seal_all(workshop)
                if time.monotonic() - looked_at > LOOKED_AFTER_EVERY:
                    looked_at = time.monotonic()
                    await tell_of_delay(workshop)
                if (
                    checkpoints is not None
                    and signer is not None
                    and time.monotonic() > rests_until
                ):
                    await do_alone(workshop, "checkpoints", _SIGNING, signer.sign)
                    if note := checkpoints.newest_note():
                        await herald.tell(note)
            except (CannotSign, CheckpointForged) as refused:
                log.error("%s", refused)  # noqa: TRY400 - it says all there is to say
                rests_until = time.monotonic() + AFTER_A_FAULT
            except Exception as fault:  # noqa: BLE001 - whatever it is must not stop what follows
                log.error(  # noqa: TRY400 - a traceback may show a row
                    "seals and checkpoints failed: %s", name_of(fault)
                )
            await asyncio.sleep(EVERY)
    finally:
        await herald.finish()


_ANYTHING_TO_SEAL: Final = f"SELECT ({OLDEST_UNSEALED}) IS NOT NULL OR ({RESTORE_UNTOLD})"
"""A restore that nobody told is told by whoever seals, at each look."""
_SIGNING: Final = "checkpoint of the event log"
_EPOCH = text("SELECT max(number) FROM epochs")
_SEALS = text("""
SELECT number, hash FROM event_seals
WHERE number >= :size AND (CAST(:up_to AS integer) IS NULL OR number <= :up_to)
ORDER BY number LIMIT :most
""")
_WITNESSES = select(
    WebhookEndpoint.id,
    WebhookEndpoint.url,
    WebhookEndpoint.secrets,
    func.clock_timestamp().label("now"),
).where(
    literal(CHECKPOINTS) == WebhookEndpoint.event_types.any_(),
    WebhookEndpoint.disabled_at.is_(None),
    WebhookEndpoint.parked_at.is_(None),
)
