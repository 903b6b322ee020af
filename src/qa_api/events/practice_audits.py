"""The events of practice audits (R4.5.4): about no child, and sent to nobody."""

from uuid import UUID

from qa_api.events.event import Event


class PracticeCaseSet(Event):
    """A fictitious case was set for auditors to practise on."""

    type = "practice_case.set"


class PracticeAuditRecorded(Event):
    """An auditor judged a fictitious case. It does not say how."""

    type = "practice_audit.recorded"

    case_id: UUID
