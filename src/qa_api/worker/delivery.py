"""Delivering events: claim, send with no transaction open, write down what came of it.

A worker that dies leaves its lease, which runs out; another worker then sends the same message
under the same id. So every event arrives at least once, in order for each case.
"""

import asyncio
import logging
import random
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID

from qa_api.attempts import DATABASE_FAULTS, in_whole_attempts, name_of
from qa_api.rules.notifications import UndeliverableReason
from qa_api.rules.states import DeliveryState
from qa_api.webhooks import outbox
from qa_api.webhooks.outbox import Claimed
from qa_api.webhooks.outcomes import Attempt, note_attempt
from qa_api.work import Workshop
from qa_api.worker import consequences
from qa_api.worker.schedule import is_exhausted, retry_after
from qa_api.worker.sending import Sender

log = logging.getLogger(__name__)

SLOTS: Final = 16
"""Deliveries that one worker sends to one endpoint at the same time in each lane."""
SETTLED_AT_ONCE: Final = 3
"""Answers that a lane writes down at the same time: many endpoints share few connections."""
LONGEST_SLEEP: Final = 10.0
"""Seconds; a notice may be missed, and another worker's lease may run out."""
TAKEN_DOWN_WITHIN: Final = 5.0
"""Seconds at the end, after receivers had their time, to write down what they answered."""
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
        self._sending: dict[asyncio.Task[None], UUID] = {}
        """What is on its way, and to which endpoint."""
        self._settling = asyncio.Semaphore(SETTLED_AT_ONCE)

    def wake(self) -> None:
        """Look again now."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; what is being sent then is still finished and written down.

        What a database that hangs does not take down in time is sent again by whoever comes next.
        """
        try:
            while True:
                self._woken.clear()
                try:
                    sleep = await self._send_what_is_due()
                except DATABASE_FAULTS as fault:
                    log.warning("deliveries wait for the database: %s", name_of(fault))
                    sleep = AFTER_A_FAULT
                # Not `wait_for`: before Python 3.12 it can lose a cancellation.
                with suppress(TimeoutError):
                    async with asyncio.timeout(sleep):
                        await self._woken.wait()
        finally:
            if self._sending:
                await self._finish()

    async def _finish(self) -> None:
        patience = self._sender.timeout_seconds + TAKEN_DOWN_WITHIN
        _, left = await asyncio.wait(self._sending, timeout=patience)
        for task in left:
            task.cancel()
        if left:
            log.warning("%d deliveries are left to their leases", len(left))
            await asyncio.wait(left)

    async def _send_what_is_due(self) -> float:
        """Begin sending what there is room for; returns the seconds until more may be due."""
        async with self._workshop.open_as_service(f"{self._lane}-deliveries") as work:
            claimed = await outbox.claim(
                work,
                self._lane,
                slots=SLOTS,
                busy=Counter(self._sending.values()),
                lease_seconds=self._lease_seconds,
            )
            until_next = await outbox.seconds_until_next(work, self._lane)
        for delivery in claimed:
            task = asyncio.create_task(self._deliver(delivery))
            self._sending[task] = delivery.endpoint_id
            task.add_done_callback(self._ended)
        return LONGEST_SLEEP if until_next is None else min(until_next, LONGEST_SLEEP)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._sending[task]
        self.wake()  # the next of the same case may go now

    async def _deliver(self, delivery: Claimed) -> None:
        attempt = await self._sender.send(delivery)
        try:
            await self._settle(delivery, attempt)
        except Exception as fault:  # noqa: BLE001 - whatever it is must not stop the others
            log.error(  # noqa: TRY400 - a traceback may show a row
                "delivery %s was not recorded: %s", delivery.id, name_of(fault)
            )
            # Sent again on the schedule, not at once: a fault of ours is no reason to flood.
            with suppress(*DATABASE_FAULTS):
                await self._settle(delivery, replace(attempt, status=None, failure="not_recorded"))

    async def _settle(self, delivery: Claimed, attempt: Attempt) -> None:
        """Write down what came of an attempt, also where others are in the way for a moment."""
        async with self._settling:
            await in_whole_attempts(partial(self._settle_once, delivery, attempt))

    async def _settle_once(self, delivery: Claimed, attempt: Attempt) -> None:
        """Write it down with what follows from it, in one transaction."""
        async with self._workshop.open_as_service(delivery.correlation_id) as work:
            attempts = delivery.attempts + 1
            wait = retry_after(
                attempts,
                jitter=random.random(),  # noqa: S311 - spreads load, guards nothing
                asked=attempt.retry_after,
            )
            state = await note_attempt(work, delivery, attempt, wait=wait)
            if state is DeliveryState.DELIVERED:
                await consequences.of_delivery(work, delivery, attempt.at)
            elif state is DeliveryState.REFUSED:
                await consequences.of_failure(work, delivery, UndeliverableReason.REFUSED)
            elif state is DeliveryState.PARKED or (
                state is DeliveryState.WAITING and is_exhausted(attempts)
            ):
                await consequences.of_failure(work, delivery, UndeliverableReason.EXHAUSTED)
