"""What the worker process does each day, done once, with the network alone played."""

import asyncio
from dataclasses import dataclass

from qa_api import clock
from qa_api.webhooks.outbox import LANES, Claimed
from qa_api.webhooks.outcomes import Attempt
from qa_api.work import Workshop
from qa_api.worker.delivery import Courier
from qa_api.worker.sweep import TASKS, do_alone
from qa_api.worker.witnessing import seal_all


@dataclass
class Receiver:
    """Stands in for what is out there: answers every message alike."""

    status: int = 202
    taken: int = 0

    async def send(self, delivery: Claimed) -> Attempt:
        """What a receiver answers."""
        self.taken += self.status < 300
        return Attempt(at=clock.now(), status=self.status)


class DutyFailed(Exception):
    """A duty of the worker ended with a fault, which a worker would only log."""


async def a_days_duties(workshop: Workshop, receiver: Receiver) -> None:
    """Deliver, look for what fell due, deliver what came of that, and seal."""
    await deliver(workshop, receiver)
    for name, act in TASKS.items():
        try:
            await do_alone(workshop, "sweep", name, act)
        except Exception as fault:
            raise DutyFailed(f"the duty '{name}' failed: {type(fault).__name__}") from fault
    await deliver(workshop, receiver)
    await seal_all(workshop)


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
