"""The events of restorative actions, audit responses and notifications (§4.2)."""

from datetime import date
from uuid import UUID

from qa_api.events.event import Event


class ActionPlanned(Event):
    """An action got the date it will be finished."""

    type = "action.planned"

    audit_id: UUID


class ActionDone(Event):
    """An action was done."""

    type = "action.done"

    audit_id: UUID


class ActionDoneCorrected(Event):
    """The day on which an action was done was corrected."""

    type = "action.done_corrected"

    audit_id: UUID


class ActionVerified(Event):
    """Somebody else saw that an action was done."""

    type = "action.verified"

    audit_id: UUID


class ActionNotAchieved(Event):
    """A verifier found an action not achieved."""

    type = "action.not_achieved"

    audit_id: UUID


class ActionReassigned(Event):
    """An action got another owner; None is whoever holds the case (R4.2.6)."""

    type = "action.reassigned"

    audit_id: UUID
    owner_before: str | None
    owner: str | None


class ActionCancelled(Event):
    """An action was cancelled."""

    type = "action.cancelled"

    audit_id: UUID


class ResponseRequired(Event):
    """The worker is to answer an audit (§4.2)."""

    type = "audit.response_required"
    sent = True

    audit_id: UUID
    notification_id: UUID
    worker: str


class InformationOnly(Event):
    """The worker is told of an audit without actions."""

    type = "audit.information_only"
    sent = True

    audit_id: UUID
    notification_id: UUID
    worker: str


class WorkerNotified(Event):
    """The worker was notified: the clock starts."""

    type = "notification.delivered"

    audit_id: UUID
    by_hand: bool


class NotificationFailed(Event):
    """The worker could not be notified (R4.2.7)."""

    type = "notification.undeliverable"

    audit_id: UUID
    reason: str


class ResponseDue(Event):
    """A response got its due date."""

    type = "response.due"

    audit_id: UUID
    due_on: date


class ResponseSubmitted(Event):
    """A response was submitted."""

    type = "response.submitted"
    sent = True

    audit_id: UUID
    round: int


class ResponseHandedOver(Event):
    """A response went to another worker of the team, or back to whoever holds the case."""

    type = "response.handed_over"

    audit_id: UUID
    to: str | None


class ResponseReturned(Event):
    """A response was returned with reasons."""

    type = "response.returned"
    sent = True

    audit_id: UUID
    round: int
    due_on: date | None


class ResponseAccepted(Event):
    """A response was found adequate."""

    type = "response.accepted"
    sent = True

    audit_id: UUID
    round: int


class ResponseOverdue(Event):
    """A due date passed without a response."""

    type = "response.overdue"
    sent = True

    audit_id: UUID
    due_on: date


class ReviewOverdue(Event):
    """A response waits for its review too long."""

    type = "response.review_overdue"
    sent = True

    audit_id: UUID
    due_on: date


class ReviewHandedOn(Event):
    """Somebody else acts for the team now: they have to review, and were told."""

    type = "response.review_handed_on"

    audit_id: UUID
    round: int
    acts_as: str


class NotificationOverdue(Event):
    """A notification is queued past policy."""

    type = "notification.overdue"
    sent = True

    audit_id: UUID


class DueDateLengthened(Event):
    """A new bank holiday moved an open due date: of the response, a round or its review.

    `due_on` is null where it now lies past the end of the calendar.
    """

    type = "response.due_date_lengthened"
    sent = True

    audit_id: UUID
    clock: str
    due_on: date | None
    due_on_before: date


class DueDateCounted(Event):
    """A due date that lay past the end of the calendar is known now."""

    type = "response.due_date_counted"
    sent = True

    audit_id: UUID
    clock: str
    due_on: date
