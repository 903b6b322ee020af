"""The gates of closings from before the service was in use: all closed, and nobody is told (C3).

The same fold and the same decision as `closure_gates.service`, of people about whom there is
nothing else: no audit, no action, no finding.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

import orjson

from qa_api.closure_gates.episodes import GateOutcome, Outcome, ToldEvent
from qa_api.rules.closure import (
    Cycle,
    EpisodeEventType,
    EpisodePhase,
    GateFacts,
    cycle_of,
    fold_episode,
    gate_state,
    opened_by,
)
from qa_api.rules.policy import Policy

_RANKS: Final = {outcome: rank for rank, outcome in enumerate(Outcome)}
_UNCHANGED: Final = GateOutcome()


class Decided(NamedTuple):
    """What a gate holds by the decision about its closing."""

    cycle: int
    current: bool
    state: str
    may_close: bool
    explanation: str
    """As JSON."""
    policy_version: int
    closure_on: date | None
    reason_code: str | None
    closed_at: datetime | None
    closing_counts_at: datetime | None


class _Closing(NamedTuple):
    """A closing as the fold of its episode has it: what is decided follows from it."""

    cycle: Cycle
    current: bool
    closure_on: date | None


@dataclass
class PastGate:
    """A gate as it is kept."""

    id: UUID
    opened_by_event: str
    """Our id of it."""
    team: str | None
    worker: str | None
    closing: _Closing
    decided: Decided
    version: int = 1


class PastEpisode:
    """An episode as far as it was told of somebody, or of several alike: folded and decided once.

    `exempt` are our ids of the events whose reason needed no audit when they happened.
    """

    def __init__(
        self,
        told: Sequence[ToldEvent],
        exempt: Collection[str],
        today: Policy,
    ) -> None:
        self._told = tuple(told)
        self._events = [each.event for each in told]
        self._policy, self._in_use_from = today, today.in_use_from
        self._cycles: tuple[Cycle, ...] = ()
        # A proposal from before opens no gate.
        if any(each.type is EpisodeEventType.CASE_CLOSED for each in self._events):
            self._cycles = fold_episode(self._events, exempt)
        self._closings = list(self._found())
        self._decided: dict[int, Decided | None] = {}

    def is_of(self, told: Sequence[ToldEvent]) -> bool:
        """Whether it is the episode of these events."""
        return self._told == tuple(told)

    def settle(
        self,
        gates: list[PastGate],
        held: tuple[str | None, str | None],
        ids: Iterator[UUID],
    ) -> GateOutcome | None:
        """Bring somebody's gates of the episode in line; None where that is not for here."""
        of_cycle: dict[int, PastGate] = {}
        for each in gates:
            cycle = cycle_of(each.opened_by_event, self._cycles)
            if cycle is None or cycle.number in of_cycle:
                return None
            of_cycle[cycle.number] = each
        settled = []
        for closing in self._closings:
            gate = of_cycle.get(closing.cycle.number)
            if gate is not None and gate.closing == closing:
                settled.append(GateOutcome(Outcome.NO_CHANGE, gate.id))
                continue
            first = gate.opened_by_event if gate is not None else self._opened_by(closing.cycle)
            if first is None:
                continue
            decided = self._decide(closing)
            if decided is None:
                return None
            if gate is not None:
                settled.append(_change(gate, closing, decided))
                continue
            gates.append(PastGate(next(ids), first, *held, closing, decided))
            settled.append(GateOutcome(Outcome.APPLIED, gates[-1].id))
        # Of two as grave the newest.
        return min(reversed(settled), key=lambda each: _RANKS[each.outcome], default=_UNCHANGED)

    def _found(self) -> Iterator[_Closing]:
        days = {each.event.event_id: each.closure_on for each in self._told}
        for cycle in self._cycles:
            named = (day for event in reversed(cycle.event_ids) if (day := days[event]))
            yield _Closing(cycle, cycle is self._cycles[-1], next(named, None))

    def _opened_by(self, cycle: Cycle) -> str | None:
        if cycle.phase is EpisodePhase.NONE:
            return None
        first = opened_by(cycle, self._events, self._in_use_from)
        return None if first is None else first.event_id

    def _decide(self, closing: _Closing) -> Decided | None:
        number = closing.cycle.number
        if number not in self._decided:
            self._decided[number] = self._decided_anew(closing)
        return self._decided[number]

    def _decided_anew(self, closing: _Closing) -> Decided | None:
        cycle, current, closure_on = closing
        if not cycle.is_history(self._in_use_from):
            return None
        decision = gate_state(GateFacts(cycle, in_use_from=self._in_use_from), self._policy)
        return Decided(
            cycle.number,
            current,
            decision.state.value,
            decision.may_close and current,
            orjson.dumps(decision.explanation.as_json()).decode(),
            self._policy.version,
            closure_on,
            cycle.reason_code,
            cycle.closed_at,
            cycle.closing_counts_at,
        )


def _change(gate: PastGate, closing: _Closing, decided: Decided) -> GateOutcome:
    before, gate.closing, gate.decided = gate.decided, closing, decided
    gate.version += decided != before
    same = (before.state, before.may_close) == (decided.state, decided.may_close)
    return GateOutcome(Outcome.NO_CHANGE if same else Outcome.APPLIED, gate.id)
