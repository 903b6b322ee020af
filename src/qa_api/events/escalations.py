"""The events of escalations (§4.3)."""

from datetime import datetime
from uuid import UUID

from qa_api.events.event import Event


class EscalationRaised(Event):
    """Something urgent goes to the manager at once."""

    type = "escalation.raised"
    sent = True

    trigger: str
    audit_id: UUID | None
    gate_id: UUID | None


class EscalationNotified(Event):
    """The manager was told."""

    type = "escalation.notified"


class EscalationSeen(Event):
    """One of several managers addressed has acknowledged; others are still asked."""

    type = "escalation.seen"


class EscalationAcknowledged(Event):
    """Every manager addressed has acknowledged."""

    type = "escalation.acknowledged"
    sent = True


class QualityStandardsInformed(Event):
    """The manager told Q&S what will be done."""

    type = "escalation.quality_standards_informed"
    sent = True


class EscalationResolved(Event):
    """Q&S resolved it."""

    type = "escalation.resolved"
    sent = True

    audit_id: UUID | None
    gate_id: UUID | None


class EscalationDisputed(Event):
    """A manager or Q&S disputes it (R4.3.4)."""

    type = "escalation.disputed"


class EscalationLengthened(Event):
    """A new bank holiday moved an open deadline of an escalation; null: past the calendar's end."""

    type = "escalation.deadline_lengthened"

    hop: str
    due_at: datetime | None
    due_at_before: datetime


class EscalationDeadlineCounted(Event):
    """A deadline past the end of the calendar is known now."""

    type = "escalation.deadline_counted"

    hop: str
    due_at: datetime


class EscalationReaddressed(Event):
    """Somebody else is asked: the case went to another team, or the post to another person."""

    type = "escalation.readdressed"
    sent = True


class EscalationUnacknowledged(Event):
    """Nobody acknowledged it in time."""

    type = "escalation.unacknowledged"
    sent = True


class QualityStandardsUninformed(Event):
    """Q&S was not told in time."""

    type = "escalation.quality_standards_uninformed"
    sent = True
