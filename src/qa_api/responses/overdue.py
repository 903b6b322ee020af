"""Alerts of the sweep about missed dates, each once (R4.2.4, R4.2.5)."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from qa_api import events
from qa_api.models.alerts import Alert
from qa_api.models.aliases import aliased
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.notifications.alerts import alert, told
from qa_api.reads.expressions import of_standing_audit
from qa_api.responses.queries import current_due_on
from qa_api.rules.alerts import AlertKind
from qa_api.rules.deadlines import is_overdue, overdue_steps_reached
from qa_api.rules.policy_values import Recipient
from qa_api.rules.routing import ActingAs
from qa_api.rules.states import RESPONSE_AWAITED
from qa_api.work import Work

RESPONSE_OVERDUE = AlertKind.RESPONSE_OVERDUE
REVIEW_OVERDUE = AlertKind.REVIEW_OVERDUE


async def alert_overdue_responses(work: Work) -> None:
    """Alert the manager once, on the first working day after a missed date (R4.2.5).

    The policy of the missed day may have further steps, each alerted once. A step is not alerted
    again when the post changes hands. A further round with a date of its own is a new occasion.
    """
    untold = await _untold(work)
    held = await work.session.scalars(
        select(AuditResponse)
        .where(AuditResponse.id.in_(untold), AuditResponse.state.in_(RESPONSE_AWAITED))
        .order_by(AuditResponse.id)
        .with_for_update(skip_locked=True)
    )

    async def tell(response: AuditResponse) -> None:
        for missed, occasion, recipient in untold[response.id]:
            if await _is_told(work, RESPONSE_OVERDUE, response, occasion):
                continue
            await alert(work, response, RESPONSE_OVERDUE, recipient, occasion=occasion)
            await work.record(
                events.ResponseOverdue(
                    about=response.id,
                    subject=response.subject_id,
                    audit_id=response.audit_id,
                    due_on=missed,
                )
            )

    await work.row_by_row("overdue responses", held.all(), tell)


async def _untold(work: Work) -> dict[UUID, list[tuple[date, str, Recipient]]]:
    """Of each late response the steps that nobody was told of: missed date, occasion, whom."""
    calendar = await work.calendar()
    due_on = current_due_on(AuditResponse)
    told_of = aliased(Alert)
    occasions = select(func.array_agg(told_of.occasion)).where(
        told_of.kind == RESPONSE_OVERDUE, told_of.about_id == AuditResponse.id
    )
    late = await work.session.execute(
        select(AuditResponse.id, due_on, occasions.scalar_subquery())
        .where(
            AuditResponse.state.in_(RESPONSE_AWAITED),
            due_on < work.today,
            of_standing_audit(AuditResponse),
        )
        .order_by(AuditResponse.id)
    )
    rows = late.all()
    policies = {missed: await work.policy_on(missed) for missed in {row[1] for row in rows}}
    untold: dict[UUID, list[tuple[date, str, Recipient]]] = {}
    for response_id, missed, told_already in rows:
        steps = overdue_steps_reached(missed, work.today, policies[missed], calendar)
        for number, (_, recipient) in enumerate(steps, start=1):
            occasion = f"{missed} step {number}"
            if occasion not in (told_already or ()):
                untold.setdefault(response_id, []).append((missed, occasion, recipient))
    return untold


async def alert_unreviewed(work: Work) -> None:
    """Alert the head of service once of a response that was not reviewed in time (R4.2.4).

    If the head was to review it themselves, Quality & Standards are alerted.
    """
    occasion = func.concat("round ", ResponseRound.number)
    late = await work.session.scalars(
        select(ResponseRound)
        .join(AuditResponse, AuditResponse.id == ResponseRound.response_id)
        .where(
            of_standing_audit(AuditResponse),
            ResponseRound.submitted_at.is_not(None),
            ResponseRound.outcome.is_(None),
            ResponseRound.review_due_on < work.today,
            ~told(REVIEW_OVERDUE, ResponseRound.response_id, occasion),
        )
        .order_by(ResponseRound.id)
        .with_for_update(skip_locked=True, of=ResponseRound)
    )

    async def tell_of(waiting: ResponseRound) -> None:
        if waiting.review_due_on is None or not is_overdue(waiting.review_due_on, work.today):
            return
        response = await work.session.get_one(AuditResponse, waiting.response_id)
        tell = Recipient.HEAD_OF_SERVICE
        if waiting.reviewer_acts_as in (ActingAs.HEAD_OF_SERVICE, ActingAs.QUALITY_STANDARDS):
            tell = Recipient.QUALITY_STANDARDS
        await alert(work, response, REVIEW_OVERDUE, tell, occasion=f"round {waiting.number}")
        await work.record(
            events.ReviewOverdue(
                about=response.id,
                subject=response.subject_id,
                audit_id=response.audit_id,
                due_on=waiting.review_due_on,
            )
        )

    await work.row_by_row("responses not reviewed", late.all(), tell_of)


async def _is_told(work: Work, kind: AlertKind, response: AuditResponse, occasion: str) -> bool:
    return bool(await work.session.scalar(select(told(kind, response.id, occasion))))
