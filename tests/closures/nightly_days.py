"""A case system day by day: what its workers do, what it sends, and the tables that it writes.

Beside it stands what its nightly tables can tell, worked out from what its workers did, and not
from the tables: who holds each case, when episodes closed and opened again, births and deaths.
"""

import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from tests.api import Json
from tests.closures.sending import ALLOCATED, CANCELLED, CLOSED, PROPOSED, REOPENED, RESTRICTED
from tests.closures.ssd_files import (
    Tables,
    department,
    episode,
    involvement,
    person,
    professional,
)

MERGED = "person.merged.v1"
LONDON = ZoneInfo("Europe/London")
STAFF = {"P1": "Smith.J", "P2": "SmithJ@x", "P3": "sw1-boston-fast", "P4": "new.here", "P5": None}
"""Professionals by their rows; known, and not yet, and one whose row is all there is."""
TEAMS = ("Lincoln Fast", "boston-fast", "a-team-to-come")
REASONS = ("RC1", "RC2", "RC5", None)
DAY = timedelta(days=1)
AHEAD = datetime(2099, 1, 1, tzinfo=UTC)
"""What a clock says that is ahead."""


def written_at(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass
class Part:
    """An involvement."""

    id: str
    worker: str | None
    team: str | None
    since: date
    until: date | None = None


@dataclass
class Case:
    """An episode, and all that was told of it: version, instant, and what closes it."""

    id: str
    referred: date
    closed: date | None = None
    reason: str | None = None
    told: list[tuple[int, datetime, str]] = field(default_factory=list)
    own_number: int = 0
    told_closing: tuple[date, str | None] | None = None
    state: str = "open"


@dataclass
class Child:
    """A child, and what was told of whom."""

    ref: str
    born: date | None = None
    died: date | None = None
    parts: list[Part] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    is_told: bool = False
    said: dict[str, Any] = field(default_factory=dict)
    said_at: dict[str, datetime] = field(default_factory=dict)
    merged_into: str | None = None


class CaseSystem:
    """One that goes on from day to day, by chance."""

    def __init__(self, seed: str, run: str, first: date, in_use_from: date) -> None:
        self.in_use_from = in_use_from
        self._chance = random.Random(seed)
        self._run = run
        self._numbers = 0
        self.day = first
        self.children: dict[str, Child] = {}
        for _ in range(6):
            self._comes(long_ago=True)

    def _name(self, what: str) -> str:
        self._numbers += 1
        return f"{self._run}-{what}{self._numbers}"

    # --- what people do in a day ---

    def work(self) -> None:
        """What workers write in a day; only its end is in the tables."""
        acts = (
            (self._comes, 3),
            (self._moves, 6),
            (self._closes, 5),
            (self._reopens, 2),
            (self._is_corrected, 2),
            (self._is_known_better, 2),
            (self._comes_again, 2),
            (self._is_left, 1),
            (self._part_was_wrong, 1),
        )
        for _ in range(self._chance.choice((0, 1, 2, 3))):
            (act,) = self._chance.choices([a for a, _ in acts], [weight for _, weight in acts])
            act()

    def _ago(self, most: int = 3) -> date:
        days: int = self._chance.choice((0, 0, *range(most + 1)))
        return self.day - days * DAY

    def _comes(self, *, long_ago: bool = False) -> None:
        child = Child(self._name("C"))
        self.children[child.ref] = child
        if self._chance.random() < 0.7:
            child.born = date(2009 + self._chance.randrange(16), 2, 3)
        since = self._ago() - 900 * DAY * long_ago
        if self._chance.random() < 0.9:
            child.cases.append(Case(self._name("E"), since))
        if self._chance.random() < 0.8:
            self._takes_over(child, since)
        if long_ago and child.cases and self._chance.random() < 0.5:
            self._close(child.cases[0], since + 30 * DAY)

    def _takes_over(self, child: Child, since: date) -> None:
        worker = self._chance.choice((*STAFF, None))
        team = self._chance.choice((*TEAMS, None))
        if worker or team:
            child.parts.append(Part(self._name("I"), worker, team, since))

    def _some(self, wanted: Any = lambda _: True) -> Child | None:
        known = [c for c in self.children.values() if c.merged_into is None and wanted(c)]
        return self._chance.choice(known) if known else None

    def _moves(self) -> None:
        if child := self._some():
            day = self._ago()
            for part in child.parts:
                if part.until is None and part.since <= day:
                    part.until = day
            self._takes_over(child, day)

    def _is_left(self) -> None:
        """Nobody has the case any more."""
        child = self._some(lambda c: any(part.until is None for part in c.parts))
        for part in child.parts if child else ():
            part.until = part.until or max(part.since, self.day)

    def _part_was_wrong(self) -> None:
        """It was somebody else's case: the row is gone."""
        child = self._some(lambda c: len(c.parts) > 1)
        if child:
            child.parts.pop()
            child.parts[-1].until = None

    def _case(self, wanted: Any) -> Case | None:
        cases = [
            case
            for child in self.children.values()
            if child.merged_into is None
            for case in child.cases
            if wanted(case)
        ]
        return self._chance.choice(cases) if cases else None

    def _close(self, case: Case, day: date) -> None:
        case.closed = max(day, case.referred)
        case.reason = self._chance.choice(REASONS)

    def _closes(self) -> None:
        if case := self._case(lambda c: c.closed is None):
            self._close(case, self._ago(12))

    def _reopens(self) -> None:
        if case := self._case(lambda c: c.closed is not None):
            case.closed = case.reason = None

    def _is_corrected(self) -> None:
        if case := self._case(lambda c: c.closed is not None):
            self._close(case, self._ago(5))

    def _is_known_better(self) -> None:
        if child := self._some():
            if self._chance.random() < 0.8:
                child.born = date(2009 + self._chance.randrange(16), 2, 3)
            else:
                child.died = None if child.died else self.day

    def _comes_again(self) -> None:
        if child := self._some():
            child.cases.append(Case(self._name("E"), self._ago()))

    # --- what the system sends by itself ---

    def sends(self, at: datetime) -> list[Json]:
        """Some events of a day, which tell what tables cannot, or sooner."""
        if self._chance.random() < 0.4:
            return []
        told = self._chance.choices(
            (
                self._proposes,
                self._cancels,
                self._restricts,
                self._allocates,
                self._merges,
                self._closes_with_a_clock_ahead,
            ),
            (6, 3, 1, 3, 1, 2),
        )[0]()
        return [told(at)] if told else []

    def closes_late(self, at: datetime) -> list[Json]:
        """A closing that is sent once the tables of the day have been drawn."""
        child = self._some(lambda c: any(e.closed is None and e.state != "closed" for e in c.cases))
        if child is None or self._chance.random() > 0.1:
            return []
        case = next(e for e in child.cases if e.closed is None and e.state != "closed")
        return [self._of_case(CLOSED, child, case, at, closure={"date": str(self.day)})]

    def _closes_with_a_clock_ahead(self) -> Any:
        """A closing of a day that no worker wrote down, of a time that cannot be right."""
        child = self._some(lambda c: c.cases)
        if child is None:
            return None
        case = self._chance.choice(child.cases)
        closure = {"date": str(self._ago())}
        return lambda _: self._of_case(CLOSED, child, case, AHEAD, closure=closure)

    def _of_case(self, type_: str, child: Child, case: Case, at: datetime, **said: Any) -> Json:
        case.own_number += 1  # it knows nothing of what its tables told
        data = {
            "episode_id": case.id,
            "subjects": [{"ref": child.ref, "role": "child"}],
            "source_version": case.own_number,
            "occurred_at": written_at(at),
            **said,
        }
        self._note_case(child, case, type_, data)
        return self._sent(type_, data)

    def _note_case(self, child: Child, case: Case, type_: str, data: Json) -> None:
        at = datetime.fromisoformat(data["occurred_at"])
        at = _EVER if at == AHEAD else at  # it ranks nothing
        case.told.append((data["source_version"], at, type_))
        child.is_told = True
        closure = data.get("closure", {})
        if type_ == CLOSED:
            case.told_closing = date.fromisoformat(closure["date"]), closure.get("reason_code")
        case.state = {CLOSED: "closed", CANCELLED: case.state}.get(type_, "open")

    def _sent(self, type_: str, data: Json) -> Json:
        return {
            "specversion": "1.0",
            "id": self._name("sent"),
            "source": "urn:mosaic",
            "type": type_,
            "data": data,
        }

    def _proposes(self) -> Any:
        child = self._some(lambda c: any(case.closed is None for case in c.cases))
        if child is None:
            return None
        case = next(case for case in child.cases if case.closed is None)
        return lambda at: self._of_case(PROPOSED, child, case, at)

    def _cancels(self) -> Any:
        child = self._some(lambda c: any(e.told and e.told[-1][2] == PROPOSED for e in c.cases))
        if child is None:
            return None
        case = next(e for e in child.cases if e.told and e.told[-1][2] == PROPOSED)
        return lambda at: self._of_case(CANCELLED, child, case, at)

    def _restricts(self) -> Any:
        child = self._some(lambda c: c.is_told)
        restriction = {"kind": "staff", "on": self._chance.random() < 0.5}
        return child and (
            lambda at: self._sent(
                RESTRICTED,
                {
                    "subjects": [{"ref": child.ref}],
                    "occurred_at": written_at(at),
                    "restriction": restriction,
                },
            )
        )

    def _allocates(self) -> Any:
        child = self._some()
        if child is None:
            return None
        staff = self._chance.choice(("Smith.J", "smithj@x", None))

        def told(at: datetime) -> Json:
            child.is_told = True
            child.said["worker"], child.said_at["worker"] = staff, at
            return self._sent(
                ALLOCATED,
                {
                    "subjects": [{"ref": child.ref, "role": "child"}],
                    "occurred_at": written_at(at),
                    "allocation": {"worker": staff},
                },
            )

        return told

    def _merges(self) -> Any:
        """A second record of a child: its rows go to the first, and it is in no table any more."""
        source = self._some(lambda c: c.is_told)
        into = self._some(lambda c: c.is_told and c is not source)
        if source is None or into is None:
            return None

        def told(at: datetime) -> Json:
            source.merged_into = into.ref
            into.cases += source.cases
            for name, value in source.said.items():
                if name not in into.said:
                    into.said[name], into.said_at[name] = value, source.said_at[name]
            data = {
                "occurred_at": written_at(at),
                "merge": {"from": source.ref, "into": into.ref},
            }
            return self._sent(MERGED, data)

        return told

    # --- the tables, and what they can tell ---

    def tables(self) -> Tables:
        """All that stands in the system at the end of the day."""
        here = [child for child in self.children.values() if child.merged_into is None]
        made: Tables = defaultdict(list)
        for child in here:
            made["ssd_person"].append(
                person(
                    child.ref,
                    pers_dob=child.born,
                    pers_death_date=child.died,
                    pers_legacy_id=f"legacy-{child.ref}",
                )
            )
            made["ssd_cin_episodes"] += [
                episode(
                    case.id,
                    child.ref,
                    cine_referral_date=case.referred,
                    cine_close_date=case.closed,
                    cine_close_reason=case.reason,
                )
                for case in child.cases
            ]
            made["ssd_involvements"] += [
                involvement(part.id, child.ref, part.worker, part.team, part.since, part.until)
                for part in child.parts
            ]
        made["ssd_professionals"] = [professional(*each) for each in STAFF.items()]
        made["ssd_department"] = [department(each) for each in TEAMS]
        for rows in made.values():
            self._chance.shuffle(rows)
        return made

    def can_be_told(self, drawn_at: datetime) -> list[Json]:
        """What tables drawn then can tell of what nobody has told yet; from now on it is told."""
        return [
            event
            for child in sorted(self.children.values(), key=lambda c: c.ref)
            if child.merged_into is None
            for event in self._can_be_told_of(child, drawn_at)
        ]

    def _can_be_told_of(self, child: Child, drawn_at: datetime) -> list[Json]:
        facts = {"born_on": child.born, "died_on": child.died}
        facts = {name: day for name, day in facts.items() if day}
        was_told = child.is_told
        since = self.in_use_from
        if not was_told and all(case.closed and case.closed < since for case in child.cases):
            return []
        cases = sorted(child.cases, key=lambda case: case.id)
        closings = [event for case in cases if (event := self._of_tables(child, case, drawn_at))]
        closings.sort(key=lambda event: event["data"]["occurred_at"])
        told = self._holder_told(child, drawn_at, None if was_told else facts)
        if was_told:
            new = {n: day for n, day in facts.items() if child.said.get(n) != day}
            new = {n: day for n, day in new.items() if child.said_at.get(n, _EVER) < drawn_at}
            told += [self._allocation(child, {}, drawn_at, new)] if new else []
        elif not told:
            told = [self._allocation(child, {}, drawn_at, facts)]
        child.is_told = True
        return told + closings

    def _holder_told(self, child: Child, drawn_at: datetime, facts: Any) -> list[Json]:
        """Who holds the case, with the facts of a child of whom nothing was told."""
        held = self._holder(child)
        if held is None:
            return []
        said, since = held
        if facts is None:
            said = {n: who for n, who in said.items() if _low(child.said.get(n)) != _low(who)}
            latest = max((child.said_at.get(n, _EVER) for n in said), default=_EVER)
            if not said or latest >= drawn_at:
                return []
            at = end_of(since, drawn_at)
            return [self._allocation(child, said, at if at > latest else drawn_at, {})]
        return [self._allocation(child, said, end_of(since, drawn_at), facts)]

    def _holder(self, child: Child) -> tuple[dict[str, str | None], date] | None:
        """Whoever has the case at the end of the day; of a closed one, whoever had it last."""
        if not child.parts:
            return None
        here = [part for part in child.parts if part.until is None or part.until > self.day]
        if not here and any(case.closed is None for case in child.cases):
            return {"worker": None, "team": None}, max(p.until or self.day for p in child.parts)
        parts = sorted(here or child.parts, key=lambda p: (p.since, p.until or date.max, p.id))
        last = parts[-1]
        said: dict[str, str | None] = {
            "worker": last.worker and (STAFF[last.worker] or last.worker)
        }
        return said | ({"team": last.team} if last.team else {}), last.since

    def _of_tables(self, child: Child, case: Case, drawn_at: datetime) -> Json | None:
        latest = max((at for _, at, _ in case.told), default=_EVER)
        if latest >= drawn_at:
            return None
        if case.closed is None:
            if case.state != "closed":
                return None
            type_, at, said = REOPENED, drawn_at, {}
        else:
            day, reason = case.told_closing or (None, None)
            same = day == case.closed and case.reason in (None, reason)
            if case.state == "closed" and same:
                return None
            why = {"reason_code": case.reason} if case.reason else {}
            said = {"closure": {"date": str(case.closed)} | why}
            type_, at = CLOSED, end_of(case.closed, drawn_at)
            at = at if at > latest else drawn_at
        version = max((number for number, _, _ in case.told), default=0)
        data = {
            "episode_id": case.id,
            "subjects": [{"ref": child.ref, "role": "child"}],
            "source_version": version,
            "occurred_at": written_at(at),
            **said,
        }
        self._note_case(child, case, type_, data)
        return _of_files(type_, data)

    def _allocation(self, child: Child, said: Any, at: datetime, facts: Any) -> Json:
        for name, value in {**said, **facts}.items():
            child.said[name], child.said_at[name] = value, at
        subject = {"ref": child.ref, "role": "child"}
        data = {
            "subjects": [subject | {name: str(day) for name, day in facts.items()}],
            "occurred_at": written_at(at),
            "allocation": dict(said),
        }
        return _of_files(ALLOCATED, data)


_EVER = datetime.min.replace(tzinfo=UTC)


def _low(name: str | None) -> str | None:
    return name and name.lower()


def end_of(day: date, drawn_at: datetime) -> datetime:
    """The last second of a day in London, or the drawing of the tables."""
    return min(datetime.combine(day, time(23, 59, 59), LONDON), drawn_at)


def _of_files(type_: str, data: Json) -> Json:
    """An event with the id that the guide for case systems promises."""
    plain = json.dumps([type_, data], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {
        "specversion": "1.0",
        "id": f"ssd-{blake2b(plain.encode(), digest_size=16).hexdigest()}",
        "source": "urn:mosaic",
        "type": type_,
        "data": data,
    }
