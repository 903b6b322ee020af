"""What events of new cases leave behind, worked out without asking the database for each.

Exactly what `intake` does about them one by one, of people of whom nothing but their closing and
their holders is told, in years past or today. No alert and no escalation follows from those.
Whatever else comes is left to `intake` (`NotPlain`). The rules are the same ones; a test compares
the rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from qa_api import events
from qa_api.case_events.groups import Noted, SentEvent
from qa_api.case_events.histories import HOLDERS, PERSON_FACTS, Kept, of_episode, said_in
from qa_api.case_events.intake import fingerprint_of
from qa_api.case_events.messages import ALLOCATION, EPISODE_TYPES, KNOWN_TYPES
from qa_api.case_events.no_fact import text_said
from qa_api.case_events.past_gates import Deciding, PastEpisode, Tell, Whose
from qa_api.case_events.past_person import Person
from qa_api.closure_gates.audited import Audited
from qa_api.closure_gates.episodes import GateOutcome, Outcome, ToldEvent
from qa_api.directory.references import KINDS, Claims, Kind
from qa_api.events import Event
from qa_api.models.base import new_ids
from qa_api.rules.closure import EpisodeEvent
from qa_api.rules.kinds import kept_as, kind_of
from qa_api.rules.local_time import local_date
from qa_api.rules.policy import Policy
from qa_api.rules.references import fold
from qa_api.rules.telling import counts_at, is_ahead
from qa_api.subjects.service import Holding

_RANKS: Final = {outcome: rank for rank, outcome in enumerate(Outcome)}
_APPLIED: Final = GateOutcome(Outcome.APPLIED)
_UNCHANGED: Final = GateOutcome()
_NOBODY: Final = Holding(None, None, None, None)


class NotPlain(Exception):
    """These events are not such that all they leave behind is known from themselves."""


def is_plain(event: Noted, now: datetime) -> bool:
    """Whether an event may be worked out: who holds a case, or how far its closing has come."""
    if event.type not in KNOWN_TYPES:
        return True
    if event.occurred_at is None or is_ahead(event.occurred_at, now):
        return False
    return event.type in EPISODE_TYPES or event.type == ALLOCATION


@dataclass
class Known:
    """What the database says, asked once for many events."""

    system: str
    now: datetime
    today: date
    in_use_from: date
    policies: "Policies"
    claims: Claims
    audited: Audited
    ids: Iterator[UUID] = field(default_factory=new_ids)
    names: dict[str, str] = field(default_factory=dict)
    """How what somebody is called is compared."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process makes ids of its own.
        said = self.system, self.now, self.today, self.in_use_from, self.policies, self.claims
        return Known, (*said, self.audited)

    def folded(self, called: str) -> str:
        """The reference as it is compared (`fold`)."""
        if called not in self.names:
            self.names[called] = fold(called)
        return self.names[called]


class Policies:
    """The policy of any day."""

    def __init__(self, today: Policy, every: Iterable[Policy]) -> None:
        self.today = today
        self._every = sorted(every, key=lambda each: (each.effective_from, each.version))
        self._found: dict[date, Policy] = {}

    def on(self, day: date) -> Policy:
        """The policy in force on a London day; before the first, the first (`Work.policy_on`)."""
        if day not in self._found:
            self._found[day] = self._find(day)
        return self._found[day]

    def _find(self, day: date) -> Policy:
        if self.today.effective_from <= day:
            return self.today
        begun = [each for each in self._every if each.effective_from <= day]
        if begun:
            return begun[-1]
        first = self._every[0].effective_from
        return [each for each in self._every if each.effective_from == first][-1]


Logged = tuple[str, UUID, UUID | None, str]
"""Of an event of our own log: its type, what it is about, the person, and what it says as JSON."""


def _log(event: type[Event], about: UUID, person: UUID | None, **said: Any) -> Logged:
    return event.type, about, person, orjson.dumps(said).decode()


class Taken(NamedTuple):
    """An event that was taken, with what it did about each reference, in its order."""

    id: UUID
    fingerprint: str
    event: SentEvent
    done: Sequence[tuple[str, GateOutcome, UUID]]
    """Each reference, what came of it, and the person's id."""

    @property
    def outcome(self) -> Outcome:
        """The gravest of what it did."""
        outcomes = (settled.outcome for _, settled, _ in self.done)
        return min(outcomes, key=_RANKS.__getitem__, default=Outcome.IGNORED)


@dataclass
class Left:
    """The rows that events leave behind."""

    taken: list[Taken] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    logged: list[Logged] = field(default_factory=list)
    unclaimed: dict[tuple[Kind, str], str] = field(default_factory=dict)
    """What the system calls those whom the directory does not know; by how it is compared."""
    repeated: int = 0

    def add(self, other: "Left") -> None:
        """Those of other events as well."""
        self.taken += other.taken
        self.people += other.people
        self.logged += other.logged
        for name, called in other.unclaimed.items():
            self.unclaimed.setdefault(name, called)
        self.repeated += other.repeated


def work_out(
    group: Sequence[SentEvent], known: Known, on_record: Mapping[str, Person] | None = None
) -> Left:
    """What the events about some people leave behind, taken one after the other.

    `on_record` are those of them who are there already, by reference. Raises `NotPlain` where what
    is left does not follow from the events and from these people alone.
    """
    telling = _Telling(known, on_record or {})
    first: dict[str, str] = {}
    for event in group:
        fingerprint = fingerprint_of(event.sent)
        if event.noted.id not in first:
            first[event.noted.id] = fingerprint
            telling.tell(event, fingerprint)
        elif first[event.noted.id] == fingerprint:
            telling.left.repeated += 1
        else:
            raise NotPlain
    return telling.left


class _Telling:
    def __init__(self, known: Known, on_record: Mapping[str, Person]) -> None:
        self._known = known
        self._people = dict(on_record)
        self._exempt: set[str] = set()
        self.left = Left(people=list(on_record.values()))
        for person in on_record.values():
            for told in person.episodes.values():
                for each in told:
                    self._note_whether_exempt(each.event)

    def tell(self, event: SentEvent, fingerprint: str) -> None:
        """Take one more event."""
        noted, event_id = event.noted, next(self._known.ids)
        done = self._apply(noted, said_in(event.sent["data"]), event_id) if noted.refs else []
        self.left.taken.append(Taken(event_id, fingerprint, event, done))
        about = {person for _, _, person in done}
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
    ) -> list[tuple[str, GateOutcome, UUID]]:
        named = dict.fromkeys(noted.refs)
        new = sorted(ref for ref in named if ref not in self._people)
        kept = self._under(named, noted, said, event_id)
        for ref in new:
            self._register(kept[ref])
        changed = {
            ref: ref in new or self._follow(self._people[ref], each) for ref, each in kept.items()
        }
        if noted.episode_id is not None and noted.type in EPISODE_TYPES:
            # What it says of the episode is the same of each of them.
            settled = self._decide(noted.episode_id, named, of_episode(kept[noted.refs[0]]))
        else:
            settled = {ref: _APPLIED if each else _UNCHANGED for ref, each in changed.items()}
        return [(ref, settled[ref], self._people[ref].id) for ref in noted.refs]

    def _under(
        self, refs: Iterable[str], noted: Noted, said: Mapping[str, Any], event_id: UUID
    ) -> dict[str, Kept]:
        if noted.occurred_at is None:
            raise NotPlain
        kept = Kept(
            event_id,
            noted.id,
            noted.type,
            noted.episode_id,
            noted.source_version,
            noted.occurred_at,
            self._known.now,
            said,
            noted.refs[0],
        )
        return {ref: kept if ref == kept.ref else kept.but(ref=ref) for ref in refs}

    def _decide(
        self, episode_id: str, refs: Iterable[str], newest: ToldEvent
    ) -> dict[str, GateOutcome]:
        known = self._known
        self._note_whether_exempt(newest.event)
        episode: PastEpisode | None = None
        outcomes = {}
        # In the order of `decide_episode`: of two gates that are alike the older one goes on.
        for ref in sorted(refs, key=lambda each: self._people[each].id):
            person = self._people[ref]
            told = person.episodes.setdefault(episode_id, [])
            told.append(newest)
            # Of sisters the same was told, as a rule.
            if episode is None or not episode.is_of(told):
                by = Deciding(known.now, known.policies, known.audited)
                episode = PastEpisode(told, self._exempt, by)
            gates = person.gates.setdefault(episode_id, [])
            held = person.holding
            whose = Whose(known.system, person.kind, held.team, held.worker, person.actions)
            settled = episode.settle(gates, whose, known.ids, self._teller(person))
            if settled is None:
                raise NotPlain
            outcomes[ref] = settled
        return outcomes

    def _note_whether_exempt(self, event: EpisodeEvent) -> None:
        if event.reason_code is not None:
            happened = local_date(counts_at(event.occurred_at, event.received_at))
            if self._known.policies.on(happened).exempts(event.reason_code):
                self._exempt.add(event.event_id)

    def _teller(self, person: Person) -> Tell:
        def tell(event: type[Event], about: UUID, **said: Any) -> None:
            if event is events.AuditCancelled and person.has_another_gate(about):
                raise NotPlain  # it is decided again too
            whole = event(about=about, subject=person.id, **said).data()
            self.left.logged.append(_log(event, about, person.id, **whole))

        return tell

    def _register(self, first: Kept) -> None:
        kinds = frozenset(first.kinds())
        person = Person(next(self._known.ids), first.ref, kept_as(kind_of(kinds)), kinds, _NOBODY)
        person.hear(first)
        person.facts = self._facts(person)
        person.allocated_at = person.last_held_at
        person.holding = self._resolve(person)
        self._people[first.ref] = person
        self.left.people.append(person)
        held = {"team": person.holding.team, "worker": person.holding.worker}
        self.left.logged.append(_log(events.SubjectRegistered, person.id, person.id, **held))

    def _follow(self, person: Person, newest: Kept) -> bool:
        """Bring a person in line with all that was told of them, as `record_facts.follow` does.

        Nobody was merged and nothing entered: what was said before is only added to, and what
        follows from it follows anew only where something else counts now.
        """
        person.kinds |= frozenset(newest.kinds())
        if kept_as(kind_of(person.kinds)) != person.kind:
            raise NotPlain
        heard = person.hear(newest)
        facts = self._facts(person)
        changed = facts != person.facts
        if changed:
            person.facts = facts
            person.version += 1
            self.left.logged.append(_log(events.SubjectEdited, person.id, person.id))
        # Whoever is meant by a name may be another by now.
        follows = person.version_on_record is not None or not heard.isdisjoint(HOLDERS)
        moved = follows and self._follow_holders(person)
        return moved or changed

    def _facts(self, person: Person) -> dict[str, date]:
        told = {name: person.counts[name].value for name in PERSON_FACTS if name in person.counts}
        return person.facts | told

    def _follow_holders(self, person: Person) -> bool:
        has, at = person.holding, person.last_held_at
        moved_at = at != person.allocated_at
        person.allocated_at = at
        person.holding = self._resolve(person)
        if moved_at or person.holding != has:
            person.version += 1
        if person.holding == has:
            return False
        team, worker = person.holding.team, person.holding.worker
        if (team, worker) != (has.team, has.worker):
            if person.something_follows:
                raise NotPlain
            person.move(team, worker)
            self.left.logged.append(
                _log(events.AllocationChanged, person.id, person.id, team=team, worker=worker)
            )
        return True

    def _resolve(self, person: Person) -> Holding:
        """Who holds the case, by what counts: whoever is meant, or what they are called."""
        known, at, has = self._known, person.allocated_at, person.holding
        codes: dict[str, str | None] = {"team": has.team, "worker": has.worker}
        unknown: dict[str, str | None] = {"team": has.reported_team, "worker": has.reported_worker}
        for kind in KINDS:
            if kind not in person.counts:
                continue
            codes[kind] = unknown[kind] = None
            called = person.counts[kind].value
            if called is None:
                continue
            folded = known.folded(called)
            code = known.claims.of(known.system, kind, folded, at, known.today)
            if code is not None:
                codes[kind] = code
            else:
                unknown[kind] = called
                self.left.unclaimed.setdefault((kind, folded), called)
        return Holding(
            codes.get("team"), codes.get("worker"), unknown.get("team"), unknown.get("worker")
        )


def names_in(group: Iterable[SentEvent]) -> set[str]:
    """What the events call those who hold cases, whatever comes of it."""
    names: set[Any] = set()
    for event in group:
        if event.noted.refs:
            data = event.sent["data"]
            said = data.get("allocation") if event.noted.type == ALLOCATION else data
            names.update(said.get(name) for name in HOLDERS)
    return {called for name in names if isinstance(called := text_said(name), str)}
