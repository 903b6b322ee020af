"""What the caller does about their own list, and what leaves it by itself."""

from collections.abc import Collection, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import Date, DateTime, and_, func, or_, select, update

from qa_api import problems
from qa_api.auth.reach import whole_authority
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.db import Prepared, parameter
from qa_api.me.alerts import who_did
from qa_api.me.over_alerts import over
from qa_api.me.schemas import SeenOutcome
from qa_api.me.work_items import (
    ADMINISTRATORS,
    LEADS,
    QUALITY_STANDARDS,
    acts_for_post,
    left_post,
)
from qa_api.models.alerts import Alert
from qa_api.rules.alerts import TO_ANYBODY
from qa_api.work import Work


async def see_alerts(work: Work, alert_ids: Collection[UUID]) -> None:
    """Note that the caller has seen what they were told; a second time changes nothing.

    One that was not told to them is 404, and then none is noted.
    """
    alerts = await _told_to_caller(work, alert_ids)
    if {alert.id for alert in alerts} != set(alert_ids):
        raise problems.not_found()
    for alert in alerts:
        alert.seen_at = alert.seen_at or work.now


async def see_each_alert(work: Work, alert_ids: Sequence[UUID]) -> list[SeenOutcome]:
    """The same, each by itself: of one that was not told to them, that it was not found."""
    alerts = {alert.id: alert for alert in await _told_to_caller(work, alert_ids)}
    seen_before = {id_ for id_, alert in alerts.items() if alert.seen_at is not None}
    for alert in alerts.values():
        alert.seen_at = alert.seen_at or work.now
    return [
        SeenOutcome.NOT_FOUND
        if id_ not in alerts
        else SeenOutcome.ALREADY_SEEN
        if id_ in seen_before
        else SeenOutcome.SEEN
        for id_ in alert_ids
    ]


async def _told_to_caller(work: Work, alert_ids: Collection[UUID]) -> Sequence[Alert]:
    """Those of these alerts that were told to the caller, locked in one order."""
    leads = work.me.holds(*LEADS)
    told_to_caller = or_(
        and_(leads, Alert.recipient == work.actor.worker),
        and_(
            work.me.holds(*sorted(roles_with(Permission.HAND_OVER_READ))),
            Alert.kind.in_(sorted(TO_ANYBODY)),
            Alert.recipient == work.actor.worker,
        ),
        # Who was told may be in that post no longer: who acts for it today takes note.
        and_(left_post(Alert), leads, acts_for_post(Alert) == work.actor.worker),
        and_(left_post(Alert), acts_for_post(Alert).is_(None), whole_authority(work.me)),
        and_(
            Alert.recipient == QUALITY_STANDARDS,
            whole_authority(work.me),
            func.coalesce(who_did(Alert) != work.actor.worker, True),
        ),
        and_(Alert.recipient == ADMINISTRATORS, work.me.holds(Role.ADMINISTRATOR)),
    )
    found = await work.session.scalars(
        select(Alert)
        .where(Alert.id.in_(alert_ids), told_to_caller)
        .order_by(Alert.id)
        .with_for_update()
    )
    return found.all()


async def settle_alerts(work: Work) -> None:
    """Note which alerts are over: no list looks at them again."""
    await work.flush()
    await work.run(_settled(), now=work.now, today=work.today)


@cache
def _settled() -> Prepared:
    """Every sweep asks it: to put it together takes four times as long as to run it."""
    return Prepared.of(
        update(Alert)
        .where(
            Alert.seen_at.is_(None),
            Alert.over_at.is_(None),
            over(Alert, parameter("today", Date())),
        )
        .values(over_at=parameter("now", DateTime(timezone=True)))
    )
