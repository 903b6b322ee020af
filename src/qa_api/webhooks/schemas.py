"""What goes into and comes out of the webhook routes."""

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, JsonValue

from qa_api.events import EVENT_TYPES, EndpointTested
from qa_api.rules.states import DeliveryState
from qa_api.values.fields import (
    Bounded,
    Choice,
    Code,
    Count,
    Few,
    Input,
    Instant,
    Key,
    Many,
    Output,
    QueryFlag,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery
from qa_api.values.text import Formed

SENT_TYPES: Final = tuple(
    sorted(
        name for name, event in EVENT_TYPES.items() if event.sent and event is not EndpointTested
    )
)
"""What an endpoint can ask for; a test message needs no asking."""

CHECKPOINTS: Final = "log.checkpoint"
"""What a witness asks for. It is no event: the newest signed checkpoint of the logs, as text."""

EventType = Annotated[
    str,
    Formed(
        r"^[a-z_]+\.[a-z_]+$",
        "The type of an event, like `closure_gate.changed`.",
        most=80,
        examples=("closure_gate.changed",),
    ),
]
Url = Annotated[
    str,
    Formed(
        r"^https?://[!-~]+$",
        "An address that begins with https:// or http:// and has no spaces.",
        least=8,
        most=1_000,
        examples=("https://cases.example.org/hooks/quality",),
    ),
]
Secret = Annotated[
    str,
    Field(
        max_length=100,
        description="Signs what is sent. Shown in this one answer and never again.",
        examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
    ),
]

_EVENT_TYPES: list[JsonValue] = [
    "audit.response_required",
    "closure_gate.changed",
    "escalation.raised",
]
_ENDPOINT: dict[str, JsonValue] = {
    "id": "0192f0c4-5b1e-7c3a-9d55-0f6a2b8c4d1e",
    "system": "mosaic",
    "url": "https://cases.example.org/hooks/quality",
    "event_types": _EVENT_TYPES,
    "state": "active",
    "parked_at": None,
    "disabled_at": None,
    "deleted_at": None,
    "version": 1,
}

_DELIVERY: dict[str, JsonValue] = {
    "id": "0192f0c4-7e21-7d10-8f3b-51c2a9e0b7d4",
    "event_id": "0192f0c4-7e20-7a44-b1c9-3d7e5f9a1b2c",
    "event_type": "closure_gate.changed",
    "endpoint_id": _ENDPOINT["id"],
    "lane": "ordinary",
    "state": "delivered",
    "attempts": 1,
    "due_at": "2026-11-23T09:30:00.000000Z",
    "delivered_at": "2026-11-23T09:30:00.214000Z",
    "settled_at": "2026-11-23T09:30:00.214000Z",
    "replayed_as": None,
    "version": 2,
}
_ATTEMPT: dict[str, JsonValue] = {
    "number": 1,
    "at": "2026-11-23T09:30:00.214000Z",
    "status": 204,
    "failure": None,
}


class EndpointRegistration(Input):
    """A new webhook endpoint. The operator's list of targets must name its host."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "system": "mosaic",
                    "url": "https://cases.example.org/hooks/quality",
                    "event_types": _EVENT_TYPES,
                }
            ]
        }
    )

    system: Code | None = Field(
        default=None,
        description="Only events about this case system's subjects go there; without it, all.",
    )
    url: Url
    event_types: Annotated[Few[EventType], Field(min_length=1)] = Field(
        description="What it is sent. `log.checkpoint`, which is no event, makes it a witness: it"
        " is sent each signed checkpoint of the logs, as a text of its own form."
    )


class EndpointChange(Input):
    """What may change about an endpoint; what is not given stays."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"event_types": _EVENT_TYPES[:2]},
                {"url": "https://cases.example.gov.uk/qa-events"},
            ]
        }
    )

    url: Url | None = None
    event_types: Annotated[Few[EventType], Field(min_length=1)] | None = None


class EndpointOut(Output):
    """A webhook endpoint."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENDPOINT]})

    id: Uuid
    system: Code | None
    url: Url
    event_types: Few[EventType]
    state: Literal["active", "parked", "disabled", "deleted"]
    """Parked: the receiver answered 410, so its deliveries wait. Disabled: nothing is queued.
    Deleted: for good; the log of its deliveries stays."""
    parked_at: Instant | None
    disabled_at: Instant | None
    deleted_at: Instant | None
    version: Version


class EndpointQuery(PageQuery):
    """The filters of the list of endpoints."""

    system: Code | None = None
    """Only of this case system, by its code."""
    deleted: QueryFlag | None = None
    """`true`: only those that were deleted; `false`: only the others."""


class EndpointReplay(Input):
    """Which of the messages that an endpoint was sent it is to be sent once more.

    By when they stopped waiting: delivered, refused or parked. What waits comes anyway; what was
    skipped or told by hand is replayed one by one.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"since": "2026-11-23T09:00:00Z"},
                {
                    "since": "2026-11-23T09:00:00Z",
                    "until": "2026-11-23T12:00:00Z",
                    "event_type": "closure_gate.changed",
                },
            ]
        }
    )

    since: Instant
    """From this instant on, which is not in the future."""
    until: Instant | None = None
    """Before this instant, which is neither in the future nor before `since`; without it, before
    now."""
    event_type: EventType | None = None
    """Only messages of this type."""


class EndpointReplayOut(Output):
    """What is sent once more. While `left` is not 0, send the same again with this `until`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "since": "2026-11-23T09:00:00.000000Z",
                    "until": "2026-11-23T12:00:00.000000Z",
                    "queued": 500,
                    "left": 132,
                }
            ]
        }
    )

    since: Instant
    until: Instant
    queued: Count
    """How many messages were queued behind what waits, in the order of their first sending."""
    left: Count
    """How many more messages there are: ask once more."""


class EndpointWithSecret(EndpointOut):
    """A webhook endpoint with the secret that was made for it, in this answer only."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_ENDPOINT | {"secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}]
        }
    )

    secret: Secret | None
    """The secret that signs what is sent. Null if this repeats a request that was answered
    before."""


class AttemptOut(Output):
    """One attempt at a delivery."""

    number: Count
    at: Instant
    status: Annotated[int, Bounded(100, 999)] | None
    failure: Literal["timeout", "connection", "target_not_allowed", "not_recorded"] | None
    """Why it did not count; `not_recorded`: the receiver took it, but noting that failed."""


class DeliveryRow(Output):
    """An event on its way to one endpoint."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DELIVERY]})

    id: Uuid
    event_id: Uuid
    """Sent as `webhook-id`, the same at every attempt and replay."""
    event_type: EventType
    endpoint_id: Uuid
    lane: Literal["escalation", "ordinary", "test"]
    state: DeliveryState
    """Only a `waiting` delivery holds up those behind it. `refused`: the receiver will not take
    this message. `parked`: it kept failing while others were taken, or it is a test, which is
    tried once, and failed. `skipped`: somebody gave it up. `told_by_hand`: somebody told the
    worker. All but `waiting` can be replayed."""
    attempts: Count
    due_at: Instant
    """When it is tried, by the database's clock, while it waits and nothing stands before it."""
    delivered_at: Instant | None
    settled_at: Instant | None
    """When it stopped waiting, in whatever way."""
    replayed_as: Uuid | None
    """The delivery that sends this event to this endpoint once more."""
    version: Version


class DeliveryOut(DeliveryRow):
    """An event on its way to one endpoint, with each attempt."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_DELIVERY | {"log": [_ATTEMPT], "allowed_actions": ["replay"]}]
        }
    )

    log: Many[AttemptOut]
    allowed_actions: Few[Key]


class DeliveryQuery(PageQuery):
    """The filters of the delivery log."""

    endpoint: Uuid | None = None
    """Only to this webhook endpoint."""
    event: Uuid | None = None
    """Only what carries this event, by its `webhook-id`."""
    event_type: EventType | None = None
    """Only events of this type."""
    state: Choice[DeliveryState] | None = None
    """Only in this state."""
    delivered: QueryFlag | None = None
    """`true`: only what has arrived; `false`: only what has not."""
    replayed: QueryFlag | None = None
    """`true`: only what was sent once more, and so has been seen to; `false`: only what was not."""
    due: QueryFlag | None = None
    """`true`: only what waits and whose time has come; `false`: the rest."""
