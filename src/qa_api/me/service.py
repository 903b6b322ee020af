"""What the caller does about their own list."""

from uuid import UUID

from sqlalchemy import and_, or_, select

from qa_api.auth.reach import whole_authority
from qa_api.auth.roles import Role
from qa_api.me.waiting import ADMINISTRATORS, QUALITY_STANDARDS
from qa_api.models.alerts import Alert
from qa_api.work import Work


async def see_alert(work: Work, alert_id: UUID) -> None:
    """Note that the caller has seen what they were told; a second time changes nothing."""
    told_to_caller = or_(
        Alert.recipient == work.actor.worker,
        and_(Alert.recipient == QUALITY_STANDARDS, whole_authority(work.me)),
        and_(Alert.recipient == ADMINISTRATORS, work.me.holds(Role.ADMINISTRATOR)),
    )
    alert = await work.find(
        select(Alert).where(Alert.id == alert_id, told_to_caller).with_for_update()
    )
    if alert.seen_at is None:
        alert.seen_at = work.now
