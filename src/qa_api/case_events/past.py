"""What events of years past leave behind, worked out without asking the database for each.

Exactly what `intake` does about them one by one, for people of whom nothing is known yet and whose
closings are all history: no audit, no alert and no message follows from those. Whatever else comes
is left to `intake` (`NotPlain`). The rules are the same ones; a test compares the rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from qa_api import events
from qa_api.case_events.event_file import FromFile, Noted
from qa_api.case_events.histories import (
    HOLDERS,
    PERSON_FACTS,
    Kept,
    of_episode,
    said_in,
)
from qa_api.case_events.intake import fingerprint_of
from qa_api.case_events.messages import ALLOCATION, EPISODE_TYPES, KNOWN_TYPES
from qa_api.case_events.no_fact import text_said
from qa_api.case_events.past_gates import PastGate, decide_past
from qa_api.case_events.record_facts import Counts, newest_of
from qa_api.closure_gates.episodes import GateOutcome, Outcome, ToldEvent
from qa_api.directory.references import Claims, Kind, Reference, day_of
from qa_api.events import Event
from qa_api.rules.kinds import SubjectKind, kept_as, kind_of
from qa_api.rules.local_time import local_date
from qa_api.rules.policy import Policy
from qa_api.rules.references import fold
from qa_api.rules.telling import Said, is_ahead
from qa_api.subjects.service import Holding

_APPLIED: Final = GateOutcome(Outcome.APPLIED)
_UNCHANGED: Final = GateOutcome()


class NotPlain(Exception):
    """These events are not such that all they leave behind is known from themselves."""


def is_plain(event: Noted, in_use_from: date, now: datetime) -> bool:
    """Whether an event may be worked out here: of a closing from before, or of who holds a case."""
    if event.type not in KNOWN_TYPES:
        return True
    if event.occurred_at is None or is_ahead(event.occurred_at, now):
        return False
    if event.type in EPISODE_TYPES:
        return local_date(event.occurred_at) < in_use_from
    return event.type == ALLOCATION


@dataclass
class Known:
    """What the database says, asked once for many events."""

    system: str
    now: datetime
    today: date
    in_use_from: date
    policies: "Policies"
    claims: Claims
    ids: Iterator[UUID]


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
    said: dict[str, list[Said[Any]]]
    kinds: frozenset[SubjectKind]
    episodes: dict[str, list[ToldEvent]] = field(default_factory=dict)
    version: int = 1
    gates: dict[str, list[PastGate]] = field(default_factory=dict)

    def move(self, team: str | None, worker: str | None) -> None:
        """All that is about the person goes to the new holders with them."""
        for gates in self.gates.values():
            for gate in gates:
                gate.team, gate.worker = team, worker


Logged = tuple[str, UUID, UUID | None, str]
"""Of an event of our own log: its type, what it is about, the person, and what it says as JSON."""


def _log(event: type[Event], about: UUID, person: UUID | None, **said: Any) -> Logged:
    return event.type, about, person, orjson.dumps(said).decode()


@dataclass
class Left:
    """The rows that events leave behind."""

    kept: list[tuple[UUID, str, FromFile]] = field(default_factory=list)
    outcomes: list[tuple[UUID, int, str, GateOutcome, UUID]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    logged: list[Logged] = field(default_factory=list)
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
        if first.setdefault(event.noted.id, fingerprint) != fingerprint:
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
        noted, event_id = event.noted, next(self._known.ids)
        self.left.kept.append((event_id, fingerprint, event))
        done = self._apply(noted, said_in(event.sent["data"]), event_id) if noted.refs else []
        about = set()
        for position, (ref, settled) in enumerate(done):
            subject = self._people[ref].id
            about.add(subject)
            self.left.outcomes.append((event_id, position, ref, settled, subject))
        self.left.logged.append(
            _log(
                events.CaseEventReceived,
                event_id,
                about.pop() if len(about) == 1 else None,
                event_type=noted.type if done else "other",
            )
        )

    def _apply(
        self, noted: Noted, said: Mapping[str, Any], event_id: UUID
    ) -> list[tuple[str, GateOutcome]]:
        named = dict.fromkeys(noted.refs)
        new = sorted(ref for ref in named if ref not in self._people)
        known = [self._people[ref] for ref in named if ref in self._people]
        changed = dict.fromkeys(new, True)
        kept = {ref: self._under(ref, noted, said, event_id) for ref in named}
        for ref in new:
            self._register(kept[ref])
        for person in known:
            changed[person.ref] = self._follow(person, kept[person.ref])
        if noted.episode_id is not None and noted.type in EPISODE_TYPES:
            # What it says of the episode is the same of each of them.
            told = of_episode(kept[noted.refs[0]])
            settled = {
                ref: self._decide(noted.episode_id, self._people[ref], told) for ref in named
            }
        else:
            settled = {ref: _APPLIED if each else _UNCHANGED for ref, each in changed.items()}
        return [(ref, settled[ref]) for ref in noted.refs]

    def _under(self, ref: str, noted: Noted, said: Mapping[str, Any], event_id: UUID) -> Kept:
        if noted.occurred_at is None:
            raise NotPlain
        return Kept(
            event_id,
            noted.id,
            noted.type,
            noted.episode_id,
            noted.source_version,
            noted.occurred_at,
            self._known.now,
            said,
            ref,
        )

    def _decide(self, episode_id: str, person: Person, newest: ToldEvent) -> GateOutcome:
        known = self._known
        told = person.episodes.setdefault(episode_id, [])
        told.append(newest)
        gates = person.gates.setdefault(episode_id, [])
        held = person.holding.team, person.holding.worker
        settled = decide_past(gates, told, held, known.in_use_from, known.policies.on, known.ids)
        if settled is None:
            raise NotPlain
        return settled

    def _register(self, first: Kept) -> None:
        said: dict[str, list[Said[Any]]] = defaultdict(list)
        _add_said(said, first)
        counted = newest_of(said)
        held = {name: counted[name].value for name in HOLDERS if name in counted}
        at = first.occurred_at if held else None
        kinds = frozenset(first.kinds())
        person = Person(
            next(self._known.ids),
            first.ref,
            kept_as(kind_of(kinds)),
            self._resolve(at, **held),
            at,
            {name: counted[name].value for name in PERSON_FACTS if name in counted},
            said,
            kinds,
        )
        self._people[first.ref] = person
        self.left.people.append(person)
        self.left.logged.append(_log(events.SubjectRegistered, person.id, person.id))

    def _follow(self, person: Person, newest: Kept) -> bool:
        """Bring a person in line with all that was told of them, as `record_facts.follow` does.

        Nobody was merged and nothing entered: what was said before is only added to.
        """
        _add_said(person.said, newest)
        person.kinds |= frozenset(newest.kinds())
        if kept_as(kind_of(person.kinds)) != person.kind:
            raise NotPlain
        counted = newest_of(person.said)
        facts = {name: counted[name].value for name in PERSON_FACTS if name in counted}
        changed = {name for name, day in facts.items() if day != person.facts.get(name)}
        if changed:
            person.facts |= facts
            person.version += 1
            self.left.logged.append(_log(events.SubjectEdited, person.id, person.id))
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
                _log(events.AllocationChanged, person.id, person.id, team=team, worker=worker)
            )
        return True

    def _resolve(
        self, at: datetime | None, *, team: str | None = None, worker: str | None = None
    ) -> Holding:
        known = self._known
        named: tuple[tuple[Kind, str | None], ...] = (("team", team), ("worker", worker))
        codes: dict[str, str | None] = {}
        unknown: dict[str, str | None] = {}
        for kind, called in named:
            if called is None:
                continue
            code = known.claims.of(known.system, kind, fold(called), at, known.today)
            if code is not None:
                codes[kind] = code
                continue
            unknown[kind] = called
            if (kind, fold(called)) not in self.left.unclaimed:
                reference = Reference(known.system, kind, called, day_of(at, known.today))
                self.left.unclaimed[kind, reference.folded] = reference
        return Holding(
            codes.get("team"), codes.get("worker"), unknown.get("team"), unknown.get("worker")
        )


def _add_said(said: dict[str, list[Said[Any]]], kept: Kept) -> None:
    told = kept.told
    for name, value in (*kept.holders(), *kept.person_facts()):
        said[name].append(Said(value, told, 0))


def names_in(group: Iterable[FromFile]) -> set[str]:
    """What the events call those who hold cases, whatever comes of it."""
    names: set[Any] = set()
    for event in group:
        if event.noted.refs:
            data = event.sent["data"]
            said = data.get("allocation") if event.noted.type == ALLOCATION else data
            names |= {text_said(said.get(name)) for name in HOLDERS}
    return {name for name in names if isinstance(name, str)}
