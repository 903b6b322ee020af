"""A child or a household, as far as what case systems told of them decides what is on record."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from qa_api.case_events.histories import HOLDERS, Kept
from qa_api.case_events.past_gates import PastGate
from qa_api.case_events.record_facts import CAUTIOUS
from qa_api.closure_gates.episodes import ToldEvent
from qa_api.rules.kinds import SubjectKind
from qa_api.rules.states import GATE_OPEN, ActionState
from qa_api.rules.telling import Heard, Said, newest
from qa_api.subjects.moving import Holders
from qa_api.subjects.service import Holding


@dataclass
class Person:
    """A child or a household of whom events tell."""

    id: UUID
    ref: str
    kind: SubjectKind
    kinds: frozenset[SubjectKind]
    holding: Holding
    allocated_at: datetime | None = None
    facts: dict[str, date] = field(default_factory=dict)
    heard: Heard = field(default_factory=Heard)
    said: dict[str, list[Said[Any]]] = field(default_factory=dict)
    counts: dict[str, Said[Any]] = field(default_factory=dict)
    """What counts of what was said of each field."""
    episodes: dict[str, list[ToldEvent]] = field(default_factory=dict)
    version: int = 1
    gates: dict[str, list[PastGate]] = field(default_factory=dict)
    actions: tuple[ActionState, ...] = ()
    """Of those that are needed before a closing."""
    something_follows: bool = False
    """Whether somebody is told, or a response comes back, once the case goes to others."""
    version_on_record: int | None = None
    """None of one of whom these events are the first to tell."""
    held_on_record: Holders | None = None
    """Who holds the case in the database; None of one who is not there."""

    def hear(self, kept: Kept) -> set[str]:
        """Take what an event says of the person; the fields of which something else counts now."""
        told, changed = kept.told, set()
        is_last = self.heard.is_plainly_last(told)
        for name, value in (*kept.holders(), *kept.person_facts()):
            said = Said(value, told, 0)
            every = self.said.setdefault(name, [])
            every.append(said)
            # Most say the last of it: only what does not is compared with all that was said.
            counts = said if is_last else newest(every, CAUTIOUS[name]) or said
            if counts is not self.counts.get(name):
                self.counts[name] = counts
                changed.add(name)
        return changed

    @property
    def last_held_at(self) -> datetime | None:
        """When the allocation that counts was, as told; None where nobody has told of one."""
        told = [self.counts[name].told.occurred_at for name in HOLDERS if name in self.counts]
        return max((at for at in told if at is not None), default=None)

    def has_another_gate(self, audit_id: UUID) -> bool:
        """Whether there is an open gate on record but the one that asked for an audit."""
        return any(
            gate.on_record is not None
            and gate.decided.state in GATE_OPEN
            and all(audit.id != audit_id for audit in gate.audits)
            for gates in self.gates.values()
            for gate in gates
        )

    @property
    def held_by(self) -> Holders:
        """The team and the worker that hold the case."""
        return self.holding.team, self.holding.worker

    @property
    def has_moved(self) -> bool:
        """Whether others hold the case than in the database."""
        return self.held_on_record not in (None, self.held_by)

    def move(self, team: str | None, worker: str | None) -> None:
        """All that is about the person goes to the new holders with them."""
        for gates in self.gates.values():
            for gate in gates:
                gate.team, gate.worker = team, worker
