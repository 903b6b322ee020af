"""The routes of restorative actions (R4.2.6)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.actions import queries, service
from qa_api.actions.schemas import (
    ActionCancellation,
    ActionCompletion,
    ActionOut,
    ActionPlan,
    ActionQuery,
    ActionReassignment,
    ActionReplan,
    ActionRow,
    ActionShortfall,
    ActionVerification,
    DoneCorrection,
)
from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.list_tables import AS_TABLE
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of

router = APIRouter(
    prefix="/v1/restorative-actions", tags=["restorative-actions"], route_class=StrictRoute
)

Reading = Annotated[Reader, secured(Reader.of, Permission.ACTION_READ)]
Planning = Annotated[Change, secured(Change.of, Permission.ACTION_PLAN)]
Completing = Annotated[Change, secured(Change.of, Permission.ACTION_COMPLETE)]
Correcting = Annotated[Change, secured(Change.of, Permission.ACTION_CORRECT)]
Verifying = Annotated[Change, secured(Change.of, Permission.ACTION_VERIFY)]
Reassigning = Annotated[Change, secured(Change.of, Permission.ACTION_REASSIGN)]
Cancelling = Annotated[Change, secured(Change.of, Permission.ACTION_CANCEL)]


@router.get("", response_model=page_of(ActionRow), responses=AS_TABLE)
async def list_actions(query: Annotated[ActionQuery, Query()], reading: Reading) -> Response:
    """The restorative actions that you may know of, soonest due first."""
    return await reading.page(queries.ACTIONS, query)


@router.get("/{action_id}", response_model=ActionOut)
async def get_action(action_id: Uuid, reading: Reading) -> Response:
    """One restorative action."""
    return await reading.document(queries.ACTION, id=action_id)


@router.post("/{action_id}/plan", response_model=ActionOut)
async def plan_action(action_id: Uuid, body: ActionPlan, planning: Planning) -> Response:
    """Say by when the action will be finished."""
    return await planning.step(queries.ACTION, service.plan_action, action_id, body)


@router.post("/{action_id}/replan", response_model=ActionOut)
async def replan_action(action_id: Uuid, body: ActionReplan, planning: Planning) -> Response:
    """Promise another date, with the reason. The former dates stay; the team manager is told.

    An action whose date had passed stays overdue until it is verified.
    """
    return await planning.step(queries.ACTION, service.replan_action, action_id, body)


@router.post("/{action_id}/complete", response_model=ActionOut)
async def complete_action(
    action_id: Uuid, body: ActionCompletion, completing: Completing
) -> Response:
    """Say that the action is done. Its `doer` can, and whoever holds the case."""
    return await completing.step(queries.ACTION, service.complete_action, action_id, body)


@router.post("/{action_id}/correct-done", response_model=ActionOut)
async def correct_done_action(
    action_id: Uuid, body: DoneCorrection, correcting: Correcting
) -> Response:
    """Correct the date on which the action was done, with the reason; the team manager is told.

    Its owner and the allocated worker can until it is verified; the team manager and Q&S also
    later.
    """
    return await correcting.step(queries.ACTION, service.correct_done, action_id, body)


@router.post("/{action_id}/verify", response_model=ActionOut)
async def verify_action(
    action_id: Uuid, body: ActionVerification, verifying: Verifying
) -> Response:
    """Say that you have seen it done. The auditor, the team manager and Q&S can, not the doer."""
    return await verifying.step(queries.ACTION, service.verify_action, action_id, body)


@router.post("/{action_id}/not-achieved", response_model=ActionOut)
async def find_action_not_achieved(
    action_id: Uuid, body: ActionShortfall, verifying: Verifying
) -> Response:
    """Say that what was reported done is not done. The action is planned again with a new date."""
    return await verifying.step(queries.ACTION, service.find_not_achieved, action_id, body)


@router.post("/{action_id}/cancel", response_model=ActionOut)
async def cancel_action(
    action_id: Uuid, body: ActionCancellation, cancelling: Cancelling
) -> Response:
    """Cancel an action, with the reason. The team manager or Q&S can, but not who is to do it."""
    return await cancelling.step(queries.ACTION, service.cancel_action, action_id, body)


@router.post("/{action_id}/reassign", response_model=ActionOut)
async def reassign_action(
    action_id: Uuid, body: ActionReassignment, reassigning: Reassigning
) -> Response:
    """Give the action to another person, with the reason. The team manager or Q&S can."""
    return await reassigning.step(queries.ACTION, service.reassign_action, action_id, body)
