"""The gates of closings from before the service was in use: all closed, and nobody is told (C3).

The same fold and the same decision as `closure_gates.service`, of people about whom there is
nothing else: no audit, no action, no finding.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from qa_api.closure_gates.episodes import GateOutcome, Outcome, ToldEvent
from qa_api.rules.closure import (
    Cycle,
    EpisodeEventType,
    EpisodePhase,
    GateDecision,
    GateFacts,
    cycle_of,
    fold_episode,
    gate_state,
    opened_by,
)
from qa_api.rules.local_time import local_date
from qa_api.rules.policy import Policy
from qa_api.rules.telling import counts_at

PolicyOn = Callable[[date], Policy]
_RANKS: Final = list(Outcome)
_UNCHANGED: Final = GateOutcome()


@dataclass
class PastGate:
    """A gate as it is kept."""

    id: UUID
    opened_by_event: UUID
    team: str | None
    worker: str | None
    cycle: int = 0
    current: bool = False
    state: str = ""
    may_close: bool = False
    explanation: Any = None
    policy_version: int = 0
    closure_on: date | None = None
    reason_code: str | None = None
    closed_at: datetime | None = None
    closing_counts_at: datetime | None = None
    version: int = 0
    decided: tuple[Cycle, bool] | None = field(default=None, compare=False)
    """The cycle by which it was decided, and whether that was the current one."""


def decide_past(
    gates: list[PastGate],
    told: Sequence[ToldEvent],
    held: tuple[str | None, str | None],
    in_use_from: date,
    policy_on: PolicyOn,
    ids: Iterator[UUID],
) -> GateOutcome | None:
    """Fold the episode anew, and bring its gates in line; None where that is not for here."""
    episode = [each.event for each in told]
    if not any(each.type is EpisodeEventType.CASE_CLOSED for each in episode):
        return _UNCHANGED  # a proposal from before opens no gate
    cycles = fold_episode(episode, _exempt(told, policy_on))
    of_cycle = {}
    for gate in gates:
        cycle = cycle_of(str(gate.opened_by_event), cycles)
        if cycle is None or cycle.number in of_cycle:
            return None
        of_cycle[cycle.number] = gate
    settled = []
    for cycle in cycles:
        known = of_cycle.get(cycle.number)
        if known is None:
            first = opened_by(cycle, episode, in_use_from)
            if cycle.phase is EpisodePhase.NONE or first is None:
                continue
            known = PastGate(next(ids), UUID(first.event_id), *held)
            gates.append(known)
        now_current = cycle is cycles[-1]
        if known.decided == (cycle, now_current) and _closure_on(cycle, told) == known.closure_on:
            settled.append(GateOutcome(gate_id=known.id))
            continue
        if not cycle.is_history(in_use_from):
            return None
        closing = cycle.closing_counts_at or cycle.closed_at
        policy = policy_on(local_date(closing)) if closing else None
        if policy is None:
            return None
        decision = gate_state(GateFacts(cycle, in_use_from=in_use_from), policy)
        known.decided = (cycle, now_current)
        settled.append(_settle(known, cycle, decision, policy, told, current=now_current))
    return min(
        reversed(settled), key=lambda each: _RANKS.index(each.outcome), default=GateOutcome()
    )


def _exempt(told: Sequence[ToldEvent], policy_on: PolicyOn) -> frozenset[str]:
    return frozenset(
        event.event_id
        for event in (each.event for each in told if each.event.reason_code is not None)
        if event.reason_code
        in policy_on(
            local_date(counts_at(event.occurred_at, event.received_at))
        ).closure_exempt_reasons
    )


def _closure_on(cycle: Cycle, told: Sequence[ToldEvent]) -> date | None:
    days = {each.event.event_id: each.closure_on for each in told}
    return next((day for event in reversed(cycle.event_ids) if (day := days[event])), None)


def _settle(
    gate: PastGate,
    cycle: Cycle,
    decision: GateDecision,
    policy: Policy,
    told: Sequence[ToldEvent],
    *,
    current: bool,
) -> GateOutcome:
    before = copy(gate)
    gate.closure_on = _closure_on(cycle, told)
    gate.cycle, gate.current = cycle.number, current
    gate.state, gate.may_close = decision.state.value, decision.may_close and current
    gate.explanation, gate.policy_version = decision.explanation.as_json(), policy.version
    gate.reason_code, gate.closed_at = cycle.reason_code, cycle.closed_at
    gate.closing_counts_at = cycle.closing_counts_at
    if gate != before:
        gate.version += 1
    same = (before.state, before.may_close) == (gate.state, gate.may_close)
    return GateOutcome(Outcome.NO_CHANGE if same else Outcome.APPLIED, gate.id)
