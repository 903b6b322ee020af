"""Gates: what case systems report and what becomes of audits decides whether a case may close.

An episode is a fold of its events and a gate a function of facts (`rules/closure.py`); this is
where the facts come from and where the decision goes. The subject's row is locked before facts
are read, so that two things that happen at once are seen by whichever comes second.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from qa_api import events
from qa_api.audits.for_plans import withdraw_planned_audits
from qa_api.audits.service import (
    due_by_closing,
    due_by_no_closing,
    follow_closure_date,
    open_closure_audit,
)
from qa_api.closure_gates.audited import Audited, audited_closings
from qa_api.closure_gates.episodes import GateOutcome, Outcome, ToldEvent
from qa_api.closure_gates.on_record import (
    OfClosing,
    OnRecord,
    gates_of_episode,
    gates_to_decide,
    lock_subject,
    what_is_on_record,
)
from qa_api.closure_gates.twins import how_far
from qa_api.escalations.service import end_those_of_twins
from qa_api.models.base import new_id
from qa_api.models.closures import ClosureGate
from qa_api.models.subjects import Subject
from qa_api.rules.closure import (
    Cycle,
    EpisodeEvent,
    EpisodePhase,
    ExemptBecause,
    GateDecision,
    GateFacts,
    cycle_of,
    fold_episode,
    gate_state,
    opened_by,
)
from qa_api.rules.closure_audits import why_not_owed
from qa_api.rules.escalation import EscalationTrigger
from qa_api.rules.policy import Policy
from qa_api.rules.states import GateState
from qa_api.rules.telling import counts_at
from qa_api.work import Work

ONE_IS_OWED: Final = "Two records are one person's: the closure audit of the other one counts."
_PHASES: Final = {
    GateState.CLOSED: EpisodePhase.CLOSED,
    GateState.CLOSED_WITHOUT_AUDIT: EpisodePhase.CLOSED,
    GateState.WITHDRAWN: EpisodePhase.CANCELLED,
}


async def decide_episode(
    work: Work,
    system: str,
    episode_id: str,
    told: Mapping[UUID, Sequence[ToldEvent]],
    *,
    known: Sequence[Subject],
    new: Sequence[Subject] = (),
) -> dict[UUID, GateOutcome]:
    """Fold the episode anew for each of these subjects; move and open its gates (C2).

    `told` has the episode's events about each. Needs the service's reach, and the episode's turn:
    no two of its events are settled at once.
    """
    on_record = {subject.id: OnRecord(subject) for subject in new}
    gates: dict[UUID | None, list[ClosureGate]] = defaultdict(list)
    if known:
        ids = [subject.id for subject in known]
        on_record |= await what_is_on_record(work, ids)
        for gate in await gates_of_episode(work, system, episode_id, ids):
            gates[gate.subject_id].append(gate)
    audited = await audited_closings(work)
    settled = {
        subject_id: await _decide_cycles(
            work,
            system,
            episode_id,
            on_record[subject_id],
            told.get(subject_id, ()),
            gates[subject_id],
            audited,
        )
        for subject_id in sorted(on_record)
    }
    for subject_id in settled:
        if any(gate.duplicate_of is not None for gate in gates[subject_id]):
            await end_those_of_twins(work, subject_id)
    return settled


async def reassess_gates(work: Work, event: events.Event) -> None:
    """Decide again about the subject's gates: something happened that they may depend on."""
    if event.subject is not None:
        await reassess_subject(work, event.subject)


async def reassess_gates_for_finding(work: Work, event: events.EscalationRaised) -> None:
    """An urgent finding holds the gates of its subject until it is resolved (C3)."""
    if event.trigger == EscalationTrigger.URGENT_FINDING:
        await reassess_gates(work, event)


async def reassess_subject(work: Work, subject_id: UUID, *, closed_too: bool = False) -> None:
    """Decide again about the subject's gates that are not closed or withdrawn.

    `closed_too`: about those that are closed as well, since what decided about them has changed.
    """
    await work.flush()
    await lock_subject(work, subject_id)
    gates = await gates_to_decide(work, subject_id, closed_too=closed_too)
    if not any(gate.duplicate_of is None for gate in gates):
        return
    known = (await what_is_on_record(work, [subject_id]))[subject_id]
    audited = await audited_closings(work)
    for gate in gates:
        if gate.duplicate_of is None:
            of_closing = known.of(gate, gates)
            await _decide_gate(
                work, gate, _cycle_of_gate(gate), of_closing, audited, current=gate.current
            )


async def _decide_cycles(
    work: Work,
    system: str,
    episode_id: str,
    known: OnRecord,
    told: Sequence[ToldEvent],
    gates: Sequence[ClosureGate],
    audited: Audited,
) -> GateOutcome:
    episode = [each.event for each in told]
    cycles = fold_episode(episode, await _exempt(work, told))
    in_use_from = (await work.policy()).in_use_from
    stood_back = {gate.id for gate in gates if gate.duplicate_of is not None}
    of_cycle = await _gates_by_cycle(work, gates, cycles, known)
    settled = []
    for cycle in cycles:
        if cycle.phase is EpisodePhase.NONE:
            continue
        gate = of_cycle.get(cycle.number)
        if gate is None:
            first = opened_by(cycle, episode, in_use_from)
            if first is None:
                continue
            gate = _new_gate(work, system, episode_id, known.subject, first)
        its_own = known.of(gate, gates)
        await _name_day(work, gate, _closure_on(cycle, told), its_own)
        gate.cycle = cycle.number
        current = cycle is cycles[-1]
        again = gate.id in stood_back
        settled.append(
            await _decide_gate(work, gate, cycle, its_own, audited, current=current, again=again)
        )
    ranks = list(Outcome)
    newest_first = reversed(settled)
    return min(newest_first, key=lambda each: ranks.index(each.outcome), default=GateOutcome())


async def _exempt(work: Work, told: Sequence[ToldEvent]) -> frozenset[str]:
    """The events whose reason needed no audit when they happened: no later policy changes that."""
    exempt = set()
    for event in (each.event for each in told if each.event.reason_code is not None):
        policy = await work.policy_at(counts_at(event.occurred_at, event.received_at))
        if policy.exempts(event.reason_code):
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


async def _name_day(
    work: Work, gate: ClosureGate, closure_on: date | None, known: OfClosing
) -> None:
    """Write the day for which the closing is proposed; the open audit is due by then."""
    before, gate.closure_on = gate.closure_on, closure_on
    if gate.audit_id is not None and before != closure_on and known.awaits(gate.audit_id):
        await follow_closure_date(work, gate.audit_id, before, closure_on)


def _new_gate(
    work: Work,
    system: str,
    episode_id: str,
    subject: Subject,
    first: EpisodeEvent,
) -> ClosureGate:
    return ClosureGate(
        id=new_id(),
        system=system,
        episode_id=episode_id,
        opened_by_event=UUID(first.event_id),
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


def _cycle_of_gate(gate: ClosureGate) -> Cycle:
    """The cycle as the gate keeps it, when no event of its episode has come."""
    return Cycle(
        number=gate.cycle,
        phase=_PHASES.get(GateState(gate.state), EpisodePhase.PROPOSED),
        closed_at=gate.closed_at,
        closing_counts_at=gate.closing_counts_at,
        reason_code=gate.reason_code,
    )


async def _decide_gate(
    work: Work,
    gate: ClosureGate,
    cycle: Cycle,
    known: OfClosing,
    audited: Audited,
    *,
    current: bool,
    again: bool = False,
) -> GateOutcome:
    """Decide about one gate, write the decision, and tell whoever wants to know of a change.

    One that stood back for another and answers `again` is new to them.
    """
    new = gate.state is None
    before = (None, None) if again else (gate.state, gate.may_close)
    # The day on which the case was closed decides by which policy; an open gate goes by today's,
    # and that alone says which closings are history (ADR 34).
    policy = await work.policy()
    in_use_from, closed_at = policy.in_use_from, cycle.closing_counts_at or cycle.closed_at
    history = cycle.is_history(in_use_from)
    if closed_at is not None and not history:
        policy = await work.policy_at(closed_at)
    quiet = history and (new or is_history(gate))
    decision = _decide(gate, cycle, known, audited, policy, in_use_from)
    gate.policy_version = policy.version
    _write(gate, cycle, decision, current=current, now=work.now)
    # Before a new gate becomes the current one, the old one must have stood back.
    if new:
        work.session.add(gate)
    await work.session.flush()
    type_ = audited.type_for(known.person.subject.kind)
    await _point_to_audit(work, gate, decision, known, type_, moved=before[0] != gate.state)
    if quiet:
        return await _kept_as_history(work, gate, before)
    return await _record_change(work, gate, known.person.subject, before, new=new)


def is_history(gate: ClosureGate) -> bool:
    """Whether it was decided that the case closed before the service was in use."""
    because = gate.explanation["facts"].get("exempt_because")
    return bool(because == ExemptBecause.BEFORE_IN_USE)


def _decide(
    gate: ClosureGate,
    cycle: Cycle,
    known: OfClosing,
    audited: Audited,
    policy: Policy,
    in_use_from: date,
) -> GateDecision:
    kind = known.person.subject.kind
    facts = GateFacts(
        cycle=cycle,
        audit_completed=known.completed is not None,
        audit_offered=known.awaited is not None or audited.is_offered(kind),
        audited_then=audited.was_offered(kind, cycle.closing_counts_at or cycle.closed_at),
        in_use_from=in_use_from,
        actions=known.person.actions,
        urgent_findings=known.person.urgent_findings,
        override_approved=(
            gate.override_approved_at is not None and gate.override_withdrawn_at is None
        ),
        cleared_at=gate.cleared_at,
    )
    return gate_state(facts, policy)


def _write(
    gate: ClosureGate, cycle: Cycle, decision: GateDecision, *, current: bool, now: datetime
) -> None:
    gate.state, gate.may_close = decision.state, decision.may_close and current
    gate.reason_code, gate.closed_at = cycle.reason_code, cycle.closed_at
    gate.closing_counts_at = cycle.closing_counts_at
    if cycle.phase is EpisodePhase.PROPOSED:
        # What was clear when the case closed stays known; only an open gate clears or unclears.
        gate.cleared_at = (gate.cleared_at or now) if decision.cleared else None
    gate.current, gate.explanation = current, decision.explained(gate.cleared_at)


async def _point_to_audit(
    work: Work,
    gate: ClosureGate,
    decision: GateDecision,
    known: OfClosing,
    type_: str | None,
    *,
    moved: bool,
) -> None:
    """Give one closing its one audit: open it if there is none, cancel it if it is not owed.

    If a merge brought two together, the completed one counts, whichever it is, or else the one that
    is owed. An audit that has started is the auditor's to finish; if it is not owed any more it has
    no due date. If the case is proposed again it is owed again, by the new day.
    """
    counts = known.completed or known.awaited
    if counts is None and decision.audit_owed:
        subject = known.person.subject
        if type_ is not None:  # or nobody would be owed an audit
            on = gate.closure_on
            gate.audit_id = await open_closure_audit(work, gate.id, subject, type_, on)
        return
    if counts is not None and counts.id != gate.audit_id:
        gate.audit_id = counts.id
        await due_by_closing(work, counts.id, gate.closure_on)
    others = [each.id for each in known.open if counts is None or each.id != counts.id]
    if others:
        await work.session.flush()
        await withdraw_planned_audits(work, others, ONE_IS_OWED)
        await due_by_no_closing(work, others, gate.closure_on)
    if known.completed is not None or counts is None:
        return
    if not decision.audit_owed:
        await withdraw_planned_audits(work, [counts.id], why_not_owed(decision.state))
        await due_by_no_closing(work, [counts.id], gate.closure_on)
    elif moved:
        await due_by_closing(work, counts.id, gate.closure_on)


async def _kept_as_history(
    work: Work, gate: ClosureGate, before: tuple[str | None, bool | None]
) -> GateOutcome:
    """Nobody is told of a closing from before the service was in use; its event is in the log."""
    await work.session.flush()
    same = before == (gate.state, gate.may_close)
    return GateOutcome(Outcome.NO_CHANGE if same else Outcome.APPLIED, gate.id)


async def _record_change(
    work: Work,
    gate: ClosureGate,
    subject: Subject,
    before: tuple[str | None, bool | None],
    *,
    new: bool,
) -> GateOutcome:
    if before == (gate.state, gate.may_close):
        await work.session.flush()
        return GateOutcome(gate_id=gate.id)
    change = events.GateOpened if new else events.GateChanged
    answer: dict[str, Any] = {"state": gate.state, "may_close": gate.may_close}
    await work.record(change(about=gate.id, subject=subject.id, system=gate.system, **answer))
    if gate.state == GateState.CLOSED_WITHOUT_AUDIT and before[0] != gate.state:
        await work.record(
            events.ClosedWithoutAudit(about=gate.id, subject=subject.id, system=gate.system)
        )
        return GateOutcome(Outcome.CLOSED_WITHOUT_AUDIT, gate.id)
    return GateOutcome(Outcome.GATE_OPENED if new else Outcome.GATE_CHANGED, gate.id)
