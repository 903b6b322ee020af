"""Order within a case is the order of commits; clocks of processes decide nothing."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import standardwebhooks

from qa_api import clock
from qa_api.values.preconditions import Precondition
from qa_api.webhooks import outbox
from qa_api.webhooks.service import alert_failing_endpoints, rotate_secret
from qa_api.work import Workshop
from tests.worker.conftest import accepted, ask, of_no_case, pass_time, until, until_stored
from tests.worker.receiving import Answer, Receiver

Child = Callable[[], Awaitable[tuple[UUID, str]]]

IN_PLACE = (
    "SELECT string_agg(e.about_id::text, ' ' ORDER BY d.position) FROM deliveries d"
    " JOIN events e ON e.id = d.event_id WHERE e.subject_id = :subject"
)
WAITS_FOR_ITS_TURN = (
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database())"
)
ATTEMPTED = "SELECT 1 FROM deliveries WHERE event_id = :event AND attempts > 0"


async def test_whoever_commits_first_is_delivered_first_though_they_recorded_last(
    workshop: Workshop, receiver: Receiver, register: Any, delivering: Any, child: Child
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    first, second = accepted(subject), accepted(subject)
    async with delivering():
        async with workshop.open_as_service("test") as slow:
            await slow.record(second)
            async with workshop.open_as_service("test") as quick:
                await quick.record(first)
            await until(lambda: receiver.about() == [str(first.about)])
        await until(lambda: len(receiver.came) == 2)
    async with workshop.open_as_service("test") as work:
        assert await ask(work, IN_PLACE, subject=subject) == " ".join(receiver.about())


async def test_whoever_has_a_place_and_is_not_committed_keeps_later_ones_of_the_case_waiting(
    workshop: Workshop, receiver: Receiver, register: Any, delivering: Any, child: Child
) -> None:
    await register(receiver.url)
    (subject, _), (other, _) = await child(), await child()
    first, second, elsewhere = accepted(subject), accepted(subject), accepted(other)

    async def record(event: Any) -> None:
        async with workshop.open_as_service("test") as work:
            await work.record(event)

    async with delivering():
        async with workshop.open_as_service("test") as slow:
            await slow.record(first)
            await slow.queue_deliveries()
            waiting = asyncio.create_task(record(second))
            await until_stored(workshop, WAITS_FOR_ITS_TURN)
            await record(elsewhere)  # another case waits for nobody
            await until(lambda: receiver.about() == [str(elsewhere.about)])
        await waiting
        await until(lambda: len(receiver.came) == 3)
    assert receiver.about()[1:] == [str(first.about), str(second.about)]


async def test_works_that_tell_of_the_same_cases_in_another_order_do_not_lock_each_other_out(
    workshop: Workshop, receiver: Receiver, register: Any, child: Child
) -> None:
    await register(receiver.url)
    children = [(await child())[0] for _ in range(6)]
    recorded = asyncio.Barrier(4)

    async def tell(subjects: list[UUID]) -> None:
        async with workshop.open_as_service("test") as work:
            for subject in subjects:
                await work.record(accepted(subject))
            await recorded.wait()

    shuffled = [random.Random(seed).sample(children, len(children)) for seed in range(4)]
    await asyncio.gather(*map(tell, shuffled))
    async with workshop.open_as_service("test") as work:
        for subject in children:
            assert len((await ask(work, IN_PLACE, subject=subject)).split()) == 4


@pytest.mark.long
async def test_forty_overlapping_works_about_one_child_are_delivered_in_the_order_of_their_places(
    workshop: Workshop, receiver: Receiver, register: Any, delivering: Any, child: Child
) -> None:
    await register(receiver.url)
    subject, _ = await child()

    async def tell(number: int) -> None:
        async with workshop.open_as_service("test") as work:
            await work.record(accepted(subject))
            for _ in range(number % 4):  # round trips, so that they end in another order
                await ask(work, "SELECT 1")
            await work.record(accepted(subject))

    async with delivering(), delivering():
        for beginning in range(0, 40, 8):
            await asyncio.gather(*map(tell, range(beginning, beginning + 8)))
        await until(lambda: len(receiver.came) == 80)
    async with workshop.open_as_service("test") as work:
        assert (await ask(work, IN_PLACE, subject=subject)).split() == receiver.about()


@pytest.mark.parametrize(
    ("api", "worker"),
    [
        (timedelta(0), timedelta(minutes=-10)),
        (timedelta(days=1), timedelta(0)),
        (timedelta(days=-1), timedelta(days=1)),
    ],
    ids=["worker behind", "api ahead", "a day each way"],
)
async def test_what_is_queued_under_any_clock_is_sent_at_once_under_any_other(
    api: timedelta,
    worker: timedelta,
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    child: Child,
) -> None:
    _, secret = await register(receiver.url)
    subject, _ = await child()
    clock.advance(api)
    await record(accepted(subject))
    clock.advance(worker - api)
    async with delivering():
        await until(lambda: len(receiver.came) == 1)
    clock.reset()
    (came,) = receiver.came
    # It says when it left by a clock that its receiver can believe.
    standardwebhooks.Webhook(secret).verify(came.body, dict(came.headers))


async def test_a_retry_waits_as_long_under_any_clock(
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    child: Child,
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    receiver.answer = lambda _: Answer(503)
    event_id = await record(accepted(subject))
    clock.advance(timedelta(days=-1))
    async with delivering():
        await until_stored(workshop, ATTEMPTED, event=event_id)
        clock.advance(timedelta(days=3))
        async with workshop.open_as_service("test") as work:
            due = "SELECT due_at > clock_timestamp() FROM deliveries WHERE event_id = :event"
            assert await ask(work, due, event=event_id), "a clock ahead does not make it due"
        receiver.answer = lambda _: Answer()
        await pass_time(workshop, timedelta(seconds=6))
        await until(lambda: len(receiver.came) == 2)


async def test_a_lease_runs_out_by_the_databases_clock_alone(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, child: Child
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    await record(accepted(subject))
    async with workshop.open_as_service("test") as work:
        assert len(await outbox.claim(work, "ordinary", slots=5, lease_seconds=60)) == 1
    clock.advance(timedelta(days=1))
    async with workshop.open_as_service("test") as work:
        assert await outbox.claim(work, "ordinary", slots=5, lease_seconds=60) == []


async def test_a_worker_ahead_of_its_time_still_signs_with_both_secrets_of_a_rotation(
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    child: Child,
) -> None:
    endpoint_id, old = await register(receiver.url)
    async with workshop.open_as_service("test") as work:
        new = await rotate_secret(work, endpoint_id, Precondition(any_version=True))
    subject, _ = await child()
    clock.advance(timedelta(days=2))
    await record(accepted(subject))
    async with delivering():
        await until(lambda: len(receiver.came) == 1)
    for secret in (old, new):
        standardwebhooks.Webhook(secret).verify(
            receiver.came[0].body, dict(receiver.came[0].headers)
        )


async def test_the_two_hours_until_people_are_told_are_the_databases(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any
) -> None:
    endpoint_id, _ = await register(receiver.url, system=None)
    receiver.answer = lambda _: Answer(500)
    event_id = await record(of_no_case())
    async with delivering():
        await until_stored(workshop, ATTEMPTED, event=event_id)
    told = "SELECT count(*) FROM alerts WHERE about_id = :id AND kind = 'webhook_endpoint_failing'"
    clock.advance(timedelta(hours=3))
    for passed, expected in ((timedelta(0), 0), (timedelta(hours=2, minutes=1), 1)):
        await pass_time(workshop, passed)
        async with workshop.open_as_service("test") as work:
            await alert_failing_endpoints(work)
            assert await ask(work, told, id=endpoint_id) == expected


async def test_what_an_outage_has_piled_up_is_looked_through_once_and_not_once_for_each(
    workshop: Workshop, register: Any, record: Any, child: Child
) -> None:
    endpoint_id, _ = await register("http://127.0.0.1:9/")
    subject, _ = await child()
    event_id = await record(accepted(subject))
    piled_up, cases = 2_000, 200
    pile = (
        "INSERT INTO deliveries (id, event_id, endpoint_id, lane, case_key, due_at)"
        " SELECT gen_random_uuid(), :event, :endpoint, 'ordinary', 'case ' || n % :cases,"
        " CASE WHEN n <= :cases THEN now() + interval '1 hour' ELSE now() END"
        " FROM generate_series(1, :piled_up) n RETURNING 1"
    )
    async with workshop.open_as_service("test") as work:
        values = {"event": event_id, "endpoint": endpoint_id, "cases": cases, "piled_up": piled_up}
        await ask(work, pile, **values)
    # A connection that is kept has planned the claim for the few that lay there before.
    await workshop.database.engine.dispose()
    async with workshop.open_as_service("test") as work:
        (first,) = await outbox.claim(work, "ordinary", slots=16, lease_seconds=60)
        assert first.event_id == event_id, "all others wait for the first of their case"
        looked_at = (
            "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
            " FROM pg_stat_xact_user_tables WHERE relname = 'deliveries'"
        )
        seen = await ask(work, looked_at)
        # Others' deliveries lie in the queue, too.
        there = await ask(work, "SELECT count(*) FROM deliveries")
        assert there >= piled_up
        assert seen < 3 * there
