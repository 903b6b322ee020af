"""What the worker process does each day, done once, with the network alone played."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final
from uuid import UUID

from qa_api import clock
from qa_api.webhooks.outbox import LANES, TEST_LANE, Claimed
from qa_api.webhooks.outcomes import Attempt
from qa_api.work import Workshop
from qa_api.worker.delivery import Courier
from qa_api.worker.sweep import CALENDAR_IS_NEW, TASKS, Task, do_alone
from qa_api.worker.witnessing import seal_all


class Answering(Enum):
    """How a receiver answers: a status, or why there is none."""

    TAKING = 202
    FAILING = 503
    REFUSING = 422
    GONE = 410
    HUNG = "timeout"


@dataclass
class Receiver:
    """Stands in for what is out there: answers every message alike, and knows what it took."""

    answering: Answering = Answering.TAKING
    taken: set[UUID] = field(default_factory=set)
    """The events of the messages that it took."""
    has_failed: bool = False
    """Whether any message ever was not taken."""

    async def send(self, delivery: Claimed) -> Attempt:
        """What a receiver answers."""
        said = self.answering.value
        if self.answering is not Answering.TAKING:
            self.has_failed = True
        elif delivery.lane != TEST_LANE:
            self.taken.add(delivery.event_id)
        if isinstance(said, str):
            return Attempt(at=clock.now(), failure=said)
        return Attempt(at=clock.now(), status=said)


_A_DAY_LATER: Final = """
UPDATE deliveries SET due_at = due_at - interval '1 day',
    leased_until = leased_until - interval '1 day',
    attempted_at = attempted_at - interval '1 day',
    failing_since = failing_since - interval '1 day',
    alone_since = alone_since - interval '1 day'
WHERE state = 'waiting' OR attempted_at > clock_timestamp() - interval '3 days'
"""


_CALENDAR_IS_NEW: Final = """
SELECT recorded_at > $1 AND recorded_at <= $2
FROM calendar_versions ORDER BY version DESC LIMIT 1
"""
UNDER_A_NEW_CALENDAR: Final = "clocks under a new calendar"


class DutyFailed(Exception):
    """A duty of the worker ended with a fault, which a worker would only log."""


async def a_days_duties(workshop: Workshop, receiver: Receiver) -> None:
    """Deliver, look for what fell due, deliver what came of that, and seal."""
    if receiver.has_failed:  # retries are counted by the database's clock, which nobody sets
        async with workshop.open_as_service("a day later") as work:
            await work.driver.execute(_A_DAY_LATER)
    await deliver(workshop, receiver)
    for name, act in (await of_today(workshop)).items():
        try:
            await do_alone(workshop, "sweep", name, act)
        except Exception as fault:
            raise DutyFailed(f"the duty '{name}' failed: {type(fault).__name__}") from fault
    await deliver(workshop, receiver)
    await seal_all(workshop)


async def of_today(workshop: Workshop) -> Mapping[str, Task]:
    """The duties of a sweep. Clocks are counted again for a day after the calendar changed: by the
    database's clock, on which the whole year is a day. The authority was adopted on whichever day
    it really is, which may lie ahead of the year.
    """
    now = clock.now()
    async with workshop.open_as_service("today") as work:
        if await work.driver.fetchval(_CALENDAR_IS_NEW, now - CALENDAR_IS_NEW, now):
            return TASKS
    return {name: act for name, act in TASKS.items() if name != UNDER_A_NEW_CALENDAR}


async def deliver(workshop: Workshop, receiver: Receiver) -> None:
    """Send whatever is due, until nothing is."""
    for lane in LANES:
        courier = Courier(workshop, receiver, lane, lease_seconds=60)  # type: ignore[arg-type]  # it sends
        while True:
            await courier._send_what_is_due()
            if not courier._sending:
                break
            await asyncio.wait(courier._sending)
            await asyncio.sleep(0)
