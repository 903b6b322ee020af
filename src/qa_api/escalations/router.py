"""The escalation routes (§4.3)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import Permission
from qa_api.escalations import queries, service
from qa_api.escalations.schemas import (
    ActionsToBeTaken,
    Dispute,
    EscalationOut,
    EscalationQuery,
    EscalationRow,
    Resolution,
)
from qa_api.http.access import secured
from qa_api.http.list_tables import AS_TABLE
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1/escalations", tags=["escalations"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.ESCALATION_READ)]
Acknowledging = Annotated[Change, secured(Change.of, Permission.ESCALATION_ACKNOWLEDGE)]
Informing = Annotated[Change, secured(Change.of, Permission.ESCALATION_INFORM)]
Resolving = Annotated[Change, secured(Change.of, Permission.ESCALATION_RESOLVE)]
Disputing = Annotated[Change, secured(Change.of, Permission.ESCALATION_DISPUTE)]


@router.get("", response_model=page_of(EscalationRow), responses=AS_TABLE)
async def list_escalations(
    query: Annotated[EscalationQuery, Query()], reading: Reading
) -> Response:
    """The escalations that you may know of, newest first."""
    return await reading.page(queries.ESCALATIONS, query)


@router.get("/{escalation_id}", response_model=EscalationOut)
async def get_escalation(escalation_id: Uuid, reading: Reading) -> Response:
    """One escalation. Reading it proves nothing: only acknowledging does."""
    return await reading.document(queries.ESCALATION, id=escalation_id)


@router.post("/{escalation_id}/acknowledge", response_model=EscalationOut)
async def acknowledge_escalation(escalation_id: Uuid, acknowledging: Acknowledging) -> Response:
    """Acknowledge it as a manager addressed, or for them; done when all of them have."""
    return await acknowledging.step(queries.ESCALATION, service.acknowledge, escalation_id)


@router.post("/{escalation_id}/inform-quality-standards", response_model=EscalationOut)
async def inform_quality_standards(
    escalation_id: Uuid, body: ActionsToBeTaken, informing: Informing
) -> Response:
    """Tell Quality & Standards the actions to be taken: the second hop, by the manager."""
    return await informing.step(
        queries.ESCALATION, service.inform_quality_standards, escalation_id, body
    )


@router.post("/{escalation_id}/resolve", response_model=EscalationOut)
async def resolve_escalation(
    escalation_id: Uuid, body: Resolution, resolving: Resolving
) -> Response:
    """Resolve it. Only Quality & Standards does."""
    return await resolving.step(queries.ESCALATION, service.resolve, escalation_id, body)


@router.post("/{escalation_id}/dispute", response_model=EscalationOut)
async def dispute_escalation(escalation_id: Uuid, body: Dispute, disputing: Disputing) -> Response:
    """Mark it as disputed, with the reason. Its state and its deadlines stay as they are."""
    return await disputing.step(queries.ESCALATION, service.dispute, escalation_id, body)
