"""Who holds a case: one subject per reference, the newest allocation, nothing left behind."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, inspect, select

from qa_api.directory.entries import put_team, put_worker
from qa_api.directory.schemas import TeamIn, WorkerIn
from qa_api.models.alerts import Alert
from qa_api.models.audits import Audit, FamilyContact, UrgentFinding
from qa_api.models.base import Base
from qa_api.models.directory import Worker
from qa_api.models.events import LoggedEvent
from qa_api.models.subjects import Subject
from qa_api.subjects import service
from qa_api.subjects.moving import about_subjects
from qa_api.work import Work, Workshop

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
NewRef = Callable[[], str]
NewCode = Callable[[str], str]


async def register(
    work: Work, ref: str, team: str | None = "cwd", worker: str | None = "sw1-cwd"
) -> Subject:
    return await service.register_subject(
        work, "mosaic", ref, "child", team=team, worker=worker, allocated_at=MONDAY
    )


async def audited(work: Work, subject: Subject) -> Audit:
    """An audit of the subject with something recorded in it."""
    held = {"subject_id": subject.id, "team": subject.team, "worker": subject.worker}
    audit = Audit(
        type="closure",
        state="planned",
        opened_by="person",
        policy_version=work.policy_version,
        planned_at=work.now,
        **held,
    )
    work.session.add(audit)
    await work.session.flush()
    finding = UrgentFinding(
        audit_id=audit.id,
        kind="serious_safeguarding",
        description="A finding of a test",
        child_safe_now="yes",
        raised_at=work.now,
        **held,
    )
    alert = Alert(
        kind="response_overdue",
        about_id=audit.id,
        occasion="once",
        recipient_role="team_manager",
        recipient="tm-cwd",
        at=work.now,
        **held,
    )
    work.session.add_all((finding, alert, FamilyContact(audit_id=audit.id, expected=True, **held)))
    await work.session.flush()
    alert.over_at = work.now  # so that it is in nobody's list when other tests look
    await work.session.flush()
    return audit


async def holders(work: Work, subject: Subject) -> set[tuple[str | None, str | None]]:
    """Who holds each of the rows that `audited` made, as the database has it."""
    found = set()
    for table in (Audit, UrgentFinding, FamilyContact, Alert):
        rows = await work.session.execute(
            select(table.team, table.worker).where(table.subject_id == subject.id)
        )
        of_table = {(row.team, row.worker) for row in rows}
        assert of_table, f"{table.__tablename__} has no row"
        found |= of_table
    return found


async def events_about(work: Work, subject_id: UUID, event: str) -> int:
    counted = await work.session.scalar(
        select(func.count()).where(LoggedEvent.subject_id == subject_id, LoggedEvent.type == event)
    )
    return counted or 0


async def test_the_same_reference_many_times_at_once_is_one_subject(
    workshop: Workshop, new_ref: NewRef
) -> None:
    ref = new_ref()

    async def once() -> UUID:
        async with workshop.open_as_service("test") as work:
            return (await register(work, ref)).id

    (subject_id,) = set(await asyncio.gather(*(once() for _ in range(12))))
    async with workshop.open_as_service("test") as work:
        same = await work.session.scalar(select(func.count()).where(Subject.ref == ref))
        assert same == 1
        assert await events_about(work, subject_id, "subject.registered") == 1


async def test_everything_about_the_subject_moves_with_the_case(
    workshop: Workshop, new_ref: NewRef
) -> None:
    async with workshop.open_as_service("test") as work:
        subject, other = await register(work, new_ref()), await register(work, new_ref())
        for one in (subject, other):
            await audited(work, one)
        later = MONDAY + timedelta(days=1)
        assert await service.reallocate(
            work, subject, team="adoption", worker="sw2-adoption", at=later
        )
        assert (subject.team, subject.worker) == ("adoption", "sw2-adoption")
        assert await holders(work, subject) == {("adoption", "sw2-adoption")}
        assert await holders(work, other) == {("cwd", "sw1-cwd")}
        assert await events_about(work, subject.id, "subject.allocation_changed") == 1


def test_no_table_about_subjects_is_left_out() -> None:
    columns = {"subject_id", "team", "worker", "restricted"}
    about = {
        table.name for table in Base.metadata.tables.values() if columns <= set(table.c.keys())
    }
    assert about == {inspect(table).local_table.name for table in about_subjects()}


async def test_an_older_allocation_that_comes_late_changes_nothing(
    workshop: Workshop, new_ref: NewRef
) -> None:
    async with workshop.open_as_service("test") as work:
        subject = await register(work, new_ref())
        earlier = MONDAY - timedelta(seconds=1)
        changed = await service.reallocate(
            work, subject, team="adoption", worker="sw1-adoption", at=earlier
        )
        assert not changed
        assert (subject.team, subject.worker, subject.allocated_at) == ("cwd", "sw1-cwd", MONDAY)
        assert await events_about(work, subject.id, "subject.allocation_changed") == 0


async def test_the_same_allocation_again_is_no_news_but_dates_the_case(
    workshop: Workshop, new_ref: NewRef
) -> None:
    async with workshop.open_as_service("test") as work:
        subject = await register(work, new_ref())
        tuesday, wednesday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
        assert not await service.reallocate(
            work, subject, team="cwd", worker="sw1-cwd", at=wednesday
        )
        assert not await service.reallocate(
            work, subject, team="adoption", worker="sw1-adoption", at=tuesday
        )
        assert subject.team == "cwd"


async def test_of_an_allocation_what_is_not_known_waits_until_it_is(
    workshop: Workshop, new_ref: NewRef, new_code: NewCode
) -> None:
    newcomer, new_team = new_code("sw"), new_code("team")
    async with workshop.open_as_service("test") as work:
        subject = await register(work, new_ref())
        await audited(work, subject)
        later = MONDAY + timedelta(days=1)
        await service.reallocate(work, subject, team=new_team, worker=newcomer, at=later)
        assert (subject.reported_team, subject.reported_worker) == (new_team, newcomer)
        assert await holders(work, subject) == {(None, None)}
    async with workshop.open_as_service("test") as work:
        await put_team(work, new_team, TeamIn(name="A team that opened"))
        subject = await service.find_subject(work, "mosaic", subject.ref, visible=False)
        assert await holders(work, subject) == {(new_team, None)}, "the worker is still unknown"
        assert (subject.reported_team, subject.reported_worker) == (None, newcomer)
    async with workshop.open_as_service("test") as work:
        await put_worker(work, newcomer, WorkerIn())
        subject = await service.find_subject(work, "mosaic", subject.ref, visible=False)
        assert (subject.team, subject.worker) == (new_team, newcomer)
        assert (subject.reported_team, subject.reported_worker) == (None, None)
        assert await holders(work, subject) == {(new_team, newcomer)}


async def test_what_an_event_and_the_directory_missed_of_each_other_is_found_by_the_sweep(
    workshop: Workshop, new_ref: NewRef, new_code: NewCode
) -> None:
    newcomer = new_code("sw")
    async with workshop.open_as_service("test") as work:
        subject = await register(work, new_ref())
        later = MONDAY + timedelta(days=1)
        await service.reallocate(work, subject, team="cwd", worker=newcomer.upper(), at=later)
        # Known since, by a work that did not see the case wait.
        work.session.add(Worker(code=newcomer))
        await work.session.flush()
        assert subject.reported_worker == newcomer.upper()
    async with workshop.open_as_service("test") as work:
        await service.resolve_waiting(work)
        subject = await service.find_subject(work, "mosaic", subject.ref, visible=False)
        assert (subject.team, subject.worker) == ("cwd", newcomer)


async def test_a_case_kept_from_a_known_team_for_an_unknown_worker_is_found_by_the_sweep(
    workshop: Workshop, new_ref: NewRef, new_code: NewCode
) -> None:
    newcomer = new_code("sw")
    async with workshop.open_as_service("test") as work:
        subject = await register(work, new_ref())
        await audited(work, subject)
        later = MONDAY + timedelta(days=1)
        await service.reallocate(work, subject, team=None, worker=newcomer, at=later)
        # As such cases were kept before team and worker counted each by itself.
        subject.reported_team = "CWD"
        await work.session.flush()
    async with workshop.open_as_service("test") as work:
        assert await service.resolve_waiting(work) == 1
        subject = await service.find_subject(work, "mosaic", subject.ref, visible=False)
        assert (subject.team, subject.worker) == ("cwd", None)
        assert (subject.reported_team, subject.reported_worker) == (None, newcomer)
        assert await holders(work, subject) == {("cwd", None)}
        assert await service.resolve_waiting(work) == 0


async def test_a_restriction_reaches_everything_and_can_be_lifted(
    workshop: Workshop, new_ref: NewRef
) -> None:
    async with workshop.open_as_service("test") as work:
        subject = await register(work, new_ref())
        audit = await audited(work, subject)
        for kind, restricted in (("pre_adoption", True), (None, False)):
            assert await service.restrict(work, subject, kind)
            assert not await service.restrict(work, subject, kind), "nothing changed"
            assert subject.restricted is restricted
            for table in (UrgentFinding, FamilyContact):
                marked = select(table.restricted).where(table.audit_id == audit.id)
                assert (await work.session.scalars(marked)).all() == [restricted]
        assert await events_about(work, subject.id, "subject.restricted") == 2
