"""Whoever comes to act for a team that is asked is told; the record keeps who was told when."""

from sqlalchemy import and_, or_, select

from qa_api import events
from qa_api.alerts import held_as, leave_alert
from qa_api.auth.duty import acts_for
from qa_api.directory.acting import who_acts_for
from qa_api.escalations.raising import recipient_of
from qa_api.models.escalations import Escalation, EscalationRecipient
from qa_api.rules.alerts import AlertKind
from qa_api.rules.routing import ActingAs
from qa_api.rules.states import ESCALATION_UNACKNOWLEDGED, EscalationState
from qa_api.work import Work


async def tell_who_is_asked_now(work: Work) -> None:
    """Tell who acts for a team today of what that team is asked and has not done yet (R4.3.3).

    They have it in their list at once; this is the telling, and its proof. What was acknowledged
    stays so, by whom it was.
    """
    asked = EscalationRecipient
    to_hear = and_(Escalation.state.in_(ESCALATION_UNACKNOWLEDGED), asked.acknowledged_at.is_(None))
    waiting = await work.session.execute(
        select(asked, Escalation)
        .join(Escalation, Escalation.id == asked.escalation_id)
        .where(
            asked.replaced_at.is_(None),
            or_(to_hear, Escalation.state == EscalationState.ACKNOWLEDGED),
            asked.recipient.is_distinct_from(acts_for(asked.for_team, asked)),
        )
        .order_by(asked.id)
        .with_for_update(of=Escalation, skip_locked=True)
    )
    for before, escalation in waiting.all():
        await _hand_on(work, before, escalation)


async def _hand_on(work: Work, before: EscalationRecipient, escalation: Escalation) -> None:
    routed = await who_acts_for(work, before.for_team, before)
    before.replaced_at = work.now
    now = recipient_of(work, escalation, before.for_team, routed)
    now.escalation_id = escalation.id
    now.acknowledged_at, now.acknowledged_by = before.acknowledged_at, before.acknowledged_by
    now.acknowledged_as = before.acknowledged_as
    work.session.add(now)
    await leave_alert(
        work,
        AlertKind.ESCALATION_HANDED_ON,
        escalation.id,
        acting_as=routed.acting_as.value,
        recipient=routed.worker or ActingAs.QUALITY_STANDARDS.value,
        occasion=f"{before.for_team} {work.now.isoformat()}",
        **held_as(before),
    )
    await work.record(
        events.EscalationReaddressed(about=escalation.id, subject=escalation.subject_id)
    )
