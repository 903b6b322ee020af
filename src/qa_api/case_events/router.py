"""The routes by which case systems tell, and what they told is read (§3, C2, C6)."""

from typing import Annotated, Final

from fastapi import APIRouter, Body, Query, Request, Response

from qa_api.auth.roles import Permission
from qa_api.case_events import intake, queries
from qa_api.case_events.messages import Batch, CaseEventMessage
from qa_api.case_events.schemas import (
    BatchReceipt,
    CaseEventOut,
    CaseEventQuery,
    CaseEventReceipt,
    CaseEventRow,
)
from qa_api.http.access import secured
from qa_api.http.reads import Reader
from qa_api.http.request_context import context_of
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of

CLOUDEVENT: Final = "application/cloudevents+json"
CLOUDEVENTS: Final = "application/cloudevents-batch+json"
BODY_TYPES: Final = {
    "/v1/case-events": (CLOUDEVENT, "application/json"),
    "/v1/case-events/batch": (CLOUDEVENTS, "application/json"),
}
"""The media types that the gate lets in beside its own."""

router = APIRouter(prefix="/v1", tags=["closures"], route_class=StrictRoute)

Sending = Annotated[Change, secured(Change.receiving, Permission.CASE_EVENT_SEND)]
ReadingEvents = Annotated[Reader, secured(Reader.of, Permission.CASE_EVENT_READ)]


@router.post("/case-events", response_model=CaseEventReceipt, status_code=202)
async def receive_case_event(
    message: Annotated[CaseEventMessage, Body(media_type=CLOUDEVENT)],
    sending: Sending,
    request: Request,
) -> CaseEventReceipt:
    """Send one event of your case system. It is applied before you are answered.

    `(source, id)` is its key, so you can safely send it again. No event is refused for being early
    or late.
    """
    return await intake.receive_event(sending.work, message, context_of(request.scope).document)


@router.post("/case-events/batch", response_model=BatchReceipt, status_code=202)
async def receive_case_events(
    messages: Annotated[Batch, Body(media_type=CLOUDEVENTS)], sending: Sending, request: Request
) -> BatchReceipt:
    """Send up to 100 events, in their order. A malformed one is refused, the others are applied."""
    sent = context_of(request.scope).document
    return BatchReceipt(items=await intake.receive_batch(sending.work, messages, sent))


@router.get("/case-events", response_model=page_of(CaseEventRow))
async def list_case_events(
    query: Annotated[CaseEventQuery, Query()], reading: ReadingEvents
) -> Response:
    """The events that you may know of, newest first."""
    return await reading.page(queries.CASE_EVENTS, query)


# Only a UUID: `/case-events/batch` is another address, and that one has no GET.
@router.get("/case-events/{event_id:uuid}", response_model=CaseEventOut)
async def get_case_event(event_id: Uuid, reading: ReadingEvents) -> Response:
    """One event, by our id."""
    return await reading.document(queries.CASE_EVENT, id=event_id)
