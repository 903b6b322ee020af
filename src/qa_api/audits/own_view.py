"""The worker writes their own view of the audit of their work (R4.1.9)."""

from uuid import UUID

from sqlalchemy import exists, select

from qa_api import events, problems
from qa_api.audits.content_schemas import WorkerViewIn
from qa_api.audits.steps import enter, find_to_change, held, touch
from qa_api.models.audits import OwnView
from qa_api.models.notifications import Notification
from qa_api.models.responses import AuditResponse
from qa_api.rules.own_view import check_own_view
from qa_api.rules.states import AuditState
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def write_own_view(
    work: Work, audit_id: UUID, expected: Precondition, given: WorkerViewIn
) -> None:
    """Write it, or write it anew, while the audit takes it; what the auditor noted stands.

    It is of whoever's work was audited, whoever holds the case by now.
    """
    audit, person = await find_to_change(work, audit_id), work.person()
    if person != audit.audited_worker:
        raise problems.forbidden("Only the worker whose work was audited writes this.")
    enter(audit, "write_own_view", expected)
    notified = select(Notification.notified_at).where(
        Notification.audit_id == audit.id, Notification.notified_at.is_not(None)
    )
    asked = select(exists().where(AuditResponse.audit_id == audit.id))
    # Whether and when they were told is the service's to know, whatever they may read.
    await work.act_as_service()
    check_own_view(
        await work.session.scalar(notified.order_by(Notification.notified_at).limit(1)),
        work.today,
        await work.policy(),
        asks_for_response=bool(await work.session.scalar(asked)),
        closed=audit.state == AuditState.CLOSED,
    )
    view = OwnView(
        audit_id=audit.id,
        view=given.view,
        written_by=person,
        written_at=work.now,
        **held(audit),
    )
    await work.session.merge(view)
    touch(audit)
    await work.record(events.OwnViewWritten(about=audit.id, subject=audit.subject_id))
