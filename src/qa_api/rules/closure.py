"""Closures: an episode is a fold of its events, a gate is a function of facts (§3, C1-C5)."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from qa_api.rules.actions import holds_gate
from qa_api.rules.decision import Explanation
from qa_api.rules.local_time import local_date
from qa_api.rules.policy import Policy
from qa_api.rules.states import (
    ActionState,
    EscalationState,
    GateState,
)
from qa_api.rules.telling import counts_at, is_ahead
from qa_api.rules.transitions import TRANSITIONS
from qa_api.rules.unchanging import Unchanging


class EpisodeEventType(StrEnum):
    """What the case system can say about closing an episode (C1)."""

    CLOSURE_PROPOSED = "closure_proposed"
    CLOSURE_CANCELLED = "closure_cancelled"
    CASE_CLOSED = "case_closed"
    CASE_REOPENED = "case_reopened"


class EpisodeEvent(Unchanging):
    """One event about one subject of an episode. ``source_version`` orders the episode.

    ``event_id`` is ours, ``sent_id`` the sender's: the one says which came first, the other does
    not. A time ahead of ``received_at``, its first receipt, is shown but has no rank.
    """

    event_id: str
    type: EpisodeEventType
    source_version: int
    occurred_at: datetime
    reason_code: str | None = None
    received_at: datetime | None = None
    sent_id: str | None = None


class EpisodePhase(StrEnum):
    """How far one closing of an episode has come."""

    NONE = "none"
    PROPOSED = "proposed"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class Cycle(Unchanging):
    """One way of an episode to its closing; a reopened case begins a new one (C5).

    A gate belongs to the cycle that holds the proposal or closing which opened it
    (``cycle_of``). Numbers are for people: a late event can move them, but it never joins
    the proposals and closings of two cycles.
    """

    number: int = 1
    phase: EpisodePhase = EpisodePhase.NONE
    proposed_at: datetime | None = None
    closed_at: datetime | None = None
    closing_counts_at: datetime | None = None
    """``closed_at``, or when the closing was first heard of where the sender's clock was ahead."""
    reopened_at: datetime | None = None
    reason_code: str | None = None
    event_ids: tuple[str, ...] = ()

    def is_history(self, in_use_from: date) -> bool:
        """Whether the case closed before the day from which closings are looked after (C3).

        The London day of the closing decides, also where it was proposed on another side of it.
        """
        closed_at = self.closing_counts_at or self.closed_at
        if self.phase is not EpisodePhase.CLOSED or closed_at is None:
            return False
        return local_date(closed_at) < in_use_from


def opened_by(
    cycle: Cycle, events: Collection[EpisodeEvent], in_use_from: date
) -> EpisodeEvent | None:
    """The event of a cycle that opens its gate; None where nothing does (C3).

    The first that proposes or closes. A proposal from before the day from which closings are looked
    after is history: it opens no gate, and the case is proposed again if it is still to close. A
    closing always has a gate, and that of a closing from before is closed.
    """
    known = {event.event_id: event for event in events}
    return next(
        (
            event
            for event in (known[event_id] for event_id in cycle.event_ids)
            if event.type is EpisodeEventType.CASE_CLOSED
            or (
                event.type is EpisodeEventType.CLOSURE_PROPOSED
                and local_date(counts_at(event.occurred_at, event.received_at)) >= in_use_from
            )
        ),
        None,
    )


def fold_episode(events: Iterable[EpisodeEvent], exempt: Collection[str] = ()) -> tuple[Cycle, ...]:
    """The cycles of one subject's episode, the current one last (C2); never empty.

    Depends on the set of events only, never on their arrival: repeats count once, and a late
    older event takes its place. ``exempt`` are the ids of the events whose reason needed no closure
    audit when they happened: of two reasons that nothing else decides between, one that needs it
    is the more cautious.
    """
    known = {event.event_id: event for event in events}

    def place(event: EpisodeEvent) -> tuple[Any, ...]:
        # The last has the last word. Of one version the proposals come last: what is then left
        # open is that the case is to close, and needs its audit.
        ahead = is_ahead(event.occurred_at, event.received_at)
        return (
            event.source_version,
            not ahead,
            0.0 if ahead else event.occurred_at.timestamp(),
            event.type,
            event.event_id not in exempt,
            event.sent_id or event.event_id,
        )

    in_order = sorted(known.values(), key=place)
    cycles: list[Cycle] = [Cycle()]
    ids: list[list[str]] = [[]]
    for event in in_order:
        if _begins_a_cycle(cycles[-1], event):
            cycles[-1] = _left_behind(cycles[-1])
            cycles.append(Cycle())
            ids.append([])
        cycles[-1] = _apply(cycles[-1], event)
        ids[-1].append(event.event_id)
    cycles = [cycle.but(event_ids=tuple(own)) for cycle, own in zip(cycles, ids, strict=True)]
    current = cycles.pop()
    told = [cycle for cycle in cycles if cycle.phase is not EpisodePhase.NONE]
    return tuple(
        cycle if cycle.number == number else cycle.but(number=number)
        for number, cycle in enumerate((*told, current), start=1)
    )


def cycle_of(event_id: str, cycles: Iterable[Cycle]) -> Cycle | None:
    """The cycle that holds an event, such as the one that opened a gate (C2)."""
    return next((cycle for cycle in cycles if event_id in cycle.event_ids), None)


def _begins_a_cycle(cycle: Cycle, event: EpisodeEvent) -> bool:
    # A proposal to close a closed case tells of a reopening that has not reached us yet: the
    # old audit must not clear it.
    return event.type is EpisodeEventType.CASE_REOPENED or (
        event.type is EpisodeEventType.CLOSURE_PROPOSED and cycle.phase is EpisodePhase.CLOSED
    )


def _left_behind(cycle: Cycle) -> Cycle:
    # Reopened without a closing that we know of: its proposal no longer stands.
    if cycle.phase is EpisodePhase.PROPOSED:
        return cycle.but(phase=EpisodePhase.CANCELLED)
    return cycle


def _apply(cycle: Cycle, event: EpisodeEvent) -> Cycle:
    if cycle.phase is EpisodePhase.CLOSED:
        return cycle  # a closed case stays as it was closed until it is reopened
    at, reason = event.occurred_at, event.reason_code or cycle.reason_code
    match event.type:
        case EpisodeEventType.CLOSURE_PROPOSED:
            phase = EpisodePhase.PROPOSED
            return cycle.but(phase=phase, proposed_at=at, reason_code=reason)
        case EpisodeEventType.CASE_CLOSED:
            counted = counts_at(at, event.received_at)
            return cycle.but(
                phase=EpisodePhase.CLOSED,
                closed_at=at,
                closing_counts_at=counted,
                reason_code=reason,
            )
        case EpisodeEventType.CLOSURE_CANCELLED:
            # Nothing to cancel where nothing was proposed.
            known = cycle.phase is EpisodePhase.PROPOSED
            return cycle.but(phase=EpisodePhase.CANCELLED) if known else cycle
        case EpisodeEventType.CASE_REOPENED:
            return cycle.but(reopened_at=at)


class GateFacts(Unchanging):
    """What a gate's state depends on, for one cycle of one subject.

    ``audit_completed`` is about the closure audit that counts now (a reopened gate asks for
    a new one). ``actions`` are the subject's that are needed before closure, and
    ``urgent_findings`` the escalations of the subject's urgent findings, whichever audit made
    them. ``cleared_at`` is since when nothing is lacking or an override holds, and None while
    neither is so; the case's closing leaves it as it was. An exempt reason is no part of it: the
    case may close for another; nor is that the authority offers no such audit: it may yet.

    ``audit_offered`` says whether a closure audit can be had now: an audit type of the authority
    asks for one at every closing of such a case, or one is open. ``audited_then`` says whether the
    authority had such a type at the closing.
    """

    cycle: Cycle
    audit_completed: bool = False
    audit_offered: bool = True
    audited_then: bool = True
    in_use_from: date = date.min
    actions: tuple[ActionState, ...] = ()
    urgent_findings: tuple[EscalationState, ...] = ()
    override_approved: bool = False
    cleared_at: datetime | None = None


class GateDecision(Unchanging):
    """The gate's state, whether the case may close, what is still owed, and why (C3).

    ``exempt`` in the explanation: the closing needs no closure audit, because of its reason,
    because the authority has no audit for such closings, or because it was before the service was
    in use; ``exempt_because`` says which.

    ``waits_for`` names what holds the gate now. What a gate that is overridden, exempt, closed or
    withdrawn lacks is waited for no more: its explanation names it as ``set_aside``. ``cleared``:
    nothing is lacking, or an override holds, whatever the reason for closing.
    """

    state: GateState
    may_close: bool
    audit_owed: bool
    cleared: bool
    waits_for: tuple[str, ...]
    explanation: Explanation

    def explained(self, cleared_at: datetime | None) -> dict[str, Any]:
        """The explanation as it is kept: with since when the gate is clear, if this made it so."""
        facts = {**self.explanation.facts, "cleared_at": cleared_at}
        return replace(self.explanation, facts=facts).as_json()


AUDIT: Final = "closure audit"


class ExemptBecause(StrEnum):
    """Why a closing needs no closure audit."""

    REASON = "reason"
    """The policy of its day exempts the reason for closing."""
    NO_AUDIT_TYPE = "no_audit_type"
    """No audit type of the authority asks for an audit at every closing of such a case: what cannot
    be had holds nothing. Actions and urgent findings do, all the same."""
    BEFORE_IN_USE = "before_in_use"
    """The case closed before the day from which closings are looked after: it is kept as history.
    """


MAY_CLOSE = frozenset({GateState.CLEAR, GateState.OVERRIDDEN, GateState.EXEMPT, GateState.CLOSED})
AUDIT_OWED = frozenset({GateState.AWAITING_AUDIT, GateState.CLOSED_WITHOUT_AUDIT})


def gate_state(facts: GateFacts, policy: Policy) -> GateDecision:
    """The closure gate's state from the facts (§3, C3-C5).

    Clear is: the closure audit completed, every action needed before closure done (or
    verified, as policy says) or cancelled, no urgent finding unresolved. A subject that has
    no cycle with a proposal or a closing has no gate: do not ask, answer not_proposed.
    """
    lacking = _lacking(facts, policy)
    because = _exempt_because(facts, policy)
    state = _state(facts, lacking, because)
    # What may close, and what is not to close any more, waits for nothing; and nobody for an audit
    # that cannot be had.
    none = state in MAY_CLOSE or state is GateState.WITHDRAWN
    waited = [each for each in lacking if each != AUDIT or facts.audit_offered]
    waits_for = () if none else tuple(waited)
    explanation = Explanation(
        "closure_gate",
        "§3, C3",
        policy.version,
        facts={
            "phase": facts.cycle.phase.value,
            "waits_for": waits_for,
            "set_aside": tuple(each for each in lacking if each not in waits_for),
            "action_standard": policy.closure_action_standard.value,
            "exempt": because is not None,
            "exempt_because": because,
            **_since_when(facts, because),
            "override_approved": facts.override_approved,
            "cleared_at": facts.cleared_at,
            "closed_at": facts.cycle.closed_at,
        },
    )
    owed = state in AUDIT_OWED and AUDIT in waits_for
    cleared = facts.override_approved or not lacking
    return GateDecision(state, state in MAY_CLOSE, owed, cleared, waits_for, explanation)


def _since_when(facts: GateFacts, because: ExemptBecause | None) -> dict[str, date]:
    """The day that made a closing history, for its explanation."""
    history = because is ExemptBecause.BEFORE_IN_USE
    return {"in_use_from": facts.in_use_from} if history else {}


def _exempt_because(facts: GateFacts, policy: Policy) -> ExemptBecause | None:
    """Why the closing needs no closure audit; None where it needs one."""
    if facts.cycle.is_history(facts.in_use_from):
        return ExemptBecause.BEFORE_IN_USE
    if policy.exempts(facts.cycle.reason_code):
        return ExemptBecause.REASON
    closed = facts.cycle.phase is EpisodePhase.CLOSED
    needed = facts.audited_then if closed else facts.audit_offered
    return None if needed or facts.audit_completed else ExemptBecause.NO_AUDIT_TYPE


def _lacking(facts: GateFacts, policy: Policy) -> tuple[str, ...]:
    """What stands between the case and a clear gate."""
    lacking = []
    if not facts.audit_completed:
        lacking.append(AUDIT)
    if any(holds_gate(state, policy.closure_action_standard) for state in facts.actions):
        lacking.append("actions needed before closure")
    if any(state is not EscalationState.RESOLVED for state in facts.urgent_findings):
        lacking.append("urgent finding")
    return tuple(lacking)


def _state(facts: GateFacts, lacking: tuple[str, ...], because: ExemptBecause | None) -> GateState:
    phase = facts.cycle.phase
    if phase is EpisodePhase.CLOSED:
        cleared = because is not None or _cleared_before_closing(facts)
        return GateState.CLOSED if cleared else GateState.CLOSED_WITHOUT_AUDIT
    if phase is not EpisodePhase.PROPOSED:
        return GateState.WITHDRAWN
    if facts.override_approved:
        return GateState.OVERRIDDEN
    return _open_state(facts, lacking, because)


def _open_state(
    facts: GateFacts, lacking: tuple[str, ...], because: ExemptBecause | None
) -> GateState:
    if because is ExemptBecause.REASON:
        return GateState.EXEMPT
    if because is None and not facts.audit_completed:
        return GateState.AWAITING_AUDIT
    if any(each != AUDIT for each in lacking):
        return GateState.ACTIONS_OUTSTANDING
    return GateState.CLEAR if because is None else GateState.EXEMPT


def _cleared_before_closing(facts: GateFacts) -> bool:
    """Did the gate stand clear on the London day of the closing?

    Days and not instants: the two instants come from two systems' clocks. An audit made
    after the day the case closed was not an audit prior to closure, whenever we hear of it.
    """
    closed_at = facts.cycle.closing_counts_at or facts.cycle.closed_at
    if facts.cleared_at is None or closed_at is None:
        return False
    return local_date(facts.cleared_at) <= local_date(closed_at)


def gate_change(before: GateState, after: GateState) -> str | None:
    """The transition's name for a recomputed gate, or None when nothing changed (C3)."""
    if before is after:
        return None
    return next(
        t.action
        for t in TRANSITIONS
        if t.aggregate == "closure_gate" and (t.from_state, t.to_state) == (before, after)
    )
