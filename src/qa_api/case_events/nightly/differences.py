"""What differs between the tables and what was told, as the events that tell it (C1, C2).

Tables say what is so, with days. So an event takes place at the end of its day, but never after
the tables were drawn; where something later was said that the tables contradict, when they were
drawn. What was said after that stands.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

import orjson

from qa_api.case_events.histories import HOLDERS, PERSON_FACTS
from qa_api.case_events.messages import ALLOCATION
from qa_api.case_events.nightly.children import Child
from qa_api.case_events.nightly.known import Known
from qa_api.case_events.nightly.tables import EpisodeRow
from qa_api.closure_gates.episodes import ToldEvent
from qa_api.rules.closure import EpisodeEventType, EpisodePhase, fold_episode
from qa_api.rules.local_time import end_of_local_day, local_date
from qa_api.rules.references import fold
from qa_api.rules.telling import is_ahead
from qa_api.values.fields import write_instant

CLOSED: Final = "case.closed.v1"
REOPENED: Final = "case.reopened.v1"

_A_SECOND: Final = timedelta(seconds=1)
_A_DAY: Final = timedelta(days=1)

Event = dict[str, Any]
"""A CloudEvent in structured JSON."""


class Telling:
    """Tells what differs, as of the instant at which the tables were drawn.

    A child of whom nothing is known and whose every case closed before `in_use_from` is none of the
    service's business, and is not told.
    """

    def __init__(self, source: str, drawn_at: datetime, in_use_from: date) -> None:
        self._source = source
        self._in_use_from = in_use_from
        self._drawn_at = drawn_at
        self._as_of = local_date(drawn_at)

    def told_of(self, child: Child, known: Known | None) -> list[Event]:
        """The events about a child, those of the person before those of the episodes."""
        if known is None:
            return list(self._of_a_new_child(child))
        return [*self._of_the_person(child, known), *self._of_episodes(child, known.episodes)]

    def _of_a_new_child(self, child: Child) -> Iterator[Event]:
        if not any(self._is_of_our_time(row.closed_on) for row in child.episodes):
            return
        held: Mapping[str, str | None] = {}
        at = self._drawn_at
        if child.holder is not None:
            held, at = child.holder.said, self._end_of(child.holder.since)
        yield self._allocation(child, held, at, _facts(child))
        yield from self._of_episodes(child, {})

    def _of_the_person(self, child: Child, known: Known) -> Iterator[Event]:
        if known.is_merged:
            return
        if child.holder is not None:
            said = child.holder.said
            new = {
                name: said[name] for name in HOLDERS if name in said and _differs(said, known, name)
            }
            latest = _last_said(known, new)
            if new and self._is_news(latest):
                at = self._after(latest, self._end_of(child.holder.since))
                yield self._allocation(child, new, at)
        facts = {
            name: day
            for name, day in _facts(child).items()
            if day != known.counts.get(name) and self._is_news(_last_said(known, [name]))
        }
        if facts:
            yield self._allocation(child, {}, self._drawn_at, facts)

    def _of_episodes(
        self, child: Child, told: Mapping[str, Sequence[ToldEvent]]
    ) -> Iterator[Event]:
        events = [
            event
            for row in child.episodes
            if (event := self._of_episode(row, told.get(row.id, ())))
        ]
        yield from sorted(events, key=lambda event: str(event["data"]["occurred_at"]))

    def _of_episode(self, row: EpisodeRow, told: Sequence[ToldEvent]) -> Event | None:
        """The closing or the reopening that nobody told; None where all is as it was told."""
        latest = _latest(told)
        if not self._is_news(latest):
            return None
        is_closed = bool(told) and _phase(told) is EpisodePhase.CLOSED
        if row.closed_on is None or row.closed_on > self._as_of:
            # Nobody wrote down when: it was open again when the tables were drawn.
            return self._episode(REOPENED, row, told, self._drawn_at) if is_closed else None
        if is_closed and _is_as_told(row, told):
            return None
        closure: dict[str, Any] = {"date": row.closed_on.isoformat()}
        if row.reason is not None:
            closure["reason_code"] = row.reason
        at = self._after(latest, self._end_of(row.closed_on))
        return self._episode(CLOSED, row, told, at, closure=closure)

    def _episode(
        self,
        type_: str,
        row: EpisodeRow,
        told: Sequence[ToldEvent],
        at: datetime,
        **said: Any,
    ) -> Event:
        # The highest version that was told: its time puts it behind that, and the numbers of the
        # case system, which go on from there, stay ahead of it.
        data = {
            "episode_id": row.id,
            "subjects": [_subject(row.ref)],
            "source_version": max((each.event.source_version for each in told), default=0),
            "occurred_at": write_instant(at),
            **said,
        }
        return self._event(type_, data)

    def _allocation(
        self,
        child: Child,
        said: Mapping[str, str | None],
        at: datetime,
        facts: Mapping[str, date] | None = None,
    ) -> Event:
        data = {
            "subjects": [_subject(child.row.ref, facts)],
            "occurred_at": write_instant(at),
            "allocation": dict(said),
        }
        return self._event(ALLOCATION, data)

    def _event(self, type_: str, data: dict[str, Any]) -> Event:
        return {
            "specversion": "1.0",
            "id": event_id(type_, data),
            "source": self._source,
            "type": type_,
            "data": data,
        }

    def _is_of_our_time(self, closed_on: date | None) -> bool:
        return closed_on is None or closed_on >= min(self._in_use_from, self._as_of + _A_DAY)

    def _end_of(self, day: date) -> datetime:
        """The last second of a London day, or when the tables were drawn if that was earlier."""
        return min(end_of_local_day(day) - _A_SECOND, self._drawn_at)

    def _is_news(self, latest: datetime | None) -> bool:
        """Whether the tables were drawn after the latest that was said."""
        return latest is None or latest < self._drawn_at

    def _after(self, latest: datetime | None, wanted: datetime) -> datetime:
        """When it was so: then, unless something later was said that the tables contradict."""
        return wanted if latest is None or latest < wanted else self._drawn_at


def event_id(type_: str, data: Mapping[str, Any]) -> str:
    """The id of an event that tables tell: the same for what says the same."""
    written = orjson.dumps([type_, data], option=orjson.OPT_SORT_KEYS)
    return f"ssd-{blake2b(written, digest_size=16).hexdigest()}"


def _subject(ref: str, facts: Mapping[str, date] | None = None) -> dict[str, str]:
    said = {name: day.isoformat() for name, day in (facts or {}).items()}
    return {"ref": ref, "role": "child", **said}


def _facts(child: Child) -> dict[str, date]:
    """What is said of the person; what is left out says nothing."""
    row = child.row
    said = dict(zip(PERSON_FACTS, (row.born_on, row.died_on), strict=True))
    return {name: day for name, day in said.items() if day is not None}


def _differs(said: Mapping[str, str | None], known: Known, name: str) -> bool:
    now, before = said[name], known.counts.get(name)
    return (None if now is None else fold(now)) != (None if before is None else fold(before))


def _last_said(known: Known, names: Collection[str]) -> datetime | None:
    """The latest time that can be right of what was said of any of these."""
    times = [each.told.ranked_at for name in names for each in known.said.get(name, ())]
    return max((at for at in times if at is not None), default=None)


def _latest(told: Sequence[ToldEvent]) -> datetime | None:
    """The same of what was said of an episode."""
    times = [
        each.event.occurred_at
        for each in told
        if not is_ahead(each.event.occurred_at, each.event.received_at)
    ]
    return max(times, default=None)


def _phase(told: Sequence[ToldEvent]) -> EpisodePhase:
    return fold_episode(each.event for each in told)[-1].phase


def _is_as_told(row: EpisodeRow, told: Sequence[ToldEvent]) -> bool:
    """Whether the closing that was told last has this day, and this reason if one is given."""
    closings = [each for each in told if each.event.type is EpisodeEventType.CASE_CLOSED]
    last = max(closings, key=_place)
    day = last.closure_on or local_date(last.event.occurred_at)
    return day == row.closed_on and _is_reason_as_told(row.reason, last.event.reason_code)


def _place(told: ToldEvent) -> tuple[int, bool, datetime]:
    """Where a closing stands among those of its episode; a time that cannot be right is no rank."""
    event = told.event
    is_right = not is_ahead(event.occurred_at, event.received_at)
    return event.source_version, is_right, event.occurred_at


def _is_reason_as_told(now: str | None, before: str | None) -> bool:
    return now is None or (before is not None and fold(now) == fold(before))
