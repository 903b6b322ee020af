"""What the sweep tells of escalations that nobody answered in time (R4.3.3)."""

from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select

from qa_api import events
from qa_api.alerts import held_as, leave_alert
from qa_api.directory.acting import head_for
from qa_api.escalations.service import last_day
from qa_api.models.alerts import Alert
from qa_api.models.aliases import aliased
from qa_api.models.escalations import Escalation
from qa_api.models.inner import there_is
from qa_api.rules.alerts import AlertKind
from qa_api.rules.escalation import Hop, MissedHop, missed_hops
from qa_api.rules.policy_values import Recipient
from qa_api.rules.states import (
    ESCALATION_UNACKNOWLEDGED,
    ESCALATION_UNINFORMED,
    EscalationState,
)
from qa_api.work import Work

ALERTS: Final = {
    Hop.ACKNOWLEDGEMENT: AlertKind.ESCALATION_UNACKNOWLEDGED,
    Hop.QUALITY_STANDARDS: AlertKind.QUALITY_STANDARDS_UNINFORMED,
}
_MISSED: Final = {
    Hop.ACKNOWLEDGEMENT: events.EscalationUnacknowledged,
    Hop.QUALITY_STANDARDS: events.QualityStandardsUninformed,
}


async def alert_missed_hops(work: Work) -> None:
    """Tell the HoS and Q&S, once each, of every hop whose day is over (R4.3.3).

    One that has been told of may stay open for months: no sweep takes it up again.
    """
    late = await work.session.scalars(
        select(Escalation)
        .where(
            or_(
                and_(
                    Escalation.state.in_(ESCALATION_UNACKNOWLEDGED),
                    Escalation.acknowledge_by <= work.now,
                    ~_told_of(Hop.ACKNOWLEDGEMENT),
                ),
                and_(
                    Escalation.state.in_(ESCALATION_UNINFORMED),
                    Escalation.inform_by <= work.now,
                    ~_told_of(Hop.QUALITY_STANDARDS),
                ),
            )
        )
        .order_by(Escalation.id)
        .with_for_update(skip_locked=True)
    )

    async def tell(escalation: Escalation) -> None:
        told = await work.session.scalars(
            select(Alert.kind).where(Alert.about_id == escalation.id).distinct()
        )
        kinds = set(told)
        missed = missed_hops(
            EscalationState(escalation.state),
            last_day(escalation.acknowledge_by),
            last_day(escalation.inform_by),
            work.today,
            [hop for hop, kind in ALERTS.items() if kind in kinds],
        )
        for hop in missed:
            await _alert_of_missed_hop(work, escalation, hop)

    await work.row_by_row("escalations not answered", late.all(), tell)


def _told_of(hop: Hop) -> ColumnElement[bool]:
    """Whether anybody was told that this hop was missed."""
    earlier = aliased(Alert)
    return there_is(earlier, earlier.about_id == Escalation.id, earlier.kind == ALERTS[hop])


async def _alert_of_missed_hop(work: Work, escalation: Escalation, missed: MissedHop) -> None:
    head = await head_for(work, escalation.team, escalation)
    people = {
        Recipient.HEAD_OF_SERVICE: head.worker,
        Recipient.QUALITY_STANDARDS: Recipient.QUALITY_STANDARDS.value,
    }
    for told in missed.tell:
        if (person := people.get(told)) is not None:
            await leave_alert(
                work,
                ALERTS[missed.hop],
                escalation.id,
                acting_as=told.value,
                recipient=person,
                **held_as(escalation),
            )
    event = _MISSED[missed.hop]
    await work.record(event(about=escalation.id, subject=escalation.subject_id))
