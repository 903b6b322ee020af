"""Two people take an audit of the wrong child out of that child's record (R4.1.5)."""

from typing import Final
from uuid import UUID

from qa_api import events, problems
from qa_api.audits.schemas import ErrorReport
from qa_api.audits.steps import take_step
from qa_api.models.audits import Audit
from qa_api.rules.two_people import check_second_person
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

CLAUSE: Final = "§4.1, R4.1.5"


async def report_error(
    work: Work, audit_id: UUID, expected: Precondition, report: ErrorReport
) -> None:
    """Report that a completed audit was recorded in error, and why. Until confirmed it stands."""
    audit = await take_step(work, audit_id, "record_in_error", expected)
    if audit.error_reported_by is not None:
        detail = (
            "This audit was reported as an error already. A second person confirms that, or the"
            " report is withdrawn."
        )
        raise problems.business_rule(CLAUSE, detail, code="reported-already")
    work.person()  # an account of nobody reports nothing that a second person is to confirm
    audit.error_reason, audit.error_reported_by = report.reason, work.actor.principal_id
    await work.record(events.AuditErrorReported(about=audit.id, subject=audit.subject_id))


async def withdraw_error(work: Work, audit_id: UUID, expected: Precondition) -> None:
    """Take back the report that an audit was recorded in error: the audit stands as before.

    The person who reported it can, or one who was to confirm it and does not agree. The event log
    keeps both steps.
    """
    audit = await take_step(work, audit_id, "withdraw_error", expected)
    _require_reported(audit)
    audit.error_reason = audit.error_reported_by = None
    await work.record(events.AuditErrorWithdrawn(about=audit.id, subject=audit.subject_id))


async def confirm_error(work: Work, audit_id: UUID, expected: Precondition) -> None:
    """Confirm, as a second person, that an audit was recorded in error.

    From then on the audit and everything that belongs to it is in no list and counts for no gate.
    The event log keeps that it was there, who took it out and when.
    """
    audit = await take_step(work, audit_id, "confirm_error", expected)
    _require_reported(audit)
    first = await work.person_behind(audit.error_reported_by)
    refusal = "A second person has to confirm that an audit was recorded in error."
    check_second_person(first, work.person(), CLAUSE, refusal)
    audit.error_confirmed_by, audit.recorded_in_error_at = work.actor.principal_id, work.now
    await work.record(events.AuditRecordedInError(about=audit.id, subject=audit.subject_id))


def _require_reported(audit: Audit) -> None:
    if audit.error_reported_by is None:
        detail = "Nobody has reported this audit as an error."
        raise problems.business_rule(CLAUSE, detail, code="not-reported")
