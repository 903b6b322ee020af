"""The events of the service: what happened, to what, about whom. References only, never text.

A domain says what happened with `work.record(AuditCompleted(...))`; the event goes into the event
log in the same transaction, to the webhook endpoints that asked for its type, and to the
reactions of the domains above.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

EVENT_TYPES: dict[str, type["Event"]] = {}
"""Every event type by its name on the wire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `about` is the record, `subject` the child or carer household."""

    type: ClassVar[str]
    sent: ClassVar[bool] = False
    """Whether webhook endpoints may receive it."""

    about: UUID
    subject: UUID | None = None

    def __init_subclass__(cls, **_: Any) -> None:
        EVENT_TYPES[cls.type] = cls

    def data(self) -> dict[str, Any]:
        """The references of this event, ready for JSON."""
        return {
            field.name: _plain(getattr(self, field.name))
            for field in fields(self)
            if field.name not in {"about", "subject"}
        }


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


# --- audits ---


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPlanned(Event):
    """An audit was opened; `begun` where it was recorded elsewhere and is already in progress."""

    type = "audit.planned"

    audit_type: str
    auditor: str | None = None
    begun: bool = False
    action_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAssigned(Event):
    """An auditor was named."""

    type = "audit.assigned"

    auditor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditStarted(Event):
    """The auditor began."""

    type = "audit.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEdited(Event):
    """What a planned audit is about was changed."""

    type = "audit.edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRecorded(Event):
    """A question was answered."""

    type = "audit.answer_recorded"

    question_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainJudged(Event):
    """A domain was judged."""

    type = "audit.domain_judged"

    domain_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyContactRecorded(Event):
    """Contact with the family was recorded."""

    type = "audit.family_contact_recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerViewRecorded(Event):
    """The worker's own view was recorded."""

    type = "audit.worker_view_recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionAdded(Event):
    """A restorative action was set."""

    type = "audit.action_added"

    action_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentFindingRaised(Event):
    """The auditor found something urgent (§4.3)."""

    type = "audit.urgent_finding_raised"

    finding_id: UUID
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCompleted(Event):
    """The audit was completed and locked."""

    type = "audit.completed"
    sent = True

    audit_type: str
    judgement: str
    escalates: bool
    action_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAmended(AuditCompleted):
    """A completed audit was amended: `escalates` and `action_ids` tell what is new by it.

    `action_ids` are the first actions of an audit that had none; later ones join its response.
    """

    type = "audit.amended"
    sent = True

    revision: int

    @property
    def audit_id(self) -> UUID:
        """The audit, as the events of what hangs on it name it."""
        return self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditErrorReported(Event):
    """Somebody says that an audit was made on the wrong child; a second person must agree."""

    type = "audit.error_reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecordedInError(Event):
    """A second person agreed: the audit is out of the child's record and every open figure."""

    type = "audit.recorded_in_error"
    sent = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditClosed(Event):
    """Nothing is left to do about the audit (R4.2.6)."""

    type = "audit.closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCancelled(Event):
    """The audit was cancelled before completion."""

    type = "audit.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDiscussed(Event):
    """The audit was discussed in supervision (R4.2.2)."""

    type = "audit.discussed_in_supervision"


# --- actions ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPlanned(Event):
    """An action got the date it will be finished."""

    type = "action.planned"

    audit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionDone(Event):
    """An action was done."""

    type = "action.done"

    audit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionVerified(Event):
    """Somebody else saw that an action was done."""

    type = "action.verified"

    audit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionNotAchieved(Event):
    """A verifier found an action not achieved."""

    type = "action.not_achieved"

    audit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCancelled(Event):
    """An action was cancelled."""

    type = "action.cancelled"

    audit_id: UUID


# --- responses and notifications ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRequired(Event):
    """The worker is to answer an audit (§4.2)."""

    type = "audit.response_required"
    sent = True

    audit_id: UUID
    notification_id: UUID
    worker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationOnly(Event):
    """The worker is told of an audit without actions."""

    type = "audit.information_only"
    sent = True

    audit_id: UUID
    notification_id: UUID
    worker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerNotified(Event):
    """The worker was notified: the clock starts."""

    type = "notification.delivered"

    audit_id: UUID
    by_hand: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFailed(Event):
    """The worker could not be notified (R4.2.7)."""

    type = "notification.undeliverable"

    audit_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseDue(Event):
    """A response got its due date."""

    type = "response.due"

    audit_id: UUID
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSubmitted(Event):
    """A response was submitted."""

    type = "response.submitted"
    sent = True

    audit_id: UUID
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseReturned(Event):
    """A response was returned with reasons."""

    type = "response.returned"
    sent = True

    audit_id: UUID
    round: int
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseAccepted(Event):
    """A response was found adequate."""

    type = "response.accepted"
    sent = True

    audit_id: UUID
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseOverdue(Event):
    """A due date passed without a response."""

    type = "response.overdue"
    sent = True

    audit_id: UUID
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOverdue(Event):
    """A response waits for its review too long."""

    type = "response.review_overdue"
    sent = True

    audit_id: UUID
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationOverdue(Event):
    """A notification is queued past policy."""

    type = "notification.overdue"
    sent = True

    audit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDateLengthened(Event):
    """A new bank holiday moved an open due date: of the response, a round or its review."""

    type = "response.due_date_lengthened"
    sent = True

    audit_id: UUID
    clock: str
    due_on: date
    due_on_before: date


# --- escalations ---


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationRaised(Event):
    """Something urgent goes to the manager at once."""

    type = "escalation.raised"
    sent = True

    trigger: str
    audit_id: UUID | None
    gate_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationNotified(Event):
    """The manager was told."""

    type = "escalation.notified"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationSeen(Event):
    """One of several managers addressed has acknowledged; others are still asked."""

    type = "escalation.seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationAcknowledged(Event):
    """Every manager addressed has acknowledged."""

    type = "escalation.acknowledged"
    sent = True


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityStandardsInformed(Event):
    """The manager told Q&S what will be done."""

    type = "escalation.quality_standards_informed"
    sent = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationResolved(Event):
    """Q&S resolved it."""

    type = "escalation.resolved"
    sent = True

    audit_id: UUID | None
    gate_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationDisputed(Event):
    """A manager or Q&S disputes it (R4.3.4)."""

    type = "escalation.disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationLengthened(Event):
    """A new bank holiday moved an open deadline of an escalation."""

    type = "escalation.deadline_lengthened"

    hop: str
    due_at: datetime
    due_at_before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationReaddressed(Event):
    """The case moved before anybody acknowledged: its new manager is asked too."""

    type = "escalation.readdressed"
    sent = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationUnacknowledged(Event):
    """Nobody acknowledged it in time."""

    type = "escalation.unacknowledged"
    sent = True


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityStandardsUninformed(Event):
    """Q&S was not told in time."""

    type = "escalation.quality_standards_uninformed"
    sent = True


# --- quarter plans ---


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterPlanDrafted(Event):
    """A version of a quarter's plan was begun, or its draft rewritten."""

    type = "quarter_plan.drafted"

    quarter: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterPlanPublished(Event):
    """A version of a quarter's plan holds from now on (R4.4.2)."""

    type = "quarter_plan.published"

    quarter: str
    number: int
    supersedes: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterPlanExempted(Event):
    """The plan asks nothing more of a team or an auditor."""

    type = "quarter_plan.exempted"

    team: str | None
    auditor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterPlanCasesChosen(Event):
    """Cases were named or drawn for a team's planned audits (R4.4.3)."""

    type = "quarter_plan.cases_chosen"

    case_list_id: UUID
    audit_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterPlanAllocated(Event):
    """Quality & Standards decided who audits what."""

    type = "quarter_plan.allocated"

    audit_ids: tuple[UUID, ...]


# --- closures and the directory ---


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOpened(Event):
    """A case is proposed for closure: the gate opens."""

    type = "closure_gate.opened"
    sent = True

    system: str
    episode_id: str
    ref: str
    state: str
    may_close: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GateChanged(Event):
    """The gate's answer or state changed."""

    type = "closure_gate.changed"
    sent = True

    system: str
    episode_id: str
    ref: str
    state: str
    may_close: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedWithoutAudit(Event):
    """A case closed without a clear gate (C4)."""

    type = "closure_gate.closed_without_audit"
    sent = True

    system: str
    episode_id: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRequested(Event):
    """Somebody asked to override a gate."""

    type = "closure_gate.override_requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideApproved(Event):
    """A second person approved the override."""

    type = "closure_gate.override_approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReopened(Event):
    """A clear gate was reopened."""

    type = "closure_gate.reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEventReceived(Event):
    """A case system sent an event."""

    type = "case_event.received"

    event_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEventConflicted(Event):
    """The same event id came with other data."""

    type = "case_event.conflicted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationChanged(Event):
    """A case went to another worker or team."""

    type = "subject.allocation_changed"

    team: str | None
    worker: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRestricted(Event):
    """A record was restricted or released."""

    type = "subject.restricted"

    kind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRedacted(Event):
    """A text is no longer shown in a subject's record."""

    type = "record.redacted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionGranted(Event):
    """Somebody was let in to a restricted record."""

    type = "subject.restriction_granted"

    principal_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRegistered(Event):
    """A subject became known."""

    type = "subject.registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectEdited(Event):
    """What is known about a subject was corrected by hand."""

    type = "subject.edited"


# --- practice observations ---


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeObservationRecorded(Event):
    """A worker's practice was observed; Quality & Standards is to know of each (R4.6.2)."""

    type = "practice_observation.recorded"
    sent = True

    worker: str
    team: str
    observed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeObservationCorrected(Event):
    """What was recorded of an observation was corrected; what it said before is kept."""

    type = "practice_observation.corrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeObservationWithdrawn(Event):
    """An observation was recorded by mistake: it stays, and counts no longer."""

    type = "practice_observation.withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationExemptionGranted(Event):
    """No observations are asked of a worker for some time."""

    type = "observation_exemption.granted"

    worker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationExemptionEnded(Event):
    """The last day of an exemption was settled."""

    type = "observation_exemption.ended"

    worker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningHighlightRecorded(Event):
    """A team's managers said what it learned in a quarter (R4.6.3)."""

    type = "learning_highlight.recorded"
    sent = True

    team: str
    quarter: str
    routed_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningHighlightAnswered(Event):
    """Those whom a learning highlight was routed to said what was done."""

    type = "learning_highlight.answered"
    sent = True

    team: str
    quarter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationSampleDrawn(Event):
    """A sample of completed audits was drawn for moderation (R4.5.1)."""

    type = "moderation_sample.drawn"
    sent = True

    group: str | None
    period: str
    population_hash: str
    outcome_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationSampleClosed(Event):
    """A sample is moderated no longer: its outcomes stand."""

    type = "moderation_sample.closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeratorAssigned(Event):
    """A drawn audit was given to a moderator (R4.5.2)."""

    type = "moderation_outcome.assigned"

    sample_id: UUID
    moderator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationOutcomeRecorded(Event):
    """A moderator recorded the outcome beside the auditor's judgement (R4.5.3)."""

    type = "moderation_outcome.recorded"

    sample_id: UUID
    audit_id: UUID
    judgement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningActionSet(Event):
    """Moderation set somebody a learning action (R4.5.5)."""

    type = "learning_action.set"

    outcome_id: UUID
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningActionMoved(Event):
    """A learning action was done, verified, found not achieved or cancelled."""

    type = "learning_action.moved"

    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QaUpdateMoved(Event):
    """A service's update to the Board was begun, submitted or returned (R4.7.1)."""

    type = "qa_update.moved"

    service: str
    quarter: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardReportMoved(Event):
    """A board report was drafted, presented, decided upon, disseminated or received (R4.7.2)."""

    type = "board_report.moved"

    quarter: str
    number: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationChanged(Event):
    """An administrator changed the directory, catalogue, policy or calendar."""

    type = "configuration.changed"

    what: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarChanged(Event):
    """The working calendar has a new version: open clocks are counted again (R4.2.4)."""

    type = "calendar.changed"

    calendar_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointParked(Event):
    """A receiver answered 410: its deliveries wait."""

    type = "webhook_endpoint.parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTested(Event):
    """A test of a webhook endpoint."""

    type = "webhook_endpoint.test"
    sent = True
