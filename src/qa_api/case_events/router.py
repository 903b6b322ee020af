"""The routes by which case systems tell, and what they told is read (§3, C2, C6)."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from qa_api.auth.roles import Permission
from qa_api.case_events import batches, binary_mode, queries
from qa_api.case_events.binary_contract import BINARY_MODE
from qa_api.case_events.data_in_base64 import as_sent, with_data
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
from qa_api.http.route import Handler, StrictRoute
from qa_api.http.writes import Change
from qa_api.problems import validation
from qa_api.values.faults import from_validation
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of

CLOUDEVENT: Final = "application/cloudevents+json"
CLOUDEVENTS: Final = "application/cloudevents-batch+json"
BODY_TYPES: Final = {
    "/v1/case-events": (CLOUDEVENT, "application/json"),
    "/v1/case-events/batch": (CLOUDEVENTS, "application/json"),
}
"""The media types that the gate lets in beside its own."""

_BATCH: Final = "/v1/case-events/batch"


class EventRoute(StrictRoute):
    """A route that takes an event in binary mode too, and data in base64, as if they were JSON."""

    def get_route_handler(self) -> Handler:
        """The handler of every route, behind the reading of `ce-` headers."""
        handle = super().get_route_handler()
        if "POST" not in (self.methods or ()):
            return handle

        async def handle_event(request: Request) -> Response:
            headers, context = request.scope["headers"], context_of(request.scope)
            is_binary = binary_mode.is_binary(headers)
            if self.path == _BATCH:
                if is_binary:
                    raise binary_mode.refuse_in_batch()
                if isinstance(context.document, list):
                    context.document = [with_data(event) for event in context.document]
                return await handle(request)
            if not is_binary or _media_type(request) == CLOUDEVENT:
                if is_binary:
                    binary_mode.check_repeats(headers, context.document)
                return await _in_one_form(handle, request)
            event = binary_mode.structured(headers, context.document, has_body=bool(context.body))
            context.document = event
            context.body = context.body or b"null"  # an event without data has come all the same
            try:
                return await handle(Request(_in_structured_mode(request.scope), request.receive))
            except RequestValidationError as fault:
                raise binary_mode.as_sent(from_validation(fault.errors(), event)) from None

        return handle_event


async def _in_one_form(handle: Handler, request: Request) -> Response:
    """Take an event in structured mode, its data as JSON though it came as bytes."""
    context = context_of(request.scope)
    context.document = event = with_data(context.document)
    try:
        return await handle(request)
    except RequestValidationError as fault:
        errors = from_validation(fault.errors(), event).errors
        raise validation([as_sent(error, event) for error in errors]) from None


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _in_structured_mode(scope: Mapping[str, Any]) -> dict[str, Any]:
    kept = [header for header in scope["headers"] if header[0] != b"content-type"]
    return {**scope, "headers": [*kept, (b"content-type", CLOUDEVENT.encode())]}


router = APIRouter(prefix="/v1", tags=["closures"], route_class=EventRoute)

Sending = Annotated[Change, secured(Change.receiving, Permission.CASE_EVENT_SEND)]
SendingMany = Annotated[Change, secured(Change.receiving_many, Permission.CASE_EVENT_SEND)]
ReadingEvents = Annotated[Reader, secured(Reader.of, Permission.CASE_EVENT_READ)]


@router.post(
    "/case-events",
    response_model=CaseEventReceipt,
    status_code=202,
    openapi_extra={"x-cloudevents-binary": BINARY_MODE},
)
async def receive_case_event(
    message: Annotated[CaseEventMessage, Body(media_type=CLOUDEVENT)],
    sending: Sending,
    request: Request,
) -> CaseEventReceipt:
    """Send one event of your case system. It is applied before you are answered.

    `(source, id)` is its key, so you can safely send it again. No event is refused for being early
    or late. It may come in binary mode as well, as the SDKs send it: attributes in `ce-` headers,
    the data as `application/json`; `x-cloudevents-binary` describes the headers. In structured mode
    `data_base64` is read as `data` where it is the base64 of JSON.
    """
    return await batches.receive_event(sending.work, message, context_of(request.scope).document)


@router.post("/case-events/batch", response_model=BatchReceipt, status_code=202)
async def receive_case_events(
    messages: Annotated[Batch, Body(media_type=CLOUDEVENTS)], sending: SendingMany, request: Request
) -> BatchReceipt:
    """Send up to 100 events, in their order. A malformed one is refused, the others are applied."""
    sent = context_of(request.scope).document
    return BatchReceipt(items=await batches.receive_batch(sending.work, messages, sent))


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
