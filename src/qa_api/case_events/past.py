"""What events of years past leave behind, worked out without asking the database for each.

Exactly what `intake` does about them one by one, for people of whom nothing is known yet and whose
closings are all history: no audit, no alert and no message follows from those. Whatever else comes
is left to `intake` (`NotPlain`). The rules are the same ones; a test compares the rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from qa_api import events
from qa_api.case_events.event_file import FromFile
from qa_api.case_events.histories import HOLDERS, PERSON_FACTS, Arrived, History, Kept
from qa_api.case_events.intake import arrived_at, fingerprint_of
from qa_api.case_events.messages import (
    AllocationChangedMessage,
    CaseEventMessage,
    EpisodeMessage,
    OtherEvent,
)
from qa_api.case_events.past_gates import PastGate, decide_past
from qa_api.case_events.record_facts import Counts, counts
from qa_api.closure_gates.episodes import GateOutcome, Outcome
from qa_api.directory.references import Claims, Reference
from qa_api.events import Event
from qa_api.models.base import new_id
from qa_api.rules.kinds import SubjectKind, kept_as
from qa_api.rules.local_time import local_date
from qa_api.rules.policy import Policy
from qa_api.rules.telling import is_ahead
from qa_api.subjects.service import Holding, held_by, spoken_on

_NOBODY: Final = Holding(None, None, None, None)


class NotPlain(Exception):
    """These events are not such that all they leave behind is known from themselves."""


def is_plain(message: CaseEventMessage, in_use_from: date, now: datetime) -> bool:
    """Whether an event may be worked out here: of a closing from before, or of who holds a case."""
    if isinstance(message, OtherEvent):
        return True
    if not isinstance(message, EpisodeMessage | AllocationChangedMessage):
        return False
    occurred_at = message.data.occurred_at
    if is_ahead(occurred_at, now):
        return False
    return isinstance(message, AllocationChangedMessage) or local_date(occurred_at) < in_use_from


@dataclass
class Known:
    """What the database says, asked once for many events."""

    system: str
    now: datetime
    today: date
    in_use_from: date
    policies: "Policies"
    claims: Claims


class Policies:
    """The policy of any day."""

    def __init__(self, today: Policy, every: Iterable[Policy]) -> None:
        self._today = today
        self._every = sorted(every, key=lambda each: (each.effective_from, each.version))

    def on(self, day: date) -> Policy:
        """The policy in force on a London day; before the first, the first (`Work.policy_on`)."""
        if self._today.effective_from <= day:
            return self._today
        begun = [each for each in self._every if each.effective_from <= day]
        if begun:
            return begun[-1]
        first = self._every[0].effective_from
        return [each for each in self._every if each.effective_from == first][-1]


@dataclass
class Person:
    """A child or a household, of whom the file is the first to tell."""

    id: UUID
    ref: str
    kind: SubjectKind
    holding: Holding
    allocated_at: datetime | None
    facts: dict[str, date]
    kept: list[Kept]
    version: int = 1
    gates: dict[str, list[PastGate]] = field(default_factory=dict)

    def move(self, team: str | None, worker: str | None) -> None:
        """All that is about the person goes to the new holders with them."""
        for gates in self.gates.values():
            for gate in gates:
                gate.team, gate.worker = team, worker


@dataclass
class Left:
    """The rows that events leave behind."""

    kept: list[tuple[UUID, str, FromFile]] = field(default_factory=list)
    outcomes: list[tuple[UUID, int, str, GateOutcome, UUID]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    logged: list[Event] = field(default_factory=list)
    unclaimed: dict[tuple[str, str], Reference] = field(default_factory=dict)
    repeated: int = 0

    def add(self, other: "Left") -> None:
        """Those of other events as well."""
        self.kept += other.kept
        self.outcomes += other.outcomes
        self.people += other.people
        self.logged += other.logged
        for name, reference in other.unclaimed.items():
            self.unclaimed.setdefault(name, reference)
        self.repeated += other.repeated


def work_out(group: Sequence[FromFile], known: Known) -> Left:
    """What the events about some people leave behind, taken one after the other."""
    telling = _Telling(known)
    first: dict[str, str] = {}
    for event in group:
        fingerprint = fingerprint_of(event.sent)
        if first.setdefault(event.message.id, fingerprint) != fingerprint:
            raise NotPlain
        if len(first) == len(telling.left.kept):
            telling.left.repeated += 1
        else:
            telling.tell(event, fingerprint)
    return telling.left


class _Telling:
    def __init__(self, known: Known) -> None:
        self._known = known
        self._people: dict[str, Person] = {}
        self.left = Left()

    def tell(self, event: FromFile, fingerprint: str) -> None:
        """Take one more event."""
        message, event_id = event.message, new_id()
        self.left.kept.append((event_id, fingerprint, event))
        done: list[tuple[str, GateOutcome]] = []
        if isinstance(message, EpisodeMessage | AllocationChangedMessage):
            arrived = arrived_at(self._known.now, message, event_id, event.sent)
            done = self._apply(message, arrived)
        about = set()
        for position, (ref, settled) in enumerate(done):
            subject = self._people[ref].id
            about.add(subject)
            self.left.outcomes.append((event_id, position, ref, settled, subject))
        self.left.logged.append(
            events.CaseEventReceived(
                about=event_id,
                subject=about.pop() if len(about) == 1 else None,
                event_type=message.type if done else "other",
            )
        )

    def _apply(
        self, message: EpisodeMessage | AllocationChangedMessage, arrived: Arrived
    ) -> list[tuple[str, GateOutcome]]:
        named = [each.ref for each in message.data.subjects]
        new = sorted(set(named) - self._people.keys())
        known = [self._people[ref] for ref in dict.fromkeys(named) if ref in self._people]
        changed = dict.fromkeys(new, True)
        for ref in new:
            self._register(ref, arrived)
        for person in known:
            person.kept.append(arrived.under(person.ref))
            changed[person.ref] = self._follow(person)
        if isinstance(message, EpisodeMessage):
            episode_id = message.data.episode_id
            settled = {ref: self._decide(episode_id, self._people[ref]) for ref in set(named)}
        else:
            applied = {True: GateOutcome(Outcome.APPLIED), False: GateOutcome()}
            settled = {ref: applied[each] for ref, each in changed.items()}
        return [(ref, settled[ref]) for ref in named]

    def _decide(self, episode_id: str, person: Person) -> GateOutcome:
        known = self._known
        told = dict(History(person.ref, person.kept).episodes())[episode_id]
        gates = person.gates.setdefault(episode_id, [])
        held = person.holding.team, person.holding.worker
        settled = decide_past(gates, told, held, known.in_use_from, known.policies.on)
        if settled is None:
            raise NotPlain
        return settled

    def _register(self, ref: str, arrived: Arrived) -> None:
        history = History(ref, [arrived.under(ref)])
        said = counts(history)
        at = arrived.occurred_at if any(name in said for name in HOLDERS) else None
        held = {name: said[name].value for name in HOLDERS if name in said}
        person = Person(
            new_id(),
            ref,
            kept_as(history.kind()),
            self._resolve(at, **held),
            at,
            {name: said[name].value for name in PERSON_FACTS if name in said},
            list(history.kept),
        )
        self._people[ref] = person
        self.left.people.append(person)
        self.left.logged.append(events.SubjectRegistered(about=person.id, subject=person.id))

    def _follow(self, person: Person) -> bool:
        """Bring a person in line with all that was told of them, as `record_facts.follow` does."""
        history = History(person.ref, person.kept)
        counted = counts(history)
        if kept_as(history.kind()) != person.kind:
            raise NotPlain
        facts = {name: counted[name].value for name in PERSON_FACTS if name in counted}
        changed = {name for name, day in facts.items() if day != person.facts.get(name)}
        if changed:
            person.facts |= facts
            person.version += 1
            self.left.logged.append(events.SubjectEdited(about=person.id, subject=person.id))
        moved = self._follow_holders(person, counted)
        return moved or bool(changed)

    def _follow_holders(self, person: Person, counted: Counts) -> bool:
        told = [counted[name].told for name in HOLDERS if name in counted]
        if not told:
            return False
        at = max((each.occurred_at for each in told if each.occurred_at), default=None)
        has = person.holding
        held = {
            "team": has.reported_team or has.team,
            "worker": has.reported_worker or has.worker,
        }
        now = held | {name: counted[name].value for name in HOLDERS if name in counted}
        if now == held and person.allocated_at == at:
            return False
        resolved = self._resolve(at, **now)
        if resolved != has or person.allocated_at != at:
            person.version += 1
        person.allocated_at = at
        if resolved == has:
            return False
        person.holding = resolved
        team, worker = resolved.team, resolved.worker
        if (team, worker) != (has.team, has.worker):
            person.move(team, worker)
            self.left.logged.append(
                events.AllocationChanged(
                    about=person.id, subject=person.id, team=team, worker=worker
                )
            )
        return True

    def _resolve(
        self, at: datetime | None, *, team: str | None = None, worker: str | None = None
    ) -> Holding:
        known = self._known
        spoken = spoken_on(known.today, known.system, team, worker, at)
        found = {each: code for each in spoken if (code := known.claims.code(each)) is not None}
        for each in sorted(spoken, key=lambda one: (one.kind, one.folded)):
            if each not in found:
                self.left.unclaimed.setdefault((each.kind, each.folded), each)
        return held_by(spoken, found) if spoken else _NOBODY


def names_in(group: Iterable[FromFile]) -> set[str]:
    """What the events call those who hold cases, whatever comes of it."""
    names = set()
    for event in group:
        data = event.message.data
        said: Any = getattr(data, "allocation", data)
        names |= {getattr(said, name, None) for name in HOLDERS}
    return {name for name in names if isinstance(name, str)}
