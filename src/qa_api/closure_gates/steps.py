"""What people do about a gate: two of them override it, one reopens it, with a reason (C5)."""

from uuid import UUID

from qa_api import events
from qa_api.auth.roles import Permission
from qa_api.closure_gates.queries import visible_to
from qa_api.closure_gates.schemas import WhyIn
from qa_api.closure_gates.service import reassess_subject
from qa_api.models.closures import ClosureGate
from qa_api.rules.decision import NotAllowedInState
from qa_api.rules.transitions import CLAUSES, next_state
from qa_api.rules.two_people import check_second_person
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

CLAUSE = "§3, C5"


async def request_override(work: Work, gate_id: UUID, expected: Precondition, why: WhyIn) -> None:
    """Ask that the case may close although its gate is not clear; a second person decides."""
    gate = await _find(work, gate_id)
    work.require(Permission.GATE_REQUEST_OVERRIDE, team=gate.team)
    next_state("closure_gate", gate.state, "request_override")
    expected.check(gate.version)
    if _requested(gate):
        raise _refused(gate, "An override has been asked for already.", "approve_override")
    work.person()  # an account of nobody asks for nothing that a second person is to approve
    # One that was withdrawn is in the event log, with who asked for it and who withdrew it.
    gate.override_approved_by = gate.override_approved_at = None
    gate.override_withdrawn_by = gate.override_withdrawn_at = None
    gate.override_withdrawal_reason = None
    gate.override_requested_by = work.actor.principal_id
    gate.override_requested_at, gate.override_reason = work.now, why.reason
    await work.record(events.OverrideRequested(about=gate.id, subject=gate.subject_id))


async def approve_override(work: Work, gate_id: UUID, expected: Precondition) -> None:
    """Let the case close although its gate is not clear; never by who asked for it."""
    gate = await _find(work, gate_id)
    work.require(Permission.GATE_APPROVE_OVERRIDE, team=gate.team)
    next_state("closure_gate", gate.state, "approve_override")
    expected.check(gate.version)
    if not _requested(gate):
        raise _refused(gate, "Nobody has asked for an override.", "request_override")
    first = await work.person_behind(gate.override_requested_by)
    refusal = "A second person has to approve an override."
    check_second_person(first, work.person(), CLAUSE, refusal)
    gate.override_approved_by = work.actor.principal_id
    gate.override_approved_at = work.now
    await work.record(events.OverrideApproved(about=gate.id, subject=gate.subject_id))
    await _decide_again(work, gate)


async def withdraw_override(work: Work, gate_id: UUID, expected: Precondition, why: WhyIn) -> None:
    """Take back an override that was requested or given by mistake, with the reason (C5).

    One person can: it takes two to let a case close, and one to stop it. The gate is then decided
    as if there had been no override.
    """
    gate = await _find(work, gate_id)
    work.require(Permission.GATE_WITHDRAW_OVERRIDE, team=gate.team)
    next_state("closure_gate", gate.state, "withdraw_override")
    expected.check(gate.version)
    if not _requested(gate):
        raise _refused(gate, "There is no override to withdraw.", "request_override")
    gate.override_withdrawn_by = work.actor.principal_id
    gate.override_withdrawn_at, gate.override_withdrawal_reason = work.now, why.reason
    await work.record(events.OverrideWithdrawn(about=gate.id, subject=gate.subject_id))
    await _decide_again(work, gate)


async def reopen_gate(work: Work, gate_id: UUID, expected: Precondition, why: WhyIn) -> None:
    """Reopen a clear gate: the case needs a new closure audit before it may close."""
    gate = await _find(work, gate_id)
    work.require(Permission.GATE_REOPEN, team=gate.team)
    next_state("closure_gate", gate.state, "reopen")
    expected.check(gate.version)
    gate.reopened_by, gate.reopened_at = work.actor.principal_id, work.now
    gate.reopen_reason, gate.audit_id = why.reason, None
    await work.record(events.GateReopened(about=gate.id, subject=gate.subject_id))
    await _decide_again(work, gate)


def _requested(gate: ClosureGate) -> bool:
    """Whether an override stands, approved or not: requested, and not withdrawn since."""
    return gate.override_requested_at is not None and gate.override_withdrawn_at is None


async def _decide_again(work: Work, gate: ClosureGate) -> None:
    if gate.subject_id is not None:
        await reassess_subject(work, gate.subject_id)


async def _find(work: Work, gate_id: UUID) -> ClosureGate:
    return await work.take(ClosureGate, gate_id, visible_to)


def _refused(gate: ClosureGate, why: str, *allowed: str) -> NotAllowedInState:
    return NotAllowedInState(CLAUSES["closure_gate"], "closure_gate", gate.state, allowed, why)
