"""What a delivery, or its failure, means for the record that the event is about.

It is one table. The functions belong to the domains and run in the transaction that records what
became of the delivery.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

from qa_api.escalations import service as escalations
from qa_api.events import EscalationRaised, InformationOnly, ResponseRequired
from qa_api.notifications import service as notifications
from qa_api.rules.notifications import UndeliverableReason
from qa_api.webhooks.outbox import Claimed
from qa_api.work import Work

Delivered = Callable[[Work, Claimed, datetime], Awaitable[None]]
Failed = Callable[[Work, Claimed, UndeliverableReason], Awaitable[None]]


async def worker_notified(work: Work, delivery: Claimed, at: datetime) -> None:
    """The case system took the notification: the worker is notified from this instant (R4.2.8)."""
    if _by_case_system(delivery):
        await notifications.mark_delivered(work, delivery.event_id, at)


async def worker_not_notified(work: Work, delivery: Claimed, reason: UndeliverableReason) -> None:
    """The case system refused it, or never answered (R4.2.7)."""
    if _by_case_system(delivery):
        await notifications.mark_undeliverable(work, delivery.event_id, reason)


async def escalation_notified(work: Work, delivery: Claimed, at: datetime) -> None:
    """The first hop has its proof: the manager was told (R4.3.3)."""
    await escalations.mark_notified(work, delivery.about_id, at)


DELIVERED: Final[Mapping[str, Delivered]] = {
    ResponseRequired.type: worker_notified,
    InformationOnly.type: worker_notified,
    EscalationRaised.type: escalation_notified,
}

FAILED: Final[Mapping[str, Failed]] = {
    ResponseRequired.type: worker_not_notified,
    InformationOnly.type: worker_not_notified,
}


async def of_delivery(work: Work, delivery: Claimed, at: datetime) -> None:
    """Do what follows from a receiver's 2xx at an instant.

    That it was taken is recorded even where a rule refuses what follows: sending it again would not
    change the rule's mind.
    """
    if follow := DELIVERED.get(delivery.event_type):
        await work.row_by_row(
            "what follows a delivery", [delivery], lambda taken: follow(work, taken, at)
        )


async def of_failure(work: Work, delivery: Claimed, reason: UndeliverableReason) -> None:
    """Do what follows where a message is refused or parked, or its schedule has ended."""
    if follow := FAILED.get(delivery.event_type):
        await work.row_by_row(
            "what follows a failure", [delivery], lambda failed: follow(work, failed, reason)
        )


def _by_case_system(delivery: Claimed) -> bool:
    """Other receivers may listen too, but only the case system tells the worker."""
    return delivery.endpoint_system is not None
