"""Reading notifications: who may see which, and the statements that return them."""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, and_, case, func, literal, or_

from qa_api.auth.actor import Me
from qa_api.auth.reach import (
    allowed_actions,
    managed,
    roles_over,
    unrestricted,
    whole_authority,
)
from qa_api.auth.reasons.cases import NOTIFICATIONS as NOTIFICATIONS_SEEN
from qa_api.models.notifications import Notification
from qa_api.notifications.schemas import NotificationOut, NotificationRow
from qa_api.reads.documents import Document
from qa_api.reads.expressions import (
    called_by_system,
    changed,
    in_service,
    of_standing_audit,
    subject_of,
)
from qa_api.reads.filters import CHANGED, about_subject, equals, flag
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape
from qa_api.rules.states import NotificationState


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Managers see their teams' notifications, a case system those about its own subjects (X3)."""
    return and_(of_standing_audit(row), NOTIFICATIONS_SEEN.see(row, me))


def _read_by_people(row: Any, me: Me) -> ColumnElement[bool]:
    return and_(unrestricted(row, me), or_(whole_authority(me), managed(row, me)))


def _is_overdue(row: Any, me: Me) -> ColumnElement[bool]:
    """Queued past policy (R4.2.8); not where the calendar ends before."""
    over = func.coalesce(row.queued_until <= me.now, literal(False))
    return and_(row.state == NotificationState.QUEUED, over)


def _calendar_unknown(row: Any, _: Me) -> ColumnElement[bool]:
    unknown: ColumnElement[bool] = row.queued_until.is_(None)
    return unknown


_ROW: dict[str, Expression] = {
    "subject": subject_of,
    "team_reference": lambda row, me: called_by_system(row, "team", me),
    "worker_reference": lambda row, me: called_by_system(row, "worker", me),
    "overdue": _is_overdue,
    "calendar_unknown": _calendar_unknown,
}

NOTIFICATION = Document(
    Shape(
        NotificationOut,
        Notification,
        {
            **_ROW,
            "delivered_how": lambda row, me: case((_read_by_people(row, me), row.delivered_how)),
            "allowed_actions": lambda row, me: allowed_actions(row, roles_over(row, me)),
        },
    ),
    visible=visible_to,
    subject="subject_id",
)

NOTIFICATIONS = Listing(
    name="notifications",
    shape=Shape(NotificationRow, Notification, _ROW),
    visible=visible_to,
    subject="subject_id",
    arms=NOTIFICATIONS_SEEN.arms,
    orders={"changed_at": (changed, lambda row, _: row.id)},
    filters={
        **CHANGED,
        "state": equals("state"),
        "kind": equals("kind"),
        "team": equals("team", narrows=True),
        "service": Filter(in_service),
        "worker": equals("worker"),
        "subject": about_subject(narrows=True),
        "audit": equals("audit_id", Uuid(), narrows=True),
        "overdue": flag(_is_overdue),
        "calendar_unknown": flag(_calendar_unknown),
    },
)
"""Newest first."""
