"""Gates: what case systems report and what becomes of audits decides whether a case may close.

An episode is a fold of its events and a gate a function of facts (`rules/closure.py`); this is
where the facts come from and where the decision goes. The subject's row is locked before facts
are read, so that two things that happen at once are seen by whichever comes second.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, select

from qa_api import events
from qa_api.audits.for_plans import withdraw_planned_audits
from qa_api.audits.service import follow_closure_date, open_closure_audit
from qa_api.closures.schemas import Outcome
from qa_api.closures.told import ToldEvent
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import Audit
from qa_api.models.closures import ClosureGate
from qa_api.models.escalations import Escalation
from qa_api.models.subjects import Subject
from qa_api.rules.closure import (
    Cycle,
    EpisodeEventType,
    EpisodePhase,
    GateDecision,
    GateFacts,
    cycle_of,
    fold_episode,
    gate_state,
)
from qa_api.rules.escalation import EscalationTrigger
from qa_api.rules.telling import counts_at
from qa_api.rules.transitions import ActionState, AuditState, EscalationState, GateState
from qa_api.work import Work

_FINISHED = (AuditState.COMPLETED, AuditState.CLOSED)
_OPEN = (AuditState.PLANNED, AuditState.IN_PROGRESS)
_OPENS_A_GATE = (EpisodeEventType.CLOSURE_PROPOSED, EpisodeEventType.CASE_CLOSED)
_NOT_OWED: Final = defaultdict(
    lambda: "The case may close without it.",
    {
        GateState.WITHDRAWN: "The closing of the case was called off.",
        GateState.OVERRIDDEN: "The gate was overridden.",
        GateState.EXEMPT: "Closing for this reason needs no closure audit.",
    },
)
"""Why an audit that has not begun is taken back."""
_PHASES: Final = {
    GateState.CLOSED: EpisodePhase.CLOSED,
    GateState.CLOSED_WITHOUT_AUDIT: EpisodePhase.CLOSED,
    GateState.WITHDRAWN: EpisodePhase.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Settled:
    """What settling an episode did about one subject."""

    outcome: Outcome = Outcome.NO_CHANGE
    gate_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What is on record about a subject that bears on closing."""

    subject: Subject
    completed: frozenset[UUID] = frozenset()
    """Its audits that are completed or closed."""
    open: frozenset[UUID] = frozenset()
    begun: frozenset[UUID] = frozenset()
    """Those of the open ones that somebody is at."""
    actions: tuple[ActionState, ...] = ()
    urgent_findings: tuple[EscalationState, ...] = ()


async def settle_episode(
    work: Work,
    system: str,
    episode_id: str,
    told: Mapping[UUID, Sequence[ToldEvent]],
    *,
    known: Sequence[Subject],
    new: Sequence[Subject] = (),
) -> dict[UUID, Settled]:
    """Fold the episode anew for each of these subjects; move and open its gates (C2).

    `told` has the episode's events about each. Needs the service's reach, and the episode's turn:
    no two of its events are settled at once.
    """
    on_record = {subject.id: OnRecord(subject) for subject in new}
    gates: dict[UUID | None, list[ClosureGate]] = defaultdict(list)
    if known:
        of = {"subjects": [subject.id for subject in known]}
        on_record |= await _on_record(work, of["subjects"])
        where = {"system": system, "episode_id": episode_id}
        for gate in await _locked(work, _OF_EPISODE, **where, **of):
            gates[gate.subject_id].append(gate)
    return {
        subject_id: await _settle(
            work,
            system,
            episode_id,
            on_record[subject_id],
            told.get(subject_id, ()),
            gates[subject_id],
        )
        for subject_id in sorted(on_record)
    }


async def reassess_gates(work: Work, event: events.Event) -> None:
    """Something happened that a gate of this subject may have waited for, or must wait for."""
    if event.subject is not None:
        await reassess_subject(work, event.subject)


async def reassess_gates_for_finding(work: Work, event: events.EscalationRaised) -> None:
    """An urgent finding holds the gates of its subject until it is resolved (C3)."""
    if event.trigger == EscalationTrigger.URGENT_FINDING:
        await reassess_gates(work, event)


async def reassess_subject(work: Work, subject_id: UUID) -> None:
    """Decide again about the subject's gates that are not closed or withdrawn."""
    await work.session.flush()
    lock = select(Subject.id).where(Subject.id == subject_id).with_for_update(key_share=True)
    await work.session.execute(lock)
    gates = await _locked(work, _UNSETTLED, subject_id=subject_id)
    if not gates:
        return
    known = (await _on_record(work, [subject_id]))[subject_id]
    for gate in gates:
        await _move(work, gate, _as_kept(gate), known, current=gate.current)


async def _settle(
    work: Work,
    system: str,
    episode_id: str,
    known: OnRecord,
    told: Sequence[ToldEvent],
    gates: Sequence[ClosureGate],
) -> Settled:
    cycles = fold_episode((each.event for each in told), await _exempt(work, told))
    of_cycle = await _gates_by_cycle(work, gates, cycles, known)
    settled = []
    for cycle in cycles:
        if cycle.phase is EpisodePhase.NONE:
            continue
        gate = of_cycle.get(cycle.number) or _new_gate(
            work, system, episode_id, known.subject, cycle, told
        )
        await _name_day(work, gate, _closure_on(cycle, told), known)
        gate.cycle = cycle.number
        current = cycle is cycles[-1]
        settled.append(await _move(work, gate, cycle, known, current=current))
    await withdraw_duplicates(work, gates)
    ranks = list(Outcome)
    newest_first = reversed(settled)
    return min(newest_first, key=lambda each: ranks.index(each.outcome), default=Settled())


async def _exempt(work: Work, told: Sequence[ToldEvent]) -> frozenset[str]:
    """The events whose reason needed no audit when they happened: no later policy changes that."""
    exempt = set()
    for event in (each.event for each in told if each.event.reason_code is not None):
        policy = await work.policy_at(counts_at(event.occurred_at, event.received_at))
        if event.reason_code in policy.closure_exempt_reasons:
            exempt.add(event.event_id)
    return frozenset(exempt)


async def _gates_by_cycle(
    work: Work, gates: Sequence[ClosureGate], cycles: Sequence[Cycle], known: OnRecord
) -> dict[int, ClosureGate]:
    """The gate of each cycle. Of two, brought together by a merge, the further one counts."""
    chosen: dict[int, ClosureGate] = {}
    for gate in sorted(gates, key=lambda each: how_far(each, known.completed, known.begun)):
        cycle = cycle_of(str(gate.opened_by_event), cycles)
        if cycle is None:
            continue
        counts = chosen.setdefault(cycle.number, gate)
        gate.duplicate_of = None if counts is gate else counts.id
        if counts is not gate:
            gate.current = gate.may_close = False
            await work.session.flush()  # before the other becomes the current one
    return chosen


def how_far(
    gate: ClosureGate, completed: Collection[UUID | None], begun: Collection[UUID | None]
) -> tuple[bool, bool, bool, UUID]:
    """Orders gates of one closing: first the one for which the most has been done."""
    return (
        gate.audit_id not in completed,
        gate.override_approved_at is None,
        gate.audit_id not in begun,
        gate.id,
    )


async def withdraw_duplicates(work: Work, gates: Sequence[ClosureGate]) -> None:
    """One closing owes one audit: that of a gate that no longer counts is taken back (C6).

    What has begun goes on.
    """
    audits = [gate.audit_id for gate in gates if gate.duplicate_of and gate.audit_id]
    if audits:
        await work.session.flush()
        why = "Two records are one person's: the closure audit of the other one counts."
        await withdraw_planned_audits(work, audits, why)


async def _name_day(
    work: Work, gate: ClosureGate, closure_on: date | None, known: OnRecord
) -> None:
    """The day for which the closing is proposed; an audit not yet begun is due by then."""
    before, gate.closure_on = gate.closure_on, closure_on
    if before != closure_on and gate.audit_id in known.open - known.begun:
        await follow_closure_date(work, gate.audit_id, before, closure_on)


def _new_gate(
    work: Work,
    system: str,
    episode_id: str,
    subject: Subject,
    cycle: Cycle,
    told: Sequence[ToldEvent],
) -> ClosureGate:
    types = {each.event.event_id: each.event.type for each in told}
    opened_by = next(event for event in cycle.event_ids if types[event] in _OPENS_A_GATE)
    return ClosureGate(
        system=system,
        episode_id=episode_id,
        opened_by_event=UUID(opened_by),
        opened_at=work.now,
        subject_id=subject.id,
        team=subject.team,
        worker=subject.worker,
        restricted=subject.restricted,
    )


def _closure_on(cycle: Cycle, told: Sequence[ToldEvent]) -> date | None:
    """The day that the newest event of the cycle which names one gives for the closing."""
    days = {each.event.event_id: each.closure_on for each in told}
    return next((day for event in reversed(cycle.event_ids) if (day := days[event])), None)


def _as_kept(gate: ClosureGate) -> Cycle:
    """The cycle as the gate keeps it, when no event of its episode has come."""
    return Cycle(
        number=gate.cycle,
        phase=_PHASES.get(GateState(gate.state), EpisodePhase.PROPOSED),
        closed_at=gate.closed_at,
        closing_counts_at=gate.closing_counts_at,
        reason_code=gate.reason_code,
    )


async def _move(
    work: Work, gate: ClosureGate, cycle: Cycle, known: OnRecord, *, current: bool
) -> Settled:
    """Decide about one gate, keep the decision, and tell whoever wants to know of a change."""
    before = (gate.state, gate.may_close)
    # The day on which the case was closed decides by which policy; an open gate goes by today's.
    policy = await work.policy_at(cycle.closing_counts_at or cycle.closed_at or work.now)
    decision = gate_state(
        GateFacts(
            cycle=cycle,
            audit_completed=gate.audit_id in known.completed,
            actions=known.actions,
            urgent_findings=known.urgent_findings,
            override_approved=(
                gate.override_approved_at is not None and gate.override_withdrawn_at is None
            ),
            cleared_at=gate.cleared_at,
        ),
        policy,
    )
    gate.state, gate.may_close = decision.state, decision.may_close and current
    gate.current, gate.policy_version = current, policy.version
    gate.explanation = decision.explanation.as_json()
    gate.reason_code, gate.closed_at = cycle.reason_code, cycle.closed_at
    gate.closing_counts_at = cycle.closing_counts_at
    if cycle.phase is EpisodePhase.PROPOSED:
        # What was clear when the case closed stays known; only an open gate clears or unclears.
        gate.cleared_at = (gate.cleared_at or work.now) if decision.cleared else None
    # Before a new gate becomes the current one, the old one must have stood back.
    new = before[0] is None
    if new:
        work.session.add(gate)
    await work.session.flush()
    await _open_or_take_back_audit(work, gate, decision, known)
    return await _tell(work, gate, known.subject, before)


async def _open_or_take_back_audit(
    work: Work, gate: ClosureGate, decision: GateDecision, known: OnRecord
) -> None:
    """An audit that is owed is opened; one that is owed no more and has not begun is taken back.

    Begun, it is the auditor's to finish. Should the case be proposed again, a new one is owed.
    """
    if decision.audit_owed:
        if gate.audit_id not in known.open:
            gate.audit_id = await open_closure_audit(work, gate.id, known.subject, gate.closure_on)
    elif gate.audit_id is not None and gate.audit_id in known.open:
        await withdraw_planned_audits(work, [gate.audit_id], _NOT_OWED[decision.state])


async def _tell(
    work: Work, gate: ClosureGate, subject: Subject, before: tuple[str | None, bool | None]
) -> Settled:
    new = before[0] is None
    if before == (gate.state, gate.may_close):
        await work.session.flush()
        return Settled(gate_id=gate.id)
    change = events.GateOpened if new else events.GateChanged
    answer: dict[str, Any] = {"state": gate.state, "may_close": gate.may_close}
    await work.record(change(about=gate.id, subject=subject.id, system=gate.system, **answer))
    if gate.state == GateState.CLOSED_WITHOUT_AUDIT and before[0] != gate.state:
        await work.record(
            events.ClosedWithoutAudit(about=gate.id, subject=subject.id, system=gate.system)
        )
        return Settled(Outcome.CLOSED_WITHOUT_AUDIT, gate.id)
    return Settled(Outcome.GATE_OPENED if new else Outcome.GATE_CHANGED, gate.id)


# --- what is on record: statements built once, for many events come ---

_LOCKED = select(ClosureGate).order_by(ClosureGate.id).with_for_update(key_share=True)
_OF_EPISODE = _LOCKED.where(
    ClosureGate.system == bindparam("system"),
    ClosureGate.episode_id == bindparam("episode_id"),
    ClosureGate.subject_id.in_(bindparam("subjects", expanding=True)),
)
_UNSETTLED = _LOCKED.where(
    ClosureGate.subject_id == bindparam("subject_id"),
    ClosureGate.state.not_in((GateState.CLOSED, GateState.WITHDRAWN)),
    ClosureGate.duplicate_of.is_(None),
)


_STANDS = Audit.recorded_in_error_at.is_(None)
"""An audit made on the wrong child says nothing about a gate (R4.1.5)."""


def _all_of(column: Any, *where: Any) -> ColumnElement[Any]:
    of_subject = select(column).where(column.class_.subject_id == Subject.id, *where)
    return func.array(of_subject.correlate(Subject).scalar_subquery())


def _of_audit(audit_id: Any, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Audit.id == audit_id, _STANDS, *where)


_ON_RECORD = select(
    Subject,
    _all_of(Audit.id, _STANDS, Audit.state.in_(_FINISHED)),
    _all_of(Audit.id, _STANDS, Audit.state.in_(_OPEN)),
    _all_of(Audit.id, _STANDS, Audit.state == AuditState.IN_PROGRESS),
    _all_of(
        RestorativeAction.state,
        RestorativeAction.needed_before_closure,
        _of_audit(RestorativeAction.audit_id, Audit.state.in_(_FINISHED)),
    ),
    _all_of(
        Escalation.state,
        Escalation.trigger == EscalationTrigger.URGENT_FINDING,
        _of_audit(Escalation.audit_id),
    ),
).where(Subject.id.in_(bindparam("subjects", expanding=True)))

_AS_IT_IS_NOW = {"populate_existing": True}


async def _locked(
    work: Work, statement: Select[ClosureGate], **given: Any
) -> Sequence[ClosureGate]:
    gates = await work.session.scalars(statement, given, execution_options=_AS_IT_IS_NOW)
    return gates.all()


async def _on_record(work: Work, subjects: Sequence[UUID]) -> dict[UUID, OnRecord]:
    rows = await work.session.execute(
        _ON_RECORD, {"subjects": subjects}, execution_options=_AS_IT_IS_NOW
    )
    return {
        subject.id: OnRecord(
            subject,
            frozenset(completed),
            frozenset(open_),
            frozenset(begun),
            tuple(ActionState(state) for state in needed),
            tuple(EscalationState(state) for state in found),
        )
        for subject, completed, open_, begun, needed, found in rows
    }
