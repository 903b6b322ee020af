"""Legal holds: while one stands, nothing that it covers is removed (X4)."""

from uuid import UUID

from sqlalchemy import ColumnElement, true, update

from qa_api import events, problems
from qa_api.auth.roles import Permission
from qa_api.models.retention import LegalHold, RetentionItem
from qa_api.problems import InputError
from qa_api.retention.queries import hold_visible_to
from qa_api.retention.schemas import LegalHoldIn, LegalHoldLift
from qa_api.rules.decision import AlreadySo
from qa_api.rules.retention import CLAUSE, RecordClass, Settled
from qa_api.subjects.service import find_subject
from qa_api.values.preconditions import Precondition
from qa_api.work import Work


async def place_hold(work: Work, hold_id: UUID, body: LegalHoldIn) -> None:
    """Keep a subject's records, a class of records, or everything, whatever their date.

    What a run that is under way had listed of it is taken out of the run.
    """
    work.require(Permission.LEGAL_HOLD_PLACE, team=None)
    if body.subject is not None and body.record_class is not None:
        detail = "Name one subject or one class of record, not both."
        at = InputError.at(["record_class"], "one-scope", detail)
        raise problems.business_rule(CLAUSE, detail, [at])
    subject = None
    if body.subject is not None:
        subject = await find_subject(work, body.subject.system, body.subject.ref, visible=True)
    hold = LegalHold(
        id=hold_id,
        subject_id=subject.id if subject else None,
        record_class=body.record_class,
        reason=body.reason,
        placed_at=work.now,
        placed_by=work.person(),
    )
    work.session.add(hold)
    await work.record(
        events.LegalHoldPlaced(
            about=hold.id, subject=hold.subject_id, record_class=hold.record_class
        )
    )
    await work.session.execute(
        update(RetentionItem)
        .where(RetentionItem.outcome.is_(None), _covers(hold.subject_id, body.record_class))
        .values(outcome=Settled.HELD.value, settled_at=work.now)
    )


async def lift_hold(work: Work, hold_id: UUID, expected: Precondition, body: LegalHoldLift) -> None:
    """Lift a hold; the records it covered are removed when a later run lists them."""
    hold = await work.take(LegalHold, hold_id, hold_visible_to)
    work.require(Permission.LEGAL_HOLD_PLACE, team=None)
    if hold.lifted_at is not None:
        raise AlreadySo("legal_hold")
    expected.check(hold.version)
    hold.lifted_at, hold.lifted_by, hold.lift_reason = work.now, work.person(), body.reason
    await work.record(
        events.LegalHoldLifted(
            about=hold.id, subject=hold.subject_id, record_class=hold.record_class
        )
    )


def _covers(subject_id: UUID | None, record_class: RecordClass | None) -> ColumnElement[bool]:
    """Whether a hold covers a waiting item."""
    if subject_id is not None:
        return RetentionItem.subject_id == subject_id
    if record_class is not None:
        return RetentionItem.record_class == record_class.value
    return true()
