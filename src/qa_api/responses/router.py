"""The routes of audit responses (§4.2)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.list_tables import AS_TABLE
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.responses import queries, service, submission
from qa_api.responses.schemas import (
    AdequacyReview,
    ResponseHandOver,
    ResponseOut,
    ResponseQuery,
    ResponseRow,
    ResponseSubmission,
)
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1/audit-responses", tags=["audit-responses"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.RESPONSE_READ)]
Submitting = Annotated[Change, secured(Change.of, Permission.RESPONSE_SUBMIT)]
HandingOver = Annotated[Change, secured(Change.of, Permission.RESPONSE_HAND_OVER)]
Reviewing = Annotated[Change, secured(Change.of, Permission.RESPONSE_REVIEW)]


@router.get("", response_model=page_of(ResponseRow), responses=AS_TABLE)
async def list_responses(query: Annotated[ResponseQuery, Query()], reading: Reading) -> Response:
    """The audit responses that you may know of, soonest due first."""
    return await reading.page(queries.RESPONSES, query)


@router.get("/{response_id}", response_model=ResponseOut)
async def get_response(response_id: Uuid, reading: Reading) -> Response:
    """One audit response with its rounds."""
    return await reading.document(queries.RESPONSE, id=response_id)


@router.post("/{response_id}/submit", response_model=ResponseOut)
async def submit_response(
    response_id: Uuid, body: ResponseSubmission, submitting: Submitting
) -> Response:
    """Answer the audit: for each action, that it is done, or by when it will be and why not now.

    The responder answers. If they cannot, their practice supervisor or team manager answers for
    them and says so (`on_behalf`). Nobody who responded, in either way, reviews the response.
    """
    return await submitting.step(queries.RESPONSE, submission.submit_response, response_id, body)


@router.post("/{response_id}/hand-over", response_model=ResponseOut)
async def hand_over_response(
    response_id: Uuid, body: ResponseHandOver, handing_over: HandingOver
) -> Response:
    """Let another worker of the team respond. The case stays allocated to whom it is."""
    return await handing_over.step(queries.RESPONSE, service.hand_over_response, response_id, body)


@router.post("/{response_id}/review", response_model=ResponseOut)
async def review_response(
    response_id: Uuid, body: AdequacyReview, reviewing: Reviewing
) -> Response:
    """Find the response adequate, or return it with reasons for a further round."""
    return await reviewing.step(queries.RESPONSE, service.review_response, response_id, body)
