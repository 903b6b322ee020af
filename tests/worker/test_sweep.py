"""The sweep does every task, alone, and none stops another."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from qa_api.attempts import MOST_ATTEMPTS
from qa_api.events import EscalationAcknowledged
from qa_api.models.access import IdempotencyKey
from qa_api.models.base import new_id
from qa_api.models.subjects import CaseSystem
from qa_api.settings import Settings
from qa_api.webhooks.service import alert_failing_endpoints
from qa_api.work import Work, Workshop
from qa_api.worker.sweep import TASKS, forget_idempotency_keys, sweep, tell_calendar_ends
from tests.worker.conftest import ask, pass_time, start_at, until_stored
from tests.worker.receiving import Answer, Receiver

LOCK = "SELECT pg_advisory_xact_lock(hashtext('a lock of a test'))"
IMPATIENT = "SELECT set_config('lock_timeout', '10ms', true)"


def test_the_sweep_does_these_tasks_in_this_order() -> None:
    assert list(TASKS) == [
        "audits that fall due",
        "responses handed to who left the team",
        "who is to review now",
        "who is asked now",
        "overdue responses",
        "responses not reviewed",
        "notifications queued past policy",
        "escalations not answered",
        "endpoints that fail",
        "messages for deleted endpoints",
        "clocks under a new calendar",
        "end of the calendar",
        "dates past the end of the calendar",
        "cases that wait for somebody known",
        "gates that are decided again",
        "escalations of one closing",
        "workers to be observed",
        "highlights that teams owe",
        "updates that services owe",
        "alerts about what is over",
        "old idempotency keys",
        "downloads of yesterday",
        "caseloads of long ago",
        "content whose time has come",
        "names of who left long ago",
        "what figures count",
        "reads of days that are over",
    ]


@pytest.mark.long
async def test_every_task_runs_on_a_real_authority(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await sweep(workshop, TASKS)
    assert caplog.records == []


async def test_a_task_that_fails_is_undone_and_stops_no_other(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    done = []

    async def fail(work: Work) -> None:
        await ask(work, "SELECT set_config('application_name', 'x', true)")
        raise RuntimeError("a child's name")

    async def succeed(_: Work) -> None:
        done.append(1)

    with caplog.at_level(logging.ERROR):
        await sweep(workshop, {"first": fail, "second": succeed})
    assert done == [1]
    assert "first failed: RuntimeError" in caplog.text
    assert "a child's name" not in caplog.text


async def test_a_task_that_meets_another_s_lock_is_done_when_it_is_given_back(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    attempts: list[Work] = []

    async def meet(work: Work) -> None:
        attempts.append(work)
        if len(attempts) == 1:
            async with workshop.open_as_service("test") as other:
                await ask(other, LOCK)
                await ask(work, IMPATIENT)
                await ask(work, LOCK)

    with caplog.at_level(logging.WARNING):
        await sweep(workshop, {"a task": meet})
    assert len(attempts) == 2
    assert attempts[0].session is not attempts[1].session
    assert caplog.records == []


async def test_a_task_whose_row_another_has_changed_reads_it_anew(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[int] = []

    async def change(work: Work) -> None:
        one = (await work.session.scalars(select(CaseSystem).order_by(CaseSystem.code))).first()
        assert one is not None
        seen.append(one.version)
        if len(seen) == 1:
            async with workshop.open_as_service("test") as other:
                newer = update(CaseSystem).values(version=CaseSystem.version + 1)
                await other.session.execute(newer.where(CaseSystem.code == one.code))
            one.name = "Another name"
            await work.session.flush()

    with caplog.at_level(logging.WARNING):
        await sweep(workshop, {"a task": change})
    assert seen == [seen[0], seen[0] + 1]
    assert caplog.records == []


async def test_a_task_that_never_gets_its_lock_ends_and_says_what_stopped_it(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    attempts = []

    async def meet(work: Work) -> None:
        attempts.append(1)
        await ask(work, IMPATIENT)
        await ask(work, LOCK)

    async with workshop.open_as_service("test") as other:
        await ask(other, LOCK)
        with caplog.at_level(logging.ERROR):
            await sweep(workshop, {"a task": meet})
    assert len(attempts) == MOST_ATTEMPTS
    assert "a task failed: LockNotAvailableError (55P03)" in caplog.text


async def test_a_task_that_another_worker_does_is_left_to_it(workshop: Workshop) -> None:
    done = []

    async def twice(_: Work) -> None:
        done.append(1)
        if len(done) == 1:
            await sweep(workshop, {"a task": twice, "another": other})

    async def other(_: Work) -> None:
        done.append(2)

    await sweep(workshop, {"a task": twice})
    assert done == [1, 2]


async def test_keys_are_kept_for_thirty_days(workshop: Workshop) -> None:
    async with workshop.open_as_service("test") as work:
        principal = new_id()
        await work.session.execute(
            insert(IdempotencyKey),
            [
                {
                    "principal_id": principal,
                    "digest": str(days),
                    "fingerprint": "",
                    "created_id": new_id(),
                    "at": work.now - timedelta(days=days),
                }
                for days in (29, 31)
            ],
        )
        await forget_idempotency_keys(work)
        kept = "SELECT string_agg(digest, ',') FROM idempotency_keys WHERE principal_id = :id"
        assert await ask(work, kept, id=principal) == "29"


async def test_the_end_of_the_calendar_is_told_once(workshop: Workshop, settings: Settings) -> None:
    told = "SELECT count(*) FROM alerts WHERE kind = 'calendar_ends_soon'"
    async with workshop.open_as_service("test") as work:
        await tell_calendar_ends(work)
        assert await ask(work, told) == 0
    start_at("2028-12-20T09:00:00Z")
    for _ in range(2):
        async with workshop.open_as_service("test") as work:
            await tell_calendar_ends(work)
            assert await ask(work, told) == 1


async def test_an_endpoint_that_fails_for_two_hours_is_told_once_a_day(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any
) -> None:
    start_at("2026-11-23T09:30:00Z")
    endpoint_id, _ = await register(receiver.url, system=None)
    receiver.answer = lambda _: Answer(500)
    event_id = await record(EscalationAcknowledged(about=new_id()))
    async with delivering():
        attempted = "SELECT 1 FROM deliveries WHERE event_id = :event AND attempts > 0"
        await until_stored(workshop, attempted, event=event_id)
    told = "SELECT count(*) FROM alerts WHERE about_id = :id AND kind = 'webhook_endpoint_failing'"
    for minutes, instant, expected in (
        (119, "2026-11-23T11:29:00Z", 0),
        (2, "2026-11-23T11:31:00Z", 1),
        (400, "2026-11-23T18:00:00Z", 1),
        (900, "2026-11-24T09:00:00Z", 2),
    ):
        start_at(instant)
        await pass_time(workshop, timedelta(minutes=minutes))
        async with workshop.open_as_service("test") as work:
            await alert_failing_endpoints(work)
            assert await ask(work, told, id=endpoint_id) == expected
