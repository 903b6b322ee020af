"""The routes of gates: may the case close, and what people decide about it (§3, C1, C3 to C5)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import Permission
from qa_api.closure_gates import queries, steps
from qa_api.closure_gates.schemas import (
    GateOut,
    GateQuery,
    GateRow,
    SubjectGate,
    SubjectGateQuery,
    WhyIn,
)
from qa_api.http.access import secured
from qa_api.http.list_tables import AS_TABLE
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.problems import Problem
from qa_api.values.fields import Code, Reference, Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1", tags=["closures"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.GATE_READ)]
Requesting = Annotated[Change, secured(Change.of, Permission.GATE_REQUEST_OVERRIDE)]
Approving = Annotated[Change, secured(Change.of, Permission.GATE_APPROVE_OVERRIDE)]
Withdrawing = Annotated[Change, secured(Change.of, Permission.GATE_WITHDRAW_OVERRIDE)]
Reopening = Annotated[Change, secured(Change.of, Permission.GATE_REOPEN)]


@router.get("/closure-gates", response_model=page_of(GateRow), responses=AS_TABLE)
async def list_closure_gates(query: Annotated[GateQuery, Query()], reading: Reading) -> Response:
    """The gates that you may know of, newest first."""
    return await reading.page(queries.GATES, query)


@router.get("/closure-gates/{gate_id}", response_model=GateOut)
async def get_closure_gate(gate_id: Uuid, reading: Reading) -> Response:
    """One gate: may the case close, what does it wait for, and why."""
    return await reading.document(queries.GATE, id=gate_id)


@router.post("/closure-gates/{gate_id}/override", response_model=GateOut)
async def request_override(gate_id: Uuid, body: WhyIn, requesting: Requesting) -> Response:
    """Ask that the case may close although its gate is not clear."""
    return await requesting.step(queries.GATE, steps.request_override, gate_id, body)


@router.post("/closure-gates/{gate_id}/approve-override", response_model=GateOut)
async def approve_override(gate_id: Uuid, approving: Approving) -> Response:
    """Approve the override that somebody else has asked for."""
    return await approving.step(queries.GATE, steps.approve_override, gate_id)


@router.post("/closure-gates/{gate_id}/withdraw-override", response_model=GateOut)
async def withdraw_closure_gate_override(
    gate_id: Uuid, body: WhyIn, withdrawing: Withdrawing
) -> Response:
    """Take back an override that was requested or given by mistake, with the reason.

    This is possible until the case has closed. The gate is then decided as if there had been no
    override.
    """
    return await withdrawing.step(queries.GATE, steps.withdraw_override, gate_id, body)


@router.post("/closure-gates/{gate_id}/reopen", response_model=GateOut)
async def reopen_closure_gate(gate_id: Uuid, body: WhyIn, reopening: Reopening) -> Response:
    """Reopen a clear gate: a new closure audit is needed before the case may close."""
    return await reopening.step(queries.GATE, steps.reopen_gate, gate_id, body)


@router.get("/subjects/{system}/{ref}/closure-gate", response_model=SubjectGate)
async def get_subject_closure_gate(
    system: Code, ref: Reference, query: Annotated[SubjectGateQuery, Query()], reading: Reading
) -> Response:
    """May this child's case close? Without a gate the answer is `not_proposed`, and no.

    If there are several episodes, the answer is about the one that holds the closing back. A case
    system may ask about any reference of its own; everybody else only about subjects that they may
    see.
    """
    asked = {"system": system, "ref": ref, "episode_id": query.episode_id}
    try:
        return await reading.document(queries.SUBJECT_GATE, **asked)
    except Problem as refusal:
        if refusal.kind.slug != "not-found":
            raise
    return await reading.document(queries.UNKNOWN_SUBJECT_GATE, **asked)
