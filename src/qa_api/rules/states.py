"""Where each thing that has a life cycle can stand; `transitions.py` says what leads where."""

from enum import StrEnum
from typing import Final


class AuditState(StrEnum):
    """The life of an audit (R4.1.5)."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ActionState(StrEnum):
    """The life of a restorative action (R4.2.6)."""

    OPEN = "open"
    PLANNED = "planned"
    DONE = "done"
    VERIFIED = "verified"
    CANCELLED = "cancelled"


class ResponseState(StrEnum):
    """The life of an audit response (R4.2.8)."""

    AWAITING_NOTIFICATION = "awaiting_notification"
    AWAITING_RESPONSE = "awaiting_response"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ADEQUATE = "adequate"


class NotificationState(StrEnum):
    """The life of a notification to the allocated worker (R4.2.8)."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"


class EscalationState(StrEnum):
    """The life of an escalation (R4.3.3); ``disputed`` is a mark beside it, not a state."""

    RAISED = "raised"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    QUALITY_STANDARDS_INFORMED = "quality_standards_informed"
    RESOLVED = "resolved"


class GateState(StrEnum):
    """The states of a closure gate (C3, C4, C5)."""

    AWAITING_AUDIT = "awaiting_audit"
    ACTIONS_OUTSTANDING = "actions_outstanding"
    CLEAR = "clear"
    CLOSED = "closed"
    OVERRIDDEN = "overridden"
    WITHDRAWN = "withdrawn"
    CLOSED_WITHOUT_AUDIT = "closed_without_audit"
    EXEMPT = "exempt"


class ToolState(StrEnum):
    """The life of one version of an audit tool (R4.1.1)."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class SampleState(StrEnum):
    """The life of a moderation sample: moderated while open (§4.5, X3)."""

    OPEN = "open"
    CLOSED = "closed"


class LearningActionState(StrEnum):
    """The life of a learning action (R4.5.5)."""

    OPEN = "open"
    DONE = "done"
    VERIFIED = "verified"
    CANCELLED = "cancelled"


class PlanState(StrEnum):
    """The life of one version of a quarter plan (R4.4.2)."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class QaUpdateState(StrEnum):
    """The life of a service's update to the Board (R4.7.1)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"


class BoardReportState(StrEnum):
    """The life of one version of a board report (R4.7.2)."""

    DRAFT = "draft"
    PRESENTED = "presented"


class RetentionRunState(StrEnum):
    """The life of a retention run: proposed, approved by a second person, executed (X4)."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    EXECUTED = "executed"
    CANCELLED = "cancelled"


class RightsChangeState(StrEnum):
    """The life of a change of somebody's rights: proposed, then confirmed by a second person (X3).

    What only ends access is done at once, by one person; so is what changes whom a right reaches.
    """

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    ENDED = "ended"
    DONE = "done"


class UnusualReadState(StrEnum):
    """The life of an unusual read: found, then looked into by somebody else (X3)."""

    FOUND = "found"
    LOOKED_INTO = "looked_into"


class HandOverState(StrEnum):
    """The life of a hand-over: proposed, then carried out as it was proposed, or withdrawn."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class DeliveryState(StrEnum):
    """The life of an event on its way to one endpoint."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    PARKED = "parked"
    SKIPPED = "skipped"
    TOLD_BY_HAND = "told_by_hand"


# --- what several states have in common, said once ---
# A new state is put into each of these that it belongs to; a test asks for it, state by state.

AUDIT_OPEN: Final = (AuditState.PLANNED, AuditState.IN_PROGRESS)
"""Still to be done or under way."""
AUDIT_UNDER_WAY: Final = (AuditState.IN_PROGRESS,)
"""Begun, and not completed."""
AUDIT_FINISHED: Final = (AuditState.COMPLETED, AuditState.CLOSED)
"""Completed, whatever is still to be done about it."""
AUDIT_NOT_CANCELLED: Final = (*AUDIT_OPEN, *AUDIT_FINISHED)
"""To be done, under way or done."""

ACTION_TO_DO: Final = (ActionState.OPEN, ActionState.PLANNED)
"""Waits for whoever has to do it."""
ACTION_DONE: Final = (ActionState.DONE, ActionState.VERIFIED)
"""Its doer says that it is done."""
ACTION_SETTLED: Final = (ActionState.VERIFIED, ActionState.CANCELLED)
"""Nothing is left to do about it."""

RESPONSE_AWAITED: Final = (ResponseState.AWAITING_RESPONSE, ResponseState.RETURNED)
"""The worker was notified and has to answer: a clock runs."""
RESPONSE_TO_SUBMIT: Final = (ResponseState.AWAITING_NOTIFICATION, *RESPONSE_AWAITED)
"""The worker may answer, also before the notification has arrived."""

NOTIFICATION_SETTLED: Final = (NotificationState.DELIVERED, NotificationState.UNDELIVERABLE)
"""It is known what became of it."""

ESCALATION_UNACKNOWLEDGED: Final = (EscalationState.RAISED, EscalationState.NOTIFIED)
"""The first hop is not made."""
ESCALATION_UNINFORMED: Final = (*ESCALATION_UNACKNOWLEDGED, EscalationState.ACKNOWLEDGED)
"""The second hop is not made."""
ESCALATION_INFORMED: Final = (EscalationState.QUALITY_STANDARDS_INFORMED, EscalationState.RESOLVED)
"""Both hops are made."""
ESCALATION_ACKNOWLEDGED: Final = (EscalationState.ACKNOWLEDGED, *ESCALATION_INFORMED)
"""The first hop is made."""
ESCALATION_UNRESOLVED: Final = (
    *ESCALATION_UNINFORMED,
    EscalationState.QUALITY_STANDARDS_INFORMED,
)
"""Somebody still has to act on it."""

GATE_UNCLEARED: Final = (GateState.AWAITING_AUDIT, GateState.ACTIONS_OUTSTANDING)
"""Something is missing before the case may close."""
GATE_OPEN: Final = (*GATE_UNCLEARED, GateState.CLEAR, GateState.OVERRIDDEN, GateState.EXEMPT)
"""The case is proposed for closure and not closed."""
GATE_CLOSED: Final = (GateState.CLOSED, GateState.CLOSED_WITHOUT_AUDIT)
"""The case closed."""

LEARNING_ACTION_SETTLED: Final = (LearningActionState.VERIFIED, LearningActionState.CANCELLED)
"""Nothing is left to do about it."""
QA_UPDATE_TO_SUBMIT: Final = (QaUpdateState.DRAFT, QaUpdateState.RETURNED)
"""The head of service has to write it, or to write it anew."""
DELIVERY_UNSENT: Final = (DeliveryState.WAITING, DeliveryState.PARKED)
"""It has yet to reach its receiver."""
