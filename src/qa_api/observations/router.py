"""The routes of practice observations, their compliance and learning highlights (§4.6)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.computed_reads import computed_read, listed
from qa_api.http.list_tables import AS_TABLE
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.observations import highlights, queries, service
from qa_api.observations.compliance import compliance
from qa_api.observations.compliance_schemas import ComplianceQuery, ComplianceRow
from qa_api.observations.highlight_schemas import (
    HighlightAnswer,
    HighlightIn,
    HighlightOut,
    HighlightQuery,
    HighlightReturnQuery,
    HighlightReturnRow,
    HighlightRow,
)
from qa_api.observations.schemas import (
    ObservationCorrectionIn,
    ObservationExemptionEnd,
    ObservationExemptionIn,
    ObservationExemptionOut,
    ObservationExemptionQuery,
    ObservationIn,
    ObservationOut,
    ObservationQuery,
    ObservationRow,
    ObservationWithdrawal,
)
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of
from qa_api.work import Work

router = APIRouter(prefix="/v1", tags=["observations"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.OBSERVATION_READ)]
Recording = Annotated[Change, secured(Change.creating, Permission.OBSERVATION_RECORD)]
Correcting = Annotated[Change, secured(Change.of, Permission.OBSERVATION_RECORD)]
Exempting = Annotated[Change, secured(Change.creating, Permission.OBSERVATION_EXEMPT)]
EndingExemption = Annotated[Change, secured(Change.of, Permission.OBSERVATION_EXEMPT)]
Counting = Annotated[Work, secured(computed_read, Permission.OBSERVATION_COMPLIANCE)]
ReadingHighlights = Annotated[Reader, secured(Reader.of, Permission.HIGHLIGHT_READ)]
RecordingHighlight = Annotated[Change, secured(Change.creating, Permission.HIGHLIGHT_RECORD)]
Answering = Annotated[Change, secured(Change.of, Permission.HIGHLIGHT_ANSWER)]
Following = Annotated[Work, secured(computed_read, Permission.HIGHLIGHT_FOLLOW)]


@router.get("/practice-observations", response_model=page_of(ObservationRow), responses=AS_TABLE)
async def list_practice_observations(
    query: Annotated[ObservationQuery, Query()], reading: Reading
) -> Response:
    """The observations that you may see, the latest first."""
    return await reading.page(queries.OBSERVATIONS, query)


@router.post("/practice-observations", response_model=ObservationOut, status_code=201)
async def record_practice_observation(body: ObservationIn, recording: Recording) -> Response:
    """Record an observation in the worker's team; Quality & Standards is told of it."""
    await recording.do(service.record_observation, recording.id, body)
    return await recording.created(queries.OBSERVATION, f"/v1/practice-observations/{recording.id}")


@router.get("/practice-observations/{observation_id}", response_model=ObservationOut)
async def get_practice_observation(observation_id: Uuid, reading: Reading) -> Response:
    """One observation, with what it said before each correction."""
    return await reading.document(queries.OBSERVATION, id=observation_id)


@router.post("/practice-observations/{observation_id}/correct", response_model=ObservationOut)
async def correct_practice_observation(
    observation_id: Uuid, body: ObservationCorrectionIn, correcting: Correcting
) -> Response:
    """Correct what it says. What it said before is kept, with the reason."""
    return await correcting.step(
        queries.OBSERVATION, service.correct_observation, observation_id, body
    )


@router.post("/practice-observations/{observation_id}/withdraw", response_model=ObservationOut)
async def withdraw_practice_observation(
    observation_id: Uuid, body: ObservationWithdrawal, correcting: Correcting
) -> Response:
    """Say that it was recorded by mistake. It can still be read, and is not counted."""
    return await correcting.step(
        queries.OBSERVATION, service.withdraw_observation, observation_id, body
    )


@router.get("/observation-exemptions", response_model=page_of(ObservationExemptionOut))
async def list_observation_exemptions(
    query: Annotated[ObservationExemptionQuery, Query()], reading: Reading
) -> Response:
    """The exemptions that you may see, the newest first."""
    return await reading.page(queries.EXEMPTIONS, query)


@router.post("/observation-exemptions", response_model=ObservationExemptionOut, status_code=201)
async def grant_observation_exemption(
    body: ObservationExemptionIn, exempting: Exempting
) -> Response:
    """Ask no observations of a worker for some days, with the reason; one at a time."""
    await exempting.do(service.grant_exemption, exempting.id, body)
    return await exempting.created(queries.EXEMPTION, f"/v1/observation-exemptions/{exempting.id}")


@router.get("/observation-exemptions/{exemption_id}", response_model=ObservationExemptionOut)
async def get_observation_exemption(exemption_id: Uuid, reading: Reading) -> Response:
    """One exemption."""
    return await reading.document(queries.EXEMPTION, id=exemption_id)


@router.post("/observation-exemptions/{exemption_id}/end", response_model=ObservationExemptionOut)
async def end_observation_exemption(
    exemption_id: Uuid, body: ObservationExemptionEnd, ending: EndingExemption
) -> Response:
    """End it: name the first day on which it no longer holds."""
    return await ending.step(queries.EXEMPTION, service.end_exemption, exemption_id, body)


@router.get("/observation-compliance", response_model=page_of(ComplianceRow))
async def list_observation_compliance(
    query: Annotated[ComplianceQuery, Query()], request: Request, work: Counting
) -> Response:
    """How many observations are done, required and remaining on a day, and who is on pace, by code.

    Teams and policy are those of that day; observations follow a worker from team to team.
    """
    rows = await compliance(work, query)
    return listed(request, "observation-compliance", query, rows, lambda row: row.code or "")


@router.get("/learning-highlights", response_model=page_of(HighlightRow), responses=AS_TABLE)
async def list_learning_highlights(
    query: Annotated[HighlightQuery, Query()], reading: ReadingHighlights
) -> Response:
    """The learning highlights that you may see, the newest first."""
    return await reading.page(queries.HIGHLIGHTS, query)


@router.post("/learning-highlights", response_model=HighlightOut, status_code=201)
async def record_learning_highlight(body: HighlightIn, recording: RecordingHighlight) -> Response:
    """Say what your team learned in a quarter, and route it to who can do something about it."""
    await recording.do(highlights.record_highlight, recording.id, body)
    return await recording.created(queries.HIGHLIGHT, f"/v1/learning-highlights/{recording.id}")


@router.get("/learning-highlights/{highlight_id}", response_model=HighlightOut)
async def get_learning_highlight(highlight_id: Uuid, reading: ReadingHighlights) -> Response:
    """One learning highlight, with what was done about it."""
    return await reading.document(queries.HIGHLIGHT, id=highlight_id)


@router.post("/learning-highlights/{highlight_id}/answer", response_model=HighlightOut)
async def answer_learning_highlight(
    highlight_id: Uuid, body: HighlightAnswer, answering: Answering
) -> Response:
    """Say what was done about it, as one of those whom it was routed to."""
    return await answering.step(queries.HIGHLIGHT, highlights.answer_highlight, highlight_id, body)


@router.get("/learning-highlight-returns", response_model=page_of(HighlightReturnRow))
async def list_learning_highlight_returns(
    query: Annotated[HighlightReturnQuery, Query()], request: Request, work: Following
) -> Response:
    """How each team stands with its highlights of a quarter: recorded, late or missing."""
    rows = await highlights.highlight_returns(work, query)
    return listed(request, "learning-highlight-returns", query, rows, lambda row: row.team)
