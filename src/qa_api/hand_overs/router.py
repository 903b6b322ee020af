"""The routes of hand-overs."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import Permission
from qa_api.hand_overs import queries, service
from qa_api.hand_overs.schemas import HandOverIn, HandOverOut, HandOverQuery, HandOverRow
from qa_api.http.access import secured
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1/hand-overs", tags=["hand-overs"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.HAND_OVER_READ)]
Proposing = Annotated[Change, secured(Change.creating, Permission.HAND_OVER_CARRY_OUT)]
Deciding = Annotated[Change, secured(Change.of, Permission.HAND_OVER_CARRY_OUT)]


@router.get("", response_model=page_of(HandOverRow))
async def list_hand_overs(query: Annotated[HandOverQuery, Query()], reading: Reading) -> Response:
    """Hand-overs, newest first: those that you proposed, and those in which you were given work.

    Quality & Standards read all of them. A proposal stays until it is accepted or withdrawn.
    """
    return await reading.page(queries.HAND_OVERS, query)


@router.post("", response_model=HandOverOut, status_code=201)
async def propose_hand_over(body: HandOverIn, change: Proposing) -> Response:
    """Propose how everything open of somebody goes to one or several others.

    The answer names everything open: to whom it goes, or why it stays. Nothing moves yet. Work of
    a post (a review, an escalation) follows the post and stays.
    """
    await change.do(service.propose_hand_over, change.id, body)
    return await change.created(queries.HAND_OVER, f"/v1/hand-overs/{change.id}")


@router.get("/{hand_over_id}", response_model=HandOverOut)
async def get_hand_over(hand_over_id: Uuid, reading: Reading) -> Response:
    """One hand-over: the whole to who proposed it and to Quality & Standards.

    Once it is carried out, each new holder reads what they were given.
    """
    return await reading.document(queries.HAND_OVER, id=hand_over_id)


@router.post("/{hand_over_id}/accept", response_model=HandOverOut)
async def accept_hand_over(hand_over_id: Uuid, change: Deciding) -> Response:
    """Carry a proposed hand-over out, whole or not at all; who proposed it does.

    If a thing was settled, has moved or came since the proposal, or can no longer go where it was
    to go, nothing moves, and a 409 names each; so it is where another hand-over of the same person
    is carried out in that moment, or a second grade would be sealed or unsealed otherwise than was
    said. Each new holder is told once. One that is carried out or withdrawn already is 409,
    whatever version is named; 412 is an older version of the proposal itself.
    """
    return await change.step(queries.HAND_OVER, service.accept_hand_over, hand_over_id)


@router.post("/{hand_over_id}/withdraw", response_model=HandOverOut)
async def withdraw_hand_over(hand_over_id: Uuid, change: Deciding) -> Response:
    """Withdraw a proposed hand-over, so that it is not carried out any more.

    Whoever proposed it does, or Quality & Standards. It stays in the list.
    """
    return await change.step(queries.HAND_OVER, service.withdraw_hand_over, hand_over_id)
