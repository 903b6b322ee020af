"""The notification of the allocated worker: what it asks, and why it cannot be sent (R4.2.8)."""

from enum import StrEnum


class NotificationKind(StrEnum):
    """What the worker is told (R4.1.6)."""

    INFORMATION_ONLY = "information_only"
    RESPONSE_REQUIRED = "response_required"


class UndeliverableReason(StrEnum):
    """Why a notification did not reach the worker (R4.2.8)."""

    NO_ALLOCATED_WORKER = "no_allocated_worker"
    WORKER_LEFT = "worker_left"
    RESTRICTED = "restricted"
    REFUSED = "refused"
    EXHAUSTED = "exhausted"
    SKIPPED = "skipped"
    """Somebody decided that its message is not sent any more."""


def why_not_sent(
    *, worker: str | None, in_service: bool, restricted: bool
) -> UndeliverableReason | None:
    """Why a notification is not even sent, or None when it is (R4.2.7, R4.2.8).

    A restricted record's references go to no ordinary endpoint: somebody with leave to see the
    record tells the worker by hand.
    """
    if worker is None:
        return UndeliverableReason.NO_ALLOCATED_WORKER
    if not in_service:
        return UndeliverableReason.WORKER_LEFT
    return UndeliverableReason.RESTRICTED if restricted else None
