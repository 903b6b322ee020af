"""What the sweep tells people of: dates that were missed, once each (R4.2.4, R4.2.5)."""

from sqlalchemy import func, select

from qa_api import events
from qa_api.http.expressions import of_standing_audit
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.notifications.alerts import alert, told
from qa_api.responses.queries import AWAITED, current_due_on
from qa_api.rules.alerts import AlertKind
from qa_api.rules.deadlines import is_overdue, overdue_steps_reached
from qa_api.rules.policy_values import Recipient
from qa_api.rules.routing import ActingAs
from qa_api.work import Work

RESPONSE_OVERDUE = AlertKind.RESPONSE_OVERDUE
REVIEW_OVERDUE = AlertKind.REVIEW_OVERDUE


async def alert_overdue_responses(work: Work) -> None:
    """Tell the manager on the first working day after a missed date, once (R4.2.5).

    Further steps, each once, are policy. A step already told is not told again, whoever is in
    post by then; a further round with a date of its own is a new occasion.
    """
    policy, calendar = await work.policy(), await work.calendar()
    due_on = current_due_on(AuditResponse)
    last_step = func.concat(due_on, " step ", len(policy.response_overdue_steps))
    late = await work.session.execute(
        select(AuditResponse, due_on)
        .where(
            AuditResponse.state.in_(AWAITED),
            due_on < work.today,
            of_standing_audit(AuditResponse),
            ~told(RESPONSE_OVERDUE, AuditResponse.id, last_step),
        )
        .order_by(AuditResponse.id)
        .with_for_update(skip_locked=True, of=AuditResponse)
    )
    for response, missed in late.all():
        steps = overdue_steps_reached(missed, work.today, policy, calendar)
        for number, (_, recipient) in enumerate(steps, start=1):
            occasion = f"{missed} step {number}"
            if await _told(work, RESPONSE_OVERDUE, response, occasion):
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


async def alert_unreviewed(work: Work) -> None:
    """Tell the head of service of a response that was not reviewed in time, once (R4.2.4).

    Where the head was to review it themselves, Quality & Standards are told.
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
    for waiting in late.all():
        if waiting.review_due_on is None or not is_overdue(waiting.review_due_on, work.today):
            continue
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


async def _told(work: Work, kind: AlertKind, response: AuditResponse, occasion: str) -> bool:
    return bool(await work.session.scalar(select(told(kind, response.id, occasion))))
