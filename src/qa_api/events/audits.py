"""The events of audits (§4.1)."""

from datetime import date
from uuid import UUID

from qa_api.events.event import Event


class AuditPlanned(Event):
    """An audit was opened; `begun` where it was recorded elsewhere and is already in progress."""

    type = "audit.planned"

    audit_type: str
    auditor: str | None = None
    due_on: date | None = None
    """As the person who planned it said, where it is no look at an earlier one."""
    begun: bool = False
    action_ids: tuple[UUID, ...] = ()


class AuditAssigned(Event):
    """An auditor was named."""

    type = "audit.assigned"

    auditor: str


class AuditStarted(Event):
    """The auditor began."""

    type = "audit.started"


class AuditEdited(Event):
    """What a planned audit is about was changed."""

    type = "audit.edited"


class AnswerRecorded(Event):
    """A question was answered."""

    type = "audit.answer_recorded"

    question_key: str


class DomainJudged(Event):
    """A domain was judged."""

    type = "audit.domain_judged"

    domain_key: str


class FamilyContactRecorded(Event):
    """Contact with the family was recorded."""

    type = "audit.family_contact_recorded"


class WorkerViewRecorded(Event):
    """The worker's own view was recorded."""

    type = "audit.worker_view_recorded"


class OwnViewWritten(Event):
    """The worker wrote their own view of the audit of their work (R4.1.9)."""

    type = "audit.own_view_written"


class ActionAdded(Event):
    """A restorative action was set."""

    type = "audit.action_added"

    action_id: UUID


class ActionCorrected(Event):
    """A restorative action of a draft was changed."""

    type = "audit.action_corrected"

    action_id: UUID


class ActionTakenOut(Event):
    """A restorative action was taken out of a draft: it was never set."""

    type = "audit.action_taken_out"

    action_id: UUID


class UrgentFindingRaised(Event):
    """The auditor found something urgent (§4.3)."""

    type = "audit.urgent_finding_raised"

    finding_id: UUID
    kind: str


class AuditCompleted(Event):
    """The audit was completed and locked."""

    type = "audit.completed"
    sent = True

    audit_type: str
    judgement: str | None
    """The overall judgement; None where the tool asks for none, or it was left out."""
    escalates: bool
    action_ids: tuple[UUID, ...]


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


class AuditErrorReported(Event):
    """Somebody says that an audit was made on the wrong child; a second person must agree."""

    type = "audit.error_reported"


class AuditErrorWithdrawn(Event):
    """The report that an audit was made on the wrong child was itself mistaken: it stands."""

    type = "audit.error_withdrawn"


class AuditRecordedInError(Event):
    """A second person agreed: the audit is out of the child's record and every open figure."""

    type = "audit.recorded_in_error"
    sent = True


class AuditClosed(Event):
    """Nothing is left to do about the audit (R4.2.6)."""

    type = "audit.closed"


class AuditCancelled(Event):
    """The audit was cancelled before completion."""

    type = "audit.cancelled"


class AuditDiscussed(Event):
    """The audit was discussed in supervision (R4.2.2)."""

    type = "audit.discussed_in_supervision"


class AuditIntervalSet(Event):
    """A manager set how often a team is audited on a type (R3.1)."""

    type = "audit_interval.set"

    audit_type: str
    team: str


class AuditIntervalEnded(Event):
    """An interval holds no longer from some day on."""

    type = "audit_interval.ended"

    audit_type: str
    team: str
