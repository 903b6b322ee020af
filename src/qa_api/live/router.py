"""Listening to changes: of what waits for the caller, and of one audit (X6)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response
from fastapi.security import SecurityScopes

from qa_api.auth.roles import Permission
from qa_api.auth.tokens import Caller
from qa_api.http.access import caller_of, guards_as, permission_of, secured
from qa_api.http.event_stream import EVENT_STREAM, EventStream
from qa_api.http.route import StrictRoute
from qa_api.live.hub import Hub
from qa_api.live.listener import Listener
from qa_api.live.messages import EARLIEST_RETURN, LATEST_RETURN
from qa_api.live.positions import Position
from qa_api.reads.cursors import LONGEST, Cursors
from qa_api.values.fields import Uuid

router = APIRouter(prefix="/v1", route_class=StrictRoute)

LastEvent = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        max_length=LONGEST,
        description="The id of the last event that you were sent: you are told what followed it. "
        "Without it listening begins now.",
    ),
]
_AN_AUDIT: Final = "0199d1f0-7c1b-7000-8000-0000000000a1"
_EXAMPLE: Final = {
    "id": "Wm9vbQ",
    "event": "change",
    "data": f'{{"kind":"audit.completed","path":"/v1/audits/{_AN_AUDIT}","version":9}}',
}
_EACH: Final[dict[str, Any]] = {
    "type": "object",
    "description": "One event of the stream.",
    "required": ["id"],
    "properties": {
        "id": {
            "type": "string",
            "maxLength": LONGEST,
            "description": "Where you are: send it back in `Last-Event-ID`.",
        },
        "event": {"type": "string", "enum": ["change", "look_again", "end"]},
        "data": {
            "type": "string",
            "maxLength": 1_000,
            "contentMediaType": "application/json",
            "description": "Of a `change`: `kind`, `path` and `version`; of others `because`.",
        },
        "retry": {
            "type": "integer",
            "format": "int32",
            "minimum": EARLIEST_RETURN,
            "maximum": LATEST_RETURN,
            "description": "Of an `end`: after how many milliseconds to come back.",
        },
    },
}
"""Before 3.2, OpenAPI has the schema of a stream describe each of its events."""
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "What changes, as it happens",
        "content": {
            EVENT_STREAM: {
                "schema": _EACH,
                "example": _EXAMPLE,
            }
        },
    }
}


class Listening:
    """Lets one caller listen, as long as they may."""

    def __init__(self, request: Request, caller: Caller, permission: Permission) -> None:
        self._request = request
        self._caller = caller
        self._permission = permission

    @classmethod
    @guards_as("listening")
    async def of(cls, request: Request, scopes: SecurityScopes) -> "Listening":
        """The dependency: for the caller and the permission that the route names."""
        return cls(request, await caller_of(request), permission_of(scopes))

    async def answer(self, last_event: str | None, audit_id: Uuid | None = None) -> Response:
        """What changes from now on, or from what was told last."""
        state = self._request.app.state
        hub: Hub = state.hub
        cursors: Cursors = state.cursors
        since = None if last_event is None else Position.read(last_event, cursors)
        principal = await hub.let_in(self._caller, self._permission, audit_id)
        listener = Listener(
            self._caller,
            principal,
            audit_id=audit_id,
            position=since,
            cursors=cursors,
            settings=state.settings,
        )
        deadline = state.settings.write_deadline_seconds
        return EventStream(_while_listening(hub, listener), write_deadline_seconds=deadline)


@asynccontextmanager
async def _while_listening(hub: Hub, listener: Listener) -> AsyncIterator[Listener]:
    await hub.join(listener)
    try:
        yield listener
    finally:
        hub.leave(listener)


ListeningToWork = Annotated[Listening, secured(Listening.of, Permission.SELF_READ)]
ListeningToAudit = Annotated[Listening, secured(Listening.of, Permission.AUDIT_READ)]


@router.get(
    "/me/work/changes", tags=["me"], status_code=200, responses=_ANSWERS, response_class=EventStream
)
async def listen_to_my_work(
    listening: ListeningToWork, last_event_id: LastEvent = None
) -> Response:
    """Hear at once of what may change your list of work, as Server-Sent Events.

    `change` says which record changed, by `kind`, `path` and its `version` now; you are told only
    of records that you may see when it is told. `look_again`: read the list again, at the
    beginning, every hour and wherever a change has no address. `end` is the last; come back after
    `retry` milliseconds with the id of the last event in `Last-Event-ID`.
    """
    return await listening.answer(last_event_id)


@router.get(
    "/audits/{audit_id}/changes",
    tags=["audits"],
    status_code=200,
    responses=_ANSWERS,
    response_class=EventStream,
)
async def listen_to_audit(
    audit_id: Uuid, listening: ListeningToAudit, last_event_id: LastEvent = None
) -> Response:
    """Hear at once what changes of an audit and of what belongs to it, as Server-Sent Events.

    Of its actions, its response, its notifications, its escalations and its moderation you are told
    what you may see. The events are those of `GET /v1/me/work/changes`.
    """
    return await listening.answer(last_event_id, audit_id)
