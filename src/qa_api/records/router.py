"""The routes of a subject's record: reading it whole, and hiding a text of it."""

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.problem_document import refusals
from qa_api.http.reads import JSON, Reader
from qa_api.http.route import StrictRoute
from qa_api.http.staff_names import names_on_page
from qa_api.http.writes import Change
from qa_api.records import queries, service
from qa_api.records.amended import with_earlier_words
from qa_api.records.audiences import shown_to
from qa_api.records.page import written
from qa_api.records.page_staff import staff_on
from qa_api.records.redacting import redacted
from qa_api.records.redaction_schemas import RedactionIn, RedactionLift, RedactionOut
from qa_api.records.schemas import RecordQuery, SubjectHistory
from qa_api.values.fields import Code, Reference, Uuid

router = APIRouter(prefix="/v1", tags=["records"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.RECORD_READ)]
Lifting = Annotated[Change, secured(Change.of, Permission.RECORD_REDACT)]
Redacting = Annotated[Change, secured(Change.creating, Permission.RECORD_REDACT)]
ReadingRedactions = Annotated[Reader, secured(Reader.of, Permission.RECORD_REDACT)]

_HTML: Final = "text/html"
_AS_PAGE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {_HTML: {"schema": {"type": "string", "maxLength": 10_000_000}}}},
    **refusals("not-acceptable"),
}
_CALM: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
    "Vary": "Accept",
    "Cache-Control": "no-store",
}


@router.get("/subjects/{system}/{ref}/record", response_model=SubjectHistory, responses=_AS_PAGE)
async def get_record(
    system: Code, ref: Reference, query: Annotated[RecordQuery, Query()], reading: Reading
) -> Response:
    """Everything held about a subject in reading order, for one audience; reading it is logged.

    As JSON, or as a page to print where `text/html` is asked for.
    """
    form = reading.preferred((JSON, _HTML))
    found = await reading.found(queries.RECORD, system=system, ref=ref)
    record = redacted(with_earlier_words(orjson.loads(found["body"])))
    record = shown_to(query.audience, record | {"audience": query.audience})
    body = orjson.dumps(record)
    if form == _HTML:
        history = SubjectHistory.model_validate(record)
        names = await names_on_page(reading, staff_on(history))
        body = written(history, names).encode()
    return reading.answer(body, found["version"], media_type=form, headers=_CALM)


@router.post("/subjects/{system}/{ref}/redactions", response_model=RedactionOut, status_code=201)
async def redact_record(
    system: Code, ref: Reference, body: RedactionIn, redacting: Redacting
) -> Response:
    """Hide one text of the record from now on; the record says that it is hidden, and why."""
    answer = await redacting.document(queries.RECORD, system=system, ref=ref)
    record = with_earlier_words(orjson.loads(answer.body))
    await redacting.do(service.redact, redacting.id, record, body)
    return await redacting.created(queries.REDACTION, f"/v1/redactions/{redacting.id}")


@router.get("/redactions/{redaction_id}", response_model=RedactionOut)
async def get_redaction(redaction_id: Uuid, reading: ReadingRedactions) -> Response:
    """One redaction: what is not shown, and why."""
    return await reading.document(queries.REDACTION, id=redaction_id)


@router.post("/redactions/{redaction_id}/lift", response_model=RedactionOut)
async def lift_redaction(redaction_id: Uuid, body: RedactionLift, lifting: Lifting) -> Response:
    """Show a hidden text again, and say why. That it was hidden stays on record."""
    return await lifting.step(queries.REDACTION, service.lift, redaction_id, body)
