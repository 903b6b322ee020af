"""The routes of retention: dates, legal holds, and runs that let content go (X4)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.retention import holds, queries, service
from qa_api.retention.dates import dates_of
from qa_api.retention.schemas import (
    ItemsOf,
    LegalHoldIn,
    LegalHoldLift,
    LegalHoldOut,
    LegalHoldQuery,
    RetentionItemOut,
    RetentionItemQuery,
    RetentionRunCancel,
    RetentionRunIn,
    RetentionRunOut,
    RetentionRunQuery,
    RetentionRunRow,
    StoredRetention,
    SubjectRetentionOut,
)
from qa_api.values.fields import Code, Reference, Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1", tags=["retention"], route_class=StrictRoute)

ReadingRecord = Annotated[Reader, secured(Reader.of, Permission.RECORD_READ)]
Reading = Annotated[Reader, secured(Reader.of, Permission.RETENTION_READ)]
Proposing = Annotated[Change, secured(Change.creating, Permission.RETENTION_DECIDE)]
Deciding = Annotated[Change, secured(Change.of, Permission.RETENTION_DECIDE)]
Placing = Annotated[Change, secured(Change.creating, Permission.LEGAL_HOLD_PLACE)]
Lifting = Annotated[Change, secured(Change.of, Permission.LEGAL_HOLD_PLACE)]


@router.get("/subjects/{system}/{ref}/retention", response_model=SubjectRetentionOut)
async def get_subject_retention(system: Code, ref: Reference, reading: ReadingRecord) -> Response:
    """How long everything about a subject is kept, and what holds it; reading it is logged."""
    found = await reading.found(queries.RETENTION, system=system, ref=ref)
    dates = dates_of(StoredRetention.model_validate_json(found["body"]))
    return reading.answer(dates.model_dump_json().encode(), found["version"])


# --- legal holds ---


@router.get("/legal-holds", response_model=page_of(LegalHoldOut))
async def list_legal_holds(query: Annotated[LegalHoldQuery, Query()], reading: Reading) -> Response:
    """The legal holds that you may see, the newest first; lifted ones stay on record."""
    return await reading.page(queries.HOLDS, query)


@router.post("/legal-holds", response_model=LegalHoldOut, status_code=201)
async def place_legal_hold(body: LegalHoldIn, placing: Placing) -> Response:
    """Keep records whatever their date. They are taken out of any run that has listed them."""
    await placing.do(holds.place_hold, placing.id, body)
    return await placing.created(queries.HOLD, f"/v1/legal-holds/{placing.id}")


@router.get("/legal-holds/{hold_id}", response_model=LegalHoldOut)
async def get_legal_hold(hold_id: Uuid, reading: Reading) -> Response:
    """One legal hold."""
    return await reading.document(queries.HOLD, id=hold_id)


@router.post("/legal-holds/{hold_id}/lift", response_model=LegalHoldOut)
async def lift_legal_hold(hold_id: Uuid, body: LegalHoldLift, lifting: Lifting) -> Response:
    """Lift the hold, and say why."""
    return await lifting.step(queries.HOLD, holds.lift_hold, hold_id, body)


# --- runs ---


@router.get("/retention-runs", response_model=page_of(RetentionRunRow))
async def list_retention_runs(
    query: Annotated[RetentionRunQuery, Query()], reading: Reading
) -> Response:
    """The retention runs, the newest first."""
    return await reading.page(queries.RUNS, query)


@router.post("/retention-runs", response_model=RetentionRunOut, status_code=201)
async def propose_retention_run(body: RetentionRunIn, proposing: Proposing) -> Response:
    """List the records whose day has passed. Nothing is removed before a second person approves."""
    await proposing.do(service.propose_run, proposing.id, body)
    return await proposing.created(queries.RUN, f"/v1/retention-runs/{proposing.id}")


@router.get("/retention-runs/{run_id}", response_model=RetentionRunOut)
async def get_retention_run(run_id: Uuid, reading: Reading) -> Response:
    """One run: who proposed and who approved it, and what became of its items."""
    return await reading.document(queries.RUN, id=run_id)


@router.get("/retention-runs/{run_id}/items", response_model=page_of(RetentionItemOut))
async def list_retention_items(
    run_id: Uuid, query: Annotated[RetentionItemQuery, Query()], reading: Reading
) -> Response:
    """The records of a run, why the day of each has passed, and what became of it."""
    return await reading.page(queries.ITEMS, ItemsOf(run=run_id, **query.model_dump()))


@router.post("/retention-runs/{run_id}/approve", response_model=RetentionRunOut)
async def approve_retention_run(run_id: Uuid, deciding: Deciding) -> Response:
    """Approve the removal of what is listed, as a second person. The worker carries it out."""
    return await deciding.step(queries.RUN, service.approve_run, run_id)


@router.post("/retention-runs/{run_id}/cancel", response_model=RetentionRunOut)
async def cancel_retention_run(
    run_id: Uuid, body: RetentionRunCancel, deciding: Deciding
) -> Response:
    """Stop the run, and say why. What has been removed stays removed."""
    return await deciding.step(queries.RUN, service.cancel_run, run_id, body)
