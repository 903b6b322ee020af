"""The notification routes (R4.1.6, R4.2.8)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.list_tables import AS_TABLE
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.notifications import queries, service
from qa_api.notifications.schemas import (
    DeliveryByHand,
    NotificationOut,
    NotificationQuery,
    NotificationRow,
)
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1/notifications", tags=["notifications"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.NOTIFICATION_READ)]
Recording = Annotated[Change, secured(Change.of, Permission.NOTIFICATION_RECORD_DELIVERY)]


@router.get("", response_model=page_of(NotificationRow), responses=AS_TABLE)
async def list_notifications(
    query: Annotated[NotificationQuery, Query()], reading: Reading
) -> Response:
    """The notifications that you may know of, newest first."""
    return await reading.page(queries.NOTIFICATIONS, query)


@router.get("/{notification_id}", response_model=NotificationOut)
async def get_notification(notification_id: Uuid, reading: Reading) -> Response:
    """One notification."""
    return await reading.document(queries.NOTIFICATION, id=notification_id)


@router.post("/{notification_id}/record-delivery", response_model=NotificationOut)
async def record_delivery(
    notification_id: Uuid, body: DeliveryByHand, recording: Recording
) -> Response:
    """Record that somebody told the worker by hand: from that instant the response's clock runs."""
    return await recording.step(
        queries.NOTIFICATION, service.record_delivery, notification_id, body
    )
