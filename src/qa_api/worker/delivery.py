"""Delivering events: claim, send with no transaction open, write down what came of it.

A worker that dies leaves its lease, which runs out; another worker then sends the same message
under the same id. So every event arrives at least once, in order for each case.
"""

import asyncio
import logging
import random
from contextlib import suppress
from dataclasses import replace
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from qa_api.rules.notifications import UndeliverableReason
from qa_api.webhooks import outbox
from qa_api.webhooks.outbox import Attempt, Claimed
from qa_api.work import Workshop
from qa_api.worker import consequences
from qa_api.worker.schedule import is_exhausted, retry_at
from qa_api.worker.sending import Sender

log = logging.getLogger(__name__)

AT_ONCE: Final = 16
"""Deliveries that one worker sends at the same time in each lane."""
LONGEST_SLEEP: Final = 10.0
"""Seconds; a notice may be missed, and another worker's lease may run out."""
AFTER_A_FAULT: Final = 2.0
"""Seconds before the database is asked again that did not answer."""


class Courier:
    """Delivers one lane. `wake` it when something may have become due."""

    def __init__(
        self, workshop: Workshop, sender: Sender, lane: str, *, lease_seconds: float
    ) -> None:
        self._workshop = workshop
        self._sender = sender
        self._lane = lane
        self._lease_seconds = lease_seconds
        self._woken = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Look again now."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is being sent then is still finished and written down."""
        try:
            while True:
                self._woken.clear()
                try:
                    sleep = await self._send_what_is_due()
                except (SQLAlchemyError, OSError) as fault:
                    log.warning("deliveries wait for the database: %s", type(fault).__name__)
                    sleep = AFTER_A_FAULT
                # Not `wait_for`: before Python 3.12 it can lose a cancellation.
                with suppress(TimeoutError):
                    async with asyncio.timeout(sleep):
                        await self._woken.wait()
        finally:
            if self._sending:
                await asyncio.wait(self._sending)

    async def _send_what_is_due(self) -> float:
        """Begin sending what there is room for; returns the seconds until more may be due."""
        room = AT_ONCE - len(self._sending)
        if room == 0:
            return LONGEST_SLEEP  # each one that ends wakes us
        async with self._workshop.open_as_service(f"{self._lane}-deliveries") as work:
            claimed = await outbox.claim(
                work, self._lane, room=room, lease_seconds=self._lease_seconds
            )
            until_next = await outbox.seconds_until_next(work, self._lane)
        for delivery in claimed:
            task = asyncio.create_task(self._deliver(delivery))
            self._sending.add(task)
            task.add_done_callback(self._ended)
        return LONGEST_SLEEP if until_next is None else min(until_next, LONGEST_SLEEP)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self.wake()  # the next of the same case may go now

    async def _deliver(self, delivery: Claimed) -> None:
        attempt = await self._sender.send(delivery)
        try:
            await self._settle(delivery, attempt)
        except Exception as fault:  # noqa: BLE001 - whatever it is must not stop the others
            log.error(  # noqa: TRY400 - a traceback may show a row
                "delivery %s was not recorded: %s", delivery.id, type(fault).__name__
            )
            # Sent again on the schedule, not at once: a fault of ours is no reason to flood.
            with suppress(SQLAlchemyError, OSError):
                await self._settle(delivery, replace(attempt, status=None, failure="not_recorded"))

    async def _settle(self, delivery: Claimed, attempt: Attempt) -> None:
        """Write down what came of an attempt, with what follows from it, in one transaction."""
        async with self._workshop.open_as_service(delivery.correlation_id) as work:
            if attempt.accepted:
                if await outbox.mark_delivered(work, delivery, attempt):
                    await consequences.of_delivery(work, delivery, attempt.at)
                return
            if attempt.receiver_gone:
                await outbox.park(work, delivery, attempt)
                return
            attempts = delivery.attempts + 1
            due_at = retry_at(
                attempt.at,
                attempts,
                jitter=random.random(),  # noqa: S311 - spreads load, guards nothing
                retry_after=attempt.retry_after,
            )
            if not await outbox.mark_failed(work, delivery, attempt, due_at):
                return
            if attempt.refused_for_good:
                await consequences.of_failure(work, delivery, UndeliverableReason.REFUSED)
            elif is_exhausted(attempts):
                await consequences.of_failure(work, delivery, UndeliverableReason.EXHAUSTED)
