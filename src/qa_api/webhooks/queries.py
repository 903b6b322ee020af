"""Reading endpoints and the delivery log."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Text, Uuid, and_, case, column, func, or_, select, table

from qa_api.auth.actor import Me
from qa_api.auth.reach import allowed_actions, own_system
from qa_api.db import parameter
from qa_api.models.aliases import aliased
from qa_api.models.deliveries import Delivery, WebhookEndpoint
from qa_api.models.inner import there_is, value_of
from qa_api.reads.documents import Document
from qa_api.reads.filters import equals, is_set
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape
from qa_api.rules.states import DeliveryState
from qa_api.webhooks.schemas import DeliveryOut, DeliveryRow, EndpointOut, EndpointWithSecret


def endpoint_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """A case system sees its own endpoints; of people, whoever holds the permission sees all."""
    return or_(me.system.is_(None), own_system(row.system, me))


def delivery_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """What is on its way to an endpoint that they see: references only, of no other subject."""
    endpoint = aliased(WebhookEndpoint)
    own = there_is(endpoint, endpoint.id == row.endpoint_id, own_system(endpoint.system, me))
    return or_(me.system.is_(None), own)


def state_of(row: Any, _: Me) -> ColumnElement[Any]:
    """Whether an endpoint is sent to."""
    return case(
        (row.deleted_at.is_not(None), "deleted"),
        (row.disabled_at.is_not(None), "disabled"),
        (row.parked_at.is_not(None), "parked"),
        else_="active",
    )


_DELIVERED_TYPES: Final = table("delivered_types", column("event_id", Uuid), column("type", Text))
"""Of what type the events are whose deliveries the caller sees."""


def event_type(row: Any, _: Me | None = None) -> ColumnElement[Any]:
    """The type of the event that a delivery carries."""
    event = _DELIVERED_TYPES.alias()
    return value_of(event, select(event.c.type).where(event.c.event_id == row.event_id))


ENDPOINT = Document(
    Shape(EndpointOut, WebhookEndpoint, {"state": state_of}), visible=endpoint_visible_to
)

ENDPOINT_WITH_SECRET = Document(
    Shape(
        EndpointWithSecret,
        WebhookEndpoint,
        # Handed through from the change that made it, so that nothing stored is ever shown.
        {"state": state_of, "secret": lambda _row, _me: parameter("secret", Text())},
    ),
    visible=endpoint_visible_to,
)

ENDPOINTS = Listing(
    name="webhook-endpoints",
    shape=Shape(EndpointOut, WebhookEndpoint, {"state": state_of}),
    visible=endpoint_visible_to,
    filters={"system": equals("system"), "deleted": is_set("deleted_at")},
)
"""Newest first."""

_DELIVERY: dict[str, Expression] = {"event_type": event_type}

DELIVERY = Document(
    Shape(
        DeliveryOut,
        Delivery,
        {**_DELIVERY, "allowed_actions": lambda row, me: allowed_actions(row, me.roles)},
    ),
    visible=delivery_visible_to,
)


def _is_due(row: Any, _: Any, __: Me) -> ColumnElement[bool]:
    """By the clock that decides when it is sent."""
    return and_(row.state == DeliveryState.WAITING, row.due_at <= func.clock_timestamp())


DELIVERIES = Listing(
    name="webhook-deliveries",
    shape=Shape(DeliveryRow, Delivery, _DELIVERY),
    visible=delivery_visible_to,
    filters={
        "endpoint": equals("endpoint_id", Uuid()),
        "event": equals("event_id", Uuid()),
        "event_type": Filter(lambda row, value, _: event_type(row) == value),
        "state": equals("state"),
        "delivered": is_set("delivered_at"),
        "replayed": is_set("replayed_as"),
        "due": Filter(_is_due, None),
    },
    order=(lambda row, _: row.position,),
)
"""Newest first, in the order of queueing."""
