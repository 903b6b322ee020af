"""The gates of people, as the events of their episodes open and move them.

The same fold and the same decision as `closure_gates.service`, where there is no urgent finding,
and where nobody is at an audit that a gate asked for (C3). Nothing is asked of the database.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

import orjson

from qa_api import events
from qa_api.closure_gates.audited import Audited
from qa_api.closure_gates.episodes import GateOutcome, Outcome, ToldEvent
from qa_api.events import Event
from qa_api.rules.closure import (
    Cycle,
    EpisodeEvent,
    EpisodeEventType,
    EpisodePhase,
    ExemptBecause,
    GateFacts,
    cycle_of,
    fold_episode,
    gate_state,
    opened_by,
)
from qa_api.rules.closure_audits import why_not_owed
from qa_api.rules.kinds import SubjectKind
from qa_api.rules.local_time import local_date
from qa_api.rules.policy import Policy
from qa_api.rules.states import ActionState, GateState

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
    cleared_at: datetime | None

    def on_the_way(self) -> "Decided":
        """The same of a gate that takes another step at once: another may answer by then."""
        return self._replace(current=False, may_close=False)

    @property
    def is_history(self) -> bool:
        """Whether it was decided that the case closed before the service was in use."""
        return f'"exempt_because":"{ExemptBecause.BEFORE_IN_USE}"' in self.explanation

    @property
    def answer(self) -> tuple[str, bool]:
        """What is told of it: its state, and whether the case may close."""
        return self.state, self.may_close


class _Closing(NamedTuple):
    """A closing as the fold of its episode has it: what is decided follows from it."""

    cycle: Cycle
    current: bool
    closure_on: date | None


@dataclass
class PastAudit:
    """The closure audit that a gate has asked for: nobody has begun it, or it is completed."""

    id: UUID
    type: str
    due_on: date | None
    opened_at: int
    """The step of its gate that opened it; `ON_RECORD` where it was there before."""
    cancelled_at: int | None = None
    cancelled_because: str | None = None
    version: int = 1
    completed: bool = False
    on_record: "AuditOnRecord | None" = None


ON_RECORD: Final = -1
"""The step of what was there before any step was taken."""


class AuditOnRecord(NamedTuple):
    """What an audit that is there already has in the database."""

    version: int
    due_on: date | None


class Step(NamedTuple):
    """What a gate holds from one change of its state to the next."""

    decided: Decided
    audit_id: UUID | None


@dataclass
class PastGate:
    """A gate as it is kept."""

    id: UUID
    opened_by_event: str
    """Our id of it."""
    team: str | None
    worker: str | None
    closing: _Closing | None
    """None where it is on record and was not decided here."""
    decided: Decided
    steps: list[Step] = field(default_factory=list)
    """One for each state: the database holds that a gate takes one step after the other."""
    audits: list[PastAudit] = field(default_factory=list)
    version: int = 1
    on_record: Step | None = None
    """What it holds in the database; None of one that these events open."""

    @property
    def audit(self) -> PastAudit | None:
        """The audit that is waited for."""
        last = self.audits[-1] if self.audits else None
        waits = last is not None and last.cancelled_because is None and not last.completed
        return last if waits else None

    @property
    def has_completed(self) -> bool:
        """Whether its audit is completed: it asks for no other one."""
        return any(audit.completed for audit in self.audits)

    def take_step(self) -> None:
        """Keep what it holds now, where that is another than on record."""
        before = self.on_record.audit_id if self.on_record is not None else None
        step = Step(self.decided, self.audits[-1].id if self.audits else before)
        if step == self.on_record and not self.steps:
            return
        if self.steps and self.steps[-1].decided.state == self.decided.state:
            self.steps[-1] = step
        else:
            self.steps.append(step)

    @property
    def now_at(self) -> int:
        """The number of the step that it takes now."""
        same = self.steps and self.steps[-1].decided.state == self.decided.state
        return len(self.steps) - (1 if same else 0)


class _Decision(NamedTuple):
    """What is decided of a closing, and whether an audit is owed for it."""

    decided: Decided
    audit_owed: bool


class _Before(NamedTuple):
    """What a gate answered before, and what its closing was."""

    answer: tuple[str, bool]
    was_history: bool


class Tell(Protocol):
    """Takes what is to stand in our own log of a gate or an audit of somebody."""

    def __call__(self, event: type[Event], about: UUID, **said: Any) -> None: ...


class Whose(NamedTuple):
    """Of whom an episode is told, and who holds the case."""

    system: str
    kind: SubjectKind
    team: str | None
    worker: str | None
    actions: tuple[ActionState, ...]
    """Of theirs, those that are needed before a closing."""


class _Asked(NamedTuple):
    """What decides about a closing beside the events that were told of it."""

    cycle: int
    kind: SubjectKind
    actions: tuple[ActionState, ...]
    awaits: bool
    """Whether an audit of it is open already."""
    completed: bool
    """Whether one is completed."""
    cleared_at: datetime | None
    """Since when it has stood clear."""


class Policies(Protocol):
    """The policies that decide."""

    today: Policy

    def on(self, day: date) -> Policy:
        """The policy in force on a London day."""


class Deciding(NamedTuple):
    """By what closings are decided: it is asked for once."""

    now: datetime
    policies: Policies
    audited: Audited


class PastEpisode:
    """An episode as far as it was told of somebody, or of several alike: folded and decided once.

    `exempt` are our ids of the events whose reason needed no audit when they happened.
    """

    def __init__(self, told: Sequence[ToldEvent], exempt: Collection[str], by: Deciding) -> None:
        self._told = tuple(told)
        self._events = [each.event for each in told]
        self._by, self._in_use_from = by, by.policies.today.in_use_from
        self._cycles: tuple[Cycle, ...] = ()
        if any(map(self._opens, self._events)):
            self._cycles = fold_episode(self._events, exempt)
        self._closings = list(self._found())
        self._decided: dict[_Asked, _Decision | None] = {}

    def is_of(self, told: Sequence[ToldEvent]) -> bool:
        """Whether it is the episode of these events."""
        return self._told == tuple(told)

    def settle(
        self, gates: list[PastGate], whose: Whose, ids: Iterator[UUID], tell: Tell
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
            decision = self._decide(closing, _asked(closing, whose, gate))
            if decision is None:
                return None
            held = whose.team, whose.worker
            before: _Before | None = None
            if gate is not None:
                before = _Before(gate.decided.answer, gate.decided.is_history)
                _move(gate, closing, decision.decided, tell)
            else:
                gate = PastGate(next(ids), first, *held, closing, decision.decided)
                gates.append(gate)
            self._ask_for_audit(gate, decision, whose, ids, tell)
            gate.take_step()
            settled.append(self._tell_of(gate, before, whose.system, tell))
        # Of two as grave the newest.
        return min(reversed(settled), key=lambda each: _RANKS[each.outcome], default=_UNCHANGED)

    def _opens(self, event: EpisodeEvent) -> bool:
        if event.type is EpisodeEventType.CLOSURE_PROPOSED:
            # A proposal from before opens no gate.
            return local_date(event.occurred_at) >= self._in_use_from
        return event.type is EpisodeEventType.CASE_CLOSED

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

    def _decide(self, closing: _Closing, asked: _Asked) -> _Decision | None:
        if asked not in self._decided:
            self._decided[asked] = self._decided_anew(closing, asked)
        return self._decided[asked]

    def _decided_anew(self, closing: _Closing, asked: _Asked) -> _Decision | None:
        cycle, current, closure_on = closing
        facts = GateFacts(
            cycle,
            audit_completed=asked.completed,
            audit_offered=asked.awaits or self._by.audited.is_offered(asked.kind),
            audited_then=self._by.audited.was_offered(asked.kind, cycle.closing_counts_at),
            in_use_from=self._in_use_from,
            actions=asked.actions,
            cleared_at=asked.cleared_at,
        )
        policy = self._policy_of(cycle)
        decision = gate_state(facts, policy)
        if decision.state is GateState.CLOSED_WITHOUT_AUDIT:
            return None  # it is escalated
        cleared_at = asked.cleared_at
        if cycle.phase is EpisodePhase.PROPOSED:
            cleared_at = (cleared_at or self._by.now) if decision.cleared else None
        explanation = decision.explained(cleared_at)
        decided = Decided(
            cycle.number,
            current,
            decision.state.value,
            decision.may_close and current,
            orjson.dumps(explanation, option=orjson.OPT_SORT_KEYS).decode(),
            policy.version,
            closure_on,
            cycle.reason_code,
            cycle.closed_at,
            cycle.closing_counts_at,
            cleared_at,
        )
        return _Decision(decided, decision.audit_owed)

    def _policy_of(self, cycle: Cycle) -> Policy:
        """That of the day on which the case closed; today's decides about an open closing."""
        closed_at = cycle.closing_counts_at
        if closed_at is None or cycle.is_history(self._in_use_from):
            return self._by.policies.today
        return self._by.policies.on(local_date(closed_at))

    def _ask_for_audit(
        self, gate: PastGate, decision: _Decision, whose: Whose, ids: Iterator[UUID], tell: Tell
    ) -> None:
        """Open the audit that is owed and not there; take back one that is owed no more."""
        if gate.has_completed:
            return
        audit, state = gate.audit, gate.decided.state
        if audit is None:
            type_ = self._by.audited.type_for(whose.kind)
            if decision.audit_owed and type_ is not None:
                opened = PastAudit(next(ids), type_, gate.decided.closure_on, gate.now_at)
                gate.audits.append(opened)
                tell(events.AuditPlanned, opened.id, audit_type=type_)
        elif not decision.audit_owed:
            audit.cancelled_at = gate.now_at
            audit.cancelled_because = why_not_owed(GateState(state))
            audit.version += 1
            tell(events.AuditCancelled, audit.id)

    def _tell_of(
        self, gate: PastGate, before: _Before | None, system: str, tell: Tell
    ) -> GateOutcome:
        """Tell of a gate that was opened or that changed; nobody is told of history (ADR 34)."""
        was_history = before is None or before.was_history
        if before is not None and gate.decided.answer == before.answer:
            return GateOutcome(Outcome.NO_CHANGE, gate.id)
        if gate.decided.is_history and was_history:
            return GateOutcome(Outcome.APPLIED, gate.id)
        state, may_close = gate.decided.answer
        change = events.GateOpened if before is None else events.GateChanged
        tell(change, gate.id, system=system, state=state, may_close=may_close)
        return GateOutcome(Outcome.GATE_OPENED if before is None else Outcome.GATE_CHANGED, gate.id)


def _asked(closing: _Closing, whose: Whose, gate: PastGate | None) -> _Asked:
    return _Asked(
        closing.cycle.number,
        whose.kind,
        whose.actions,
        awaits=gate is not None and gate.audit is not None,
        completed=gate is not None and gate.has_completed,
        cleared_at=None if gate is None else gate.decided.cleared_at,
    )


def _move(gate: PastGate, closing: _Closing, decided: Decided, tell: Tell) -> None:
    """Let a gate hold what is decided now; its audit is due by the day that it names."""
    was, gate.closing, gate.decided = gate.decided, closing, decided
    gate.version += decided != was
    audit, due_on = gate.audit, closing.closure_on
    if audit is not None and due_on != was.closure_on and audit.due_on == was.closure_on:
        audit.due_on = due_on
        audit.version += 1
        tell(events.AuditEdited, audit.id)
