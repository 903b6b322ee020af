"""What case systems told of a subject, read as it is kept, for the folds of `rules/` (C2).

Holders, person facts, restrictions, merges and episodes are each a function of the set of events
about a subject. So whatever comes, all of it is read again, with the event at hand among it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from qa_api.case_events.messages import (
    ALLOCATION,
    EPISODE_TYPES,
    KNOWN_TYPES,
    MERGE,
    RESTRICTION,
)
from qa_api.case_events.no_fact import day_kept, role_said, text_said
from qa_api.closure_gates.episodes import ToldEvent
from qa_api.db import Prepared, parameter
from qa_api.models.closures import CaseEvent, CaseEventOutcome
from qa_api.models.subjects import Subject
from qa_api.rules.closure import EpisodeEvent
from qa_api.rules.kinds import SubjectKind, kind_of, kind_told
from qa_api.rules.merging import Lineage, MergeTold, fold_merges
from qa_api.rules.restriction import RestrictionEvent, RestrictionKind
from qa_api.rules.telling import Said, Telling
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

HOLDERS: Final = ("team", "worker")
PERSON_FACTS: Final = ("born_on", "died_on")
PANEL: Final = "panel"
"""When a household was first presented at Panel and until when it was approved, as one value."""


class Arrived(Unchanging):
    """One event as it is kept."""

    id: UUID
    event_id: str
    type: str
    episode_id: str | None
    source_version: int | None
    occurred_at: datetime
    received_at: datetime
    said: Mapping[str, Any]
    """What of its data the folds read, each null where it was not said."""

    def under(self, ref: str) -> "Kept":
        """What the event says about one of the references that it names."""
        return Kept(
            self.id,
            self.event_id,
            self.type,
            self.episode_id,
            self.source_version,
            self.occurred_at,
            self.received_at,
            self.said,
            ref,
        )


class Kept(Arrived):
    """One event, under one of the references that it names."""

    ref: str

    @property
    def told(self) -> Telling:
        """What decides where the event stands in the order of events."""
        return Telling(
            self.event_id, self.occurred_at, self.received_at, self._stream, self.source_version
        )

    @property
    def _stream(self) -> str:
        return f"ref/{self.ref}" if self.episode_id is None else f"episode/{self.episode_id}"

    def holders(self) -> Iterator[tuple[str, str | None]]:
        """Who holds the case, by this event. Null is nobody in an allocation, else says nothing."""
        if self.type == ALLOCATION:
            allocation = self.said["allocation"] or {}
            for name in HOLDERS:
                if name in allocation:
                    yield name, text_said(allocation[name])
        elif self.type in EPISODE_TYPES:
            for name in HOLDERS:
                if (holder := text_said(self.said[name])) is not None:
                    yield name, holder

    def kinds(self) -> Iterator[SubjectKind]:
        """The kind of record, a child's or a household's, where the event gives a role."""
        for named in self.said["subjects"] or ():
            if named.get("ref") == self.ref and (kind := kind_told(role_said(named.get("role")))):
                yield kind

    def person_facts(self) -> Iterator[tuple[str, date]]:
        """What it says of the person. Null says nothing, so no known fact is lost by it."""
        for named in self.said["subjects"] or ():
            if named.get("ref") == self.ref:
                for name in PERSON_FACTS:
                    if (day := day_kept(named.get(name))) is not None:
                        yield name, day


_DATA: Final = CaseEvent.data["data"]
_CLOSURE: Final = _DATA["closure"]
_SAID: Final = {
    "reason_code": _CLOSURE["reason_code"],
    "closure_on": _CLOSURE["date"],
    "allocation": _DATA["allocation"],
    "restriction": _DATA["restriction"],
    "merge": _DATA["merge"],
    "subjects": _DATA["subjects"],
    **{name: _DATA[name] for name in HOLDERS},
}
"""Not the narrative, which may be long and decides nothing."""


@cache
def _kept() -> Prepared:
    """The events told of each of `subjects`; compiled when first asked."""
    kept = (
        select(
            CaseEventOutcome.subject_id,
            CaseEventOutcome.ref,
            CaseEvent.id,
            CaseEvent.event_id,
            CaseEvent.type,
            CaseEvent.episode_id,
            CaseEvent.source_version,
            CaseEvent.occurred_at,
            CaseEvent.received_at,
            func.jsonb_build_object(
                *(part for name, value in _SAID.items() for part in (literal(name), value))
            ).label("said"),
        )
        .join(CaseEvent, CaseEvent.id == CaseEventOutcome.case_event_id)
        .where(
            CaseEventOutcome.subject_id == any_(parameter("subjects", ARRAY(Uuid()))),
            CaseEvent.type.in_(KNOWN_TYPES),
            CaseEvent.occurred_at.is_not(None),
        )
    )
    return Prepared.of(kept)


def said_in(data: Any) -> dict[str, Any]:
    """What of an event's data the folds read, as `Kept.said`."""
    closure = data.get("closure") or {}
    return {
        "reason_code": closure.get("reason_code"),
        "closure_on": closure.get("date"),
        **{name: data.get(name) for name in _SAID if name not in {"reason_code", "closure_on"}},
    }


def as_arrived(event: CaseEvent) -> Arrived:
    """An event that is kept, as one that comes now."""
    if event.occurred_at is None:
        raise LookupError("an event that takes its place says when it occurred")
    return Arrived(
        event.id,
        event.event_id,
        event.type,
        event.episode_id,
        event.source_version,
        event.occurred_at,
        event.received_at,
        said_in(event.data["data"]),
    )


class Entered(Unchanging):
    """A value that somebody entered here by hand, under one of the person's references."""

    name: str
    value: Any
    ref: str
    at: datetime | None

    @property
    def read(self) -> Any:
        """The value as the folds compare it."""
        if self.name == PANEL:
            return tuple(None if day is None else date.fromisoformat(day) for day in self.value)
        is_date = self.name in PERSON_FACTS and self.value is not None
        return date.fromisoformat(self.value) if is_date else self.value


class History(Unchanging):
    """Everything that was told of one person, under whatever name."""

    ref: str
    """A reference of theirs."""
    kept: Sequence[Kept] = ()
    entered: Sequence[Entered] = ()

    def lineage(self) -> Lineage:
        """The merges that made them one."""
        return fold_merges(
            MergeTold(each.said["merge"]["from"], each.said["merge"]["into"], _of_merge(each))
            for each in self.kept
            if each.type == MERGE and each.said["merge"]
        )

    def said(self, lineage: Lineage) -> Mapping[str, Sequence[Said[Any]]]:
        """What was said of each holder and fact, by the event or by hand."""
        said: dict[str, list[Said[Any]]] = defaultdict(list)
        for each in self.kept:
            level = lineage.level(each.ref, each.told)
            for name, value in (*each.holders(), *each.person_facts()):
                said[name].append(Said(value, each.told, level))
        for entry in self.entered:
            told = Telling("", entry.at)
            said[entry.name].append(Said(entry.read, told, lineage.level(entry.ref, told)))
        return said

    def kind(self) -> SubjectKind | None:
        """The kind of record; None where no event has said."""
        entered = {SubjectKind(each.value) for each in self.entered if each.name == "kind"}
        return kind_of(self.kinds(), entered)

    def kinds(self, *, without: UUID | None = None) -> frozenset[SubjectKind]:
        """The kinds of record that events have named, all of them or all but one."""
        return frozenset(kind for each in self.kept if each.id != without for kind in each.kinds())

    def restrictions(self) -> list[RestrictionEvent]:
        """Every reason that was ever put on the record, or taken off it."""
        return [
            RestrictionEvent(
                each.event_id,
                RestrictionKind(role_said(each.said["restriction"]["kind"])),
                each.said["restriction"]["on"],
                each.occurred_at,
                each.received_at,
                each.told.stream,
                each.source_version,
            )
            for each in self.kept
            if each.type == RESTRICTION and each.said["restriction"]
        ]

    def episodes(self) -> list[tuple[str, list[ToldEvent]]]:
        """The events of each episode."""
        told: dict[str, list[ToldEvent]] = defaultdict(list)
        for each in self.kept:
            if each.type in EPISODE_TYPES and each.episode_id is not None:
                told[each.episode_id].append(of_episode(each))
        return sorted(told.items())


def _of_merge(kept: Kept) -> Telling:
    # Of a record that was merged twice over the versions of that record decide.
    stream = f"ref/{kept.said['merge']['from']}"
    return Telling(kept.event_id, kept.occurred_at, kept.received_at, stream, kept.source_version)


def of_episode(kept: Kept) -> ToldEvent:
    """What an event says of its episode."""
    event = EpisodeEvent(
        str(kept.id),
        EPISODE_TYPES[kept.type],
        kept.source_version or 0,
        kept.occurred_at,
        text_said(kept.said["reason_code"]),
        kept.received_at,
        kept.event_id,
    )
    return ToldEvent(event, day_kept(kept.said["closure_on"]))


async def kept_events(work: Work, subjects: Sequence[UUID]) -> dict[UUID, list[Kept]]:
    """The events that were told of each subject. Needs the service's reach."""
    kept: dict[UUID, list[Kept]] = defaultdict(list)
    for row in await work.run(_kept(), subjects=subjects):
        subject_id, ref, *rest = row
        kept[subject_id].append(Arrived(*rest).under(ref))
    return kept


async def histories(
    work: Work, subjects: Sequence[Subject], now: Iterable[tuple[UUID, Kept]] = ()
) -> dict[UUID, History]:
    """Everything that was told of each subject, the event that comes `now` included.

    Needs the service's reach; the subjects are locked.
    """
    ids = [subject.id for subject in subjects]
    kept = await kept_events(work, ids)
    for subject_id, event in now:
        kept[subject_id].append(event)
    entered = {subject.id: list(_entered(subject.entered)) for subject in subjects}
    merged = [id_ for id_ in ids if any(each.type == MERGE for each in kept[id_])]
    if merged:
        rows = await work.session.execute(
            select(Subject.merged_into_id, Subject.entered).where(
                Subject.merged_into_id.in_(merged)
            )
        )
        for into, values in rows:
            if into is not None:
                entered[into] += _entered(values)
    return {
        subject.id: History(subject.ref, kept[subject.id], entered[subject.id])
        for subject in subjects
    }


def _entered(values: Mapping[str, Any]) -> Iterator[Entered]:
    for name, entry in values.items():
        at = entry["at"]
        when = None if at is None else datetime.fromisoformat(at)
        yield Entered(name, entry["value"], entry["ref"], when)
