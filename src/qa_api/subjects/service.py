"""Subjects by the names that case systems give them, and who holds the case now.

Case systems report allocations late, twice and with codes that the directory does not know yet. The
newest allocation counts; closures weigh what was told of it with what was entered by hand. Team and
worker count separately: the one that the directory knows has the case, even if it does not know the
other. What was reported of one that it does not know is kept until it does.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, bindparam, insert, literal, or_, select, update
from sqlalchemy.dialects import postgresql

from qa_api import events
from qa_api.auth.actor import CALLER
from qa_api.auth.reach import subject_named
from qa_api.directory.references import (
    KINDS,
    Kind,
    Reference,
    day_of,
    keep_unclaimed,
    names_of,
    settle_claimed,
    whose,
)
from qa_api.models.base import new_id
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.rules.references import fold
from qa_api.rules.unchanging import Unchanging
from qa_api.subjects.moving import change_what_is_theirs, move_what_is_theirs
from qa_api.subjects.queries import visible_to
from qa_api.work import Work


async def find_subject(work: Work, system: str, ref: str, *, visible: bool) -> Subject:
    """The subject that a case system calls `ref`; 404 if there is none.

    `visible` looks for the caller: what they may not see does not exist. Otherwise the service
    looks for itself, and its reach holds for the rest of the work.
    """
    if visible:
        return await work.find(named_and_visible(), system=system, ref=ref)
    await work.act_as_service()
    return await work.find(_named(system, ref))


async def register_subject(
    work: Work,
    system: str,
    ref: str,
    kind: str,
    *,
    team: str | None = None,
    worker: str | None = None,
    allocated_at: datetime | None = None,
    born_on: date | None = None,
    died_on: date | None = None,
    told: bool = False,
    subject_id: UUID | None = None,
    stands_for: UUID | None = None,
) -> Subject:
    """The subject that a case system calls `ref`, made if it is not known yet (as `subject_id`).

    Two callers at once make one. The facts given are those of a new subject; a known one keeps
    its own (its allocation moves with `reallocate`). What a case event `told` is kept with the
    event, everything else as entered here. One that `stands_for` a restricted record is named so
    for those alone who may not see that. Whoever names several registers them in the order of
    their references, so that no two wait for each other. Acts as the service.
    """
    await work.act_as_service()
    if stands_for is None and (known := await find_known(work, system, ref)) is not None:
        return known
    held = await _resolve_holder(work, system, team, worker, allocated_at)
    said = {"kind": kind, "team": team, "worker": worker, "born_on": born_on, "died_on": died_on}
    given = {name: value for name, value in said.items() if value is not None}
    facts = {
        "kind": kind,
        "system": system,
        "ref": ref,
        **asdict(held),
        "allocated_at": allocated_at,
        "born_on": born_on,
        "died_on": died_on,
        "entered": {} if told else as_entered(ref, allocated_at, given),
        "restricted": False,
        "version": 1,
    }
    name = {"system": system, "ref": ref, "stands_for": stands_for}
    await _make(work, name | {"subject_id": subject_id or new_id()}, facts)
    return await work.find(_subject_of_name(system, ref, stands_for))


async def _make(work: Work, name: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Make a subject of these facts under this name, unless somebody else has just taken it."""
    # The name first: who loses the race to it has made no subject, and finds the winner's.
    alias = (
        postgresql.insert(SubjectAlias)
        .values(**name)
        .on_conflict_do_nothing()
        .returning(SubjectAlias.subject_id)
        .cte("alias")
    )
    columns = Subject.__table__.c
    made = await work.session.scalar(
        insert(Subject)
        .from_select(
            ["id", *facts],
            select(
                alias.c.subject_id,
                *(literal(value, columns[fact].type) for fact, value in facts.items()),
            ),
        )
        .returning(Subject.id)
    )
    if made is not None:
        held = {"team": facts["team"], "worker": facts["worker"]}
        await work.record(events.SubjectRegistered(about=made, subject=made, **held))


async def find_known(work: Work, system: str, ref: str) -> Subject | None:
    """The subject that a case system calls `ref`, if it is known. Acts as the service."""
    await work.act_as_service()
    return (await work.session.scalars(_named(system, ref))).one_or_none()


async def reallocate(
    work: Work, subject: Subject, *, team: str | None, worker: str | None, at: datetime
) -> bool:
    """Enter that a team and worker hold the case as from `at`; says whether that changed anything.

    Everything recorded about the subject moves with it. An allocation older than the newest one in
    force is too late and changes nothing. Acts as the service.
    """
    await work.act_as_service()
    await _take_hold_of(work, subject)
    if subject.allocated_at is not None and at < subject.allocated_at <= work.now:
        return False
    entered = as_entered(subject.ref, at, {"team": team, "worker": worker})
    subject.entered = {**subject.entered, **entered}
    return await _allocate(work, subject, team, worker, at)


async def hand_over(
    work: Work, subject: Subject, *, team: str | None, worker: str | None, at: datetime | None
) -> bool:
    """Hand the case to its holders by everything that was told; says whether anything changed.

    Everything recorded about the subject moves with it. Acts as the service.
    """
    await work.act_as_service()
    await _take_hold_of(work, subject)
    return await _allocate(work, subject, team, worker, at)


def as_entered(ref: str, at: datetime | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are kept in `Subject.entered`; `at` None is before anything was told."""
    when = None if at is None else at.isoformat()
    return {
        name: {"value": _as_json(value), "at": when, "ref": ref} for name, value in given.items()
    }


def _as_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_as_json(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


async def _allocate(
    work: Work, subject: Subject, team: str | None, worker: str | None, at: datetime | None
) -> bool:
    held = await _resolve_holder(work, subject.system, team, worker, at)
    subject.allocated_at = at
    if held == _holding(subject):
        await work.flush()  # whoever reads the subject again finds when it was allocated
        return False
    await _hand_over(work, subject, held)
    return True


async def hand_over_to_the_newly_known(work: Work, event: events.ConfigurationChanged) -> None:
    """Hand over the cases that were reported for a team or worker that the directory knows now."""
    for kind in KINDS:
        if event.what == kind:
            await resolve_reported(work, kind, event.code)


async def resolve_reported(work: Work, kind: Kind, code: str) -> int:
    """Hand over the cases that waited for somebody whom the directory knows now; how many."""
    await work.act_as_service()
    reported = Subject.reported_team if kind == "team" else Subject.reported_worker
    waited_for = await work.session.scalars(
        select(reported).where(reported.is_not(None)).distinct()
    )
    if not (told := waited_for.all()):
        return 0
    names = await names_of(work, kind, code)
    meant = [reference for reference in told if reference and fold(reference) in names]
    if not meant:
        return 0
    resolved = await _hand_to_the_known(work, reported.in_(meant))
    await settle_claimed(work)
    return resolved


async def resolve_waiting(work: Work) -> int:
    """Hand over every case that still waits for somebody whom the directory knows; how many.

    An event and a change of the directory at the same moment may not have seen each other.
    """
    await work.act_as_service()
    rows = await work.session.execute(_WAITING)
    spoken = {
        row.id: _spoken_of(
            work, row.system, row.reported_team, row.reported_worker, row.allocated_at
        )
        for row in rows
    }
    known = await whose(work, (each for named in spoken.values() for each in named))
    ready = [id_ for id_, named in spoken.items() if any(each in known for each in named)]
    resolved = await _hand_to_the_known(work, Subject.id.in_(ready)) if ready else 0
    await settle_claimed(work)
    return resolved


async def _hand_to_the_known(work: Work, which: ColumnElement[bool]) -> int:
    rows = select(Subject).where(which).order_by(Subject.id).with_for_update()
    waiting = (await work.session.scalars(rows, execution_options=_AS_IT_IS_NOW)).all()
    resolved = 0
    for subject in waiting:
        before = _holding(subject)
        told = await _resolve_holder(
            work,
            subject.system,
            subject.reported_team,
            subject.reported_worker,
            subject.allocated_at,
        )
        # Who holds the case already keeps it: only what is reported waits to be known.
        now = replace(told, team=told.team or before.team, worker=told.worker or before.worker)
        if now != before:
            await _hand_over(work, subject, now)
            resolved += 1
    return resolved


_AS_IT_IS_NOW: Final = {"populate_existing": True}
_WAITING: Final = select(
    Subject.id,
    Subject.system,
    Subject.reported_team,
    Subject.reported_worker,
    Subject.allocated_at,
).where(or_(Subject.reported_team.is_not(None), Subject.reported_worker.is_not(None)))


async def restrict(work: Work, subject: Subject, kind: str | None) -> bool:
    """Restrict everything about the subject, or release it (None); says whether that changed it.

    While it is restricted, only people with an unexpired grant see any of it. Acts as the service.
    """
    await work.act_as_service()
    await _take_hold_of(work, subject)
    if subject.restriction_kind == kind:
        return False
    was = subject.restricted
    subject.restriction_kind, subject.restricted = kind, kind is not None
    # The subject first: what is about it is released only once it is.
    await work.session.flush()
    await _of_merged(work, subject, restriction_kind=kind, restricted=subject.restricted)
    await change_what_is_theirs(work, {subject.id: {"restricted": subject.restricted}})
    await work.record(
        events.RecordRestricted(about=subject.id, subject=subject.id, kind=kind, was_restricted=was)
    )
    return True


async def _take_hold_of(work: Work, subject: Subject) -> None:
    """Lock the subject and read what others have changed; changes of this work are kept."""
    await work.session.flush()
    await work.session.refresh(subject, with_for_update=True)


@cache
def named_and_visible() -> Select[Subject]:
    """The subject that the values `system` and `ref` name, where the caller may know of it."""
    system, ref = bindparam("system", type_=Text), bindparam("ref", type_=Text)
    named = subject_named(system, ref, CALLER)
    return select(Subject).where(Subject.id == named, visible_to(Subject, CALLER))


@cache
def to_change() -> Select[Subject]:
    """The same subject, locked until the commit."""
    return named_and_visible().with_for_update(of=Subject)


def _named(system: str, ref: str) -> Select[Subject]:
    """The subject that a reference means, whoever may see it."""
    return _subject_of_name(system, ref, None)


def _subject_of_name(system: str, ref: str, stands_for: UUID | None) -> Select[Subject]:
    return (
        select(Subject)
        .join(SubjectAlias, SubjectAlias.subject_id == Subject.id)
        .where(
            SubjectAlias.system == system,
            SubjectAlias.ref == ref,
            SubjectAlias.stands_for.is_not_distinct_from(stands_for),
        )
    )


class Holding(Unchanging):
    """Who holds a case, and whom of those that were told the directory does not know yet."""

    team: str | None
    worker: str | None
    reported_team: str | None
    reported_worker: str | None


def _holding(subject: Subject) -> Holding:
    return Holding(subject.team, subject.worker, subject.reported_team, subject.reported_worker)


async def _resolve_holder(
    work: Work, system: str, team: str | None, worker: str | None, at: datetime | None
) -> Holding:
    """Who holds a case of which this is told; what nobody has claimed is listed to be claimed.

    `team` and `worker` are as `system` calls them. Each counts by itself: one whom nobody knows
    takes the case from nobody else, for whoever must act for its child would not learn of it.
    """
    spoken = _spoken_of(work, system, team, worker, at)
    found = await whose(work, spoken)
    await keep_unclaimed(work, [each for each in spoken if each not in found])
    codes = {each.kind: found[each] for each in spoken if each in found}
    unknown = {each.kind: each.text for each in spoken if each not in found}
    return Holding(
        codes.get("team"), codes.get("worker"), unknown.get("team"), unknown.get("worker")
    )


def _spoken_of(
    work: Work, system: str, team: str | None, worker: str | None, at: datetime | None
) -> list[Reference]:
    """The team and the worker of an allocation, as the case system calls them."""
    on = day_of(at, work.today)
    named: tuple[tuple[Kind, str | None], ...] = (("team", team), ("worker", worker))
    return [Reference(system, kind, text, on) for kind, text in named if text is not None]


async def _hand_over(work: Work, subject: Subject, held: Holding) -> None:
    subject.reported_team, subject.reported_worker = held.reported_team, held.reported_worker
    team, worker = held.team, held.worker
    if (team, worker) == (subject.team, subject.worker):
        await work.flush()  # another is waited for, and nobody's case has moved
        return
    subject.team, subject.worker = team, worker
    await _of_merged(work, subject, team=team, worker=worker)
    await move_what_is_theirs(work, {subject.id: (team, worker)})
    await work.record(
        events.AllocationChanged(about=subject.id, subject=subject.id, team=team, worker=worker)
    )


async def _of_merged(work: Work, subject: Subject, **shared: Any) -> None:
    """What holds for a subject holds for the records that were merged into it."""
    merged = update(Subject).where(Subject.merged_into_id == subject.id)
    await work.session.execute(merged.values(**shared, version=Subject.version + 1))
