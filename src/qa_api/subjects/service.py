"""Subjects by the names that case systems give them, and who holds the case now.

Case systems report allocations late, twice and with codes that the directory does not know yet.
The newest allocation counts; while it names an unknown code the subject belongs to no team, its
rows are for the Quality & Standards team alone, and what was reported is kept until it is known.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, exists, insert, literal, or_, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import aliased

from qa_api import events
from qa_api.models.base import Base, SubjectData, new_id
from qa_api.models.directory import Team, Worker
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.subjects.queries import visible_to
from qa_api.work import Work


async def find_subject(work: Work, system: str, ref: str, *, visible: bool) -> Subject:
    """The subject that a case system calls `ref`; 404 where there is none.

    `visible` asks for the caller: what they may not see is not there. Otherwise the service asks
    for itself, and its reach holds for the rest of the work.
    """
    statement = _named(system, ref)
    if visible:
        return await work.find(statement.where(visible_to(Subject, work.me)))
    await work.act_as_service()
    return await work.find(statement)


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
) -> Subject:
    """The subject that a case system calls `ref`, made if it is not known yet.

    Two callers at once make one. The facts given are those of a new subject; a known one keeps
    its own (its allocation moves with `reallocate`). Whoever names several registers them in the
    order of their references, so that no two wait for each other. Acts as the service.
    """
    await work.act_as_service()
    known = (await work.session.scalars(_named(system, ref))).one_or_none()
    if known is not None:
        return known
    held_team, held_worker, kept = await _held(work, team, worker)
    alias = (
        postgresql.insert(SubjectAlias)
        .values(system=system, ref=ref, subject_id=new_id())
        .on_conflict_do_nothing()
        .returning(SubjectAlias.subject_id)
        .cte("alias")
    )
    facts = {
        "kind": kind,
        "system": system,
        "ref": ref,
        "team": held_team,
        "worker": held_worker,
        "reported_team": team if kept else None,
        "reported_worker": worker if kept else None,
        "allocated_at": allocated_at,
        "born_on": born_on,
        "died_on": died_on,
        "restricted": False,
        "version": 1,
    }
    # The alias first: who loses the race to it has made no subject, and finds the winner's.
    columns = Subject.__table__.c
    made = await work.session.scalar(
        insert(Subject)
        .from_select(
            ["id", *facts],
            select(
                alias.c.subject_id,
                *(literal(value, columns[name].type) for name, value in facts.items()),
            ),
        )
        .returning(Subject.id)
    )
    if made is not None:
        await work.record(events.SubjectRegistered(about=made, subject=made))
    return await work.find(_named(system, ref))


async def reallocate(
    work: Work, subject: Subject, *, team: str | None, worker: str | None, at: datetime
) -> bool:
    """Hand the case to a team and worker as from `at`; says whether that changed anything.

    Everything recorded about the subject moves with it. An allocation older than the newest one
    applied comes too late and changes nothing. Acts as the service.
    """
    await work.act_as_service()
    await _take_hold_of(work, subject)
    if subject.allocated_at is not None and at < subject.allocated_at:
        return False
    before = (subject.team, subject.worker, subject.reported_team, subject.reported_worker)
    held_team, held_worker, kept = await _held(work, team, worker)
    subject.reported_team = team if kept else None
    subject.reported_worker = worker if kept else None
    subject.allocated_at = at
    if before == (held_team, held_worker, subject.reported_team, subject.reported_worker):
        return False
    await _hand_over(work, subject, held_team, held_worker)
    return True


async def hand_over_to_the_newly_known(work: Work, event: events.ConfigurationChanged) -> None:
    """When a team or worker enters the directory, the cases reported for it become its own."""
    if event.what in {"team", "worker"}:
        await resolve_reported_codes(work)


def _now_known() -> Select[Subject]:
    team, worker = aliased(Team), aliased(Worker)
    found = select(Subject).where(
        or_(Subject.reported_team.is_not(None), Subject.reported_worker.is_not(None)),
        or_(
            Subject.reported_team.is_(None),
            exists().where(team.code == Subject.reported_team),
        ),
        or_(
            Subject.reported_worker.is_(None),
            exists().where(worker.code == Subject.reported_worker),
        ),
    )
    return found.order_by(Subject.id).with_for_update()


_NOW_KNOWN: Final = _now_known()
"""The subjects whose reported codes the directory knows; asked at every change of it."""


async def resolve_reported_codes(work: Work) -> int:
    """Hand over the cases whose reported codes the directory knows by now; says how many."""
    await work.act_as_service()
    waiting = (await work.session.scalars(_NOW_KNOWN)).all()
    for subject in waiting:
        held_team, held_worker = subject.reported_team, subject.reported_worker
        subject.reported_team = subject.reported_worker = None
        await _hand_over(work, subject, held_team, held_worker)
    return len(waiting)


async def restrict(work: Work, subject: Subject, kind: str | None) -> bool:
    """Restrict everything about the subject, or release it (None); says whether that changed it.

    From then on only who holds an unexpired grant sees any of it. Acts as the service.
    """
    await work.act_as_service()
    await _take_hold_of(work, subject)
    if subject.restriction_kind == kind:
        return False
    subject.restriction_kind, subject.restricted = kind, kind is not None
    await _of_merged(work, subject, restriction_kind=kind, restricted=subject.restricted)
    for table in about_subjects():
        await work.session.execute(
            update(table)
            .where(table.subject_id == subject.id)
            .values(restricted=subject.restricted)
        )
    await work.record(events.RecordRestricted(about=subject.id, subject=subject.id, kind=kind))
    return True


async def _take_hold_of(work: Work, subject: Subject) -> None:
    """Lock the subject and see what others have made of it; what this work changed is kept."""
    await work.session.flush()
    await work.session.refresh(subject, with_for_update=True)


def _named(system: str, ref: str) -> Select[Subject]:
    return (
        select(Subject)
        .join(SubjectAlias, SubjectAlias.subject_id == Subject.id)
        .where(SubjectAlias.system == system, SubjectAlias.ref == ref)
    )


async def _held(
    work: Work, team: str | None, worker: str | None
) -> tuple[str | None, str | None, bool]:
    """The team and worker that hold the case, and whether codes must be kept for later.

    One unknown code is enough: the whole allocation waits, and Q&S has the case until then.
    """
    found = await work.session.execute(
        select(
            select(Team.code).where(Team.code == team).scalar_subquery(),
            select(Worker.code).where(Worker.code == worker).scalar_subquery(),
        )
    )
    known = tuple(found.one())
    if known != (team, worker):
        return None, None, True
    return team, worker, False


async def _hand_over(work: Work, subject: Subject, team: str | None, worker: str | None) -> None:
    subject.team, subject.worker = team, worker
    await _of_merged(work, subject, team=team, worker=worker)
    for table in about_subjects():
        await work.session.execute(
            update(table).where(table.subject_id == subject.id).values(team=team, worker=worker)
        )
    await work.record(
        events.AllocationChanged(about=subject.id, subject=subject.id, team=team, worker=worker)
    )


async def _of_merged(work: Work, subject: Subject, **shared: Any) -> None:
    """What holds for a subject holds for the records that were merged into it."""
    merged = update(Subject).where(Subject.merged_into_id == subject.id)
    await work.session.execute(merged.values(**shared, version=Subject.version + 1))


def about_subjects() -> Iterator[type[SubjectData]]:
    """Every table about a subject, always in the same order, so that no two works deadlock."""
    tables = {
        mapper.persist_selectable.description: mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, SubjectData)
    }
    return (tables[name] for name in sorted(tables))
