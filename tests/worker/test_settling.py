"""What settles a delivery, and what keeps it and its case waiting."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from qa_api.events import Event
from qa_api.models.base import new_id
from qa_api.values.preconditions import Precondition
from qa_api.webhooks import outbox, service
from qa_api.webhooks.outcomes import Attempt, note_attempt
from qa_api.work import Workshop
from tests.conftest import Database
from tests.worker.conftest import accepted, ask, of_no_case, pass_time, until, until_stored
from tests.worker.receiving import Answer, Received, Receiver

Child = Callable[[], Awaitable[tuple[UUID, str]]]
HOUR = timedelta(hours=1)
ANY = Precondition(any_version=True)

STATE = "SELECT state FROM deliveries WHERE event_id = :event AND state <> 'waiting'"
STANDS = "SELECT state FROM deliveries WHERE event_id = :event"
ID = "SELECT id FROM deliveries WHERE event_id = :event"
ATTEMPTED = "SELECT 1 FROM deliveries WHERE event_id = :event AND attempts >= :least"
PUT_OFF = (
    "UPDATE deliveries SET due_at = clock_timestamp() + :wait WHERE event_id = :event RETURNING 1"
)
JUST_ATTEMPTED = (
    "SELECT 1 FROM deliveries WHERE event_id = :event AND lease IS NULL"
    " AND attempted_at > clock_timestamp() - interval '10 minutes'"
)
ALERTS = "SELECT count(*) FROM alerts WHERE kind = :kind AND about_id = :about"
SETTLED = (
    "SELECT data ->> 'state' FROM events WHERE type = 'webhook_delivery.settled'"
    " AND about_id = (SELECT id FROM deliveries WHERE event_id = :event)"
)

FAIL_ONCE = """
CREATE SEQUENCE met;
GRANT ALL ON SEQUENCE met TO PUBLIC;
CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('met') = 1 THEN
        RAISE EXCEPTION 'another was first' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER meet BEFORE UPDATE ON deliveries FOR EACH ROW
    WHEN (NEW.event_id = '{event}' AND NEW.delivered_at IS NOT NULL) EXECUTE FUNCTION meet();
"""
"""The first time, another transaction is in the way; a sequence goes on though all is undone."""
FAIL_NO_LONGER = "DROP TRIGGER meet ON deliveries; DROP FUNCTION meet(); DROP SEQUENCE met"


def refusing(event: Event, status: int) -> Callable[[Received], Answer]:
    """Answers a status to one event's message, and takes all others."""
    return lambda request: Answer(status if request.about == str(event.about) else 204)


@pytest.mark.parametrize("status", [400, 409, 413, 422])
async def test_a_refused_message_is_settled_and_its_case_goes_on(
    status: int,
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    child: Child,
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    refused, behind = accepted(subject), accepted(subject)
    receiver.answer = refusing(refused, status)
    first, second = await record(refused), await record(behind)
    async with delivering():
        assert await until_stored(workshop, STATE, event=second) == "delivered"
    assert receiver.about() == [str(refused.about), str(behind.about)]
    async with workshop.open_as_service("test") as work:
        assert await ask(work, STANDS, event=first) == "refused"
        assert await ask(work, SETTLED, event=first) == "refused"
        about = await ask(work, ID, event=first)
        assert await ask(work, ALERTS, kind="webhook_message_refused", about=about) == 1


async def test_an_answer_whose_writing_met_another_transaction_is_written_and_not_asked_for_again(
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    worker_database: Database,
) -> None:
    await register(receiver.url, system=None)
    event = await record(of_no_case())
    await owning(worker_database, FAIL_ONCE.format(event=event))
    try:
        async with delivering():
            assert await until_stored(workshop, STATE, event=event) == "delivered"
        assert len(receiver.came) == 1
        async with workshop.open_as_service("test") as work:
            assert await ask(work, "SELECT last_value FROM met") >= 2
    finally:
        await owning(worker_database, FAIL_NO_LONGER)


async def owning(database: Database, statements: str) -> None:
    """Do something as the owner of the database."""
    connection = await asyncpg.connect(database.migrate_url)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


async def test_of_each_refused_message_of_a_day_somebody_is_told(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any
) -> None:
    await register(receiver.url, system=None)
    receiver.answer = lambda _: Answer(422)
    async with delivering():
        for event_id in [await record(of_no_case()), await record(of_no_case())]:
            assert await until_stored(workshop, STATE, event=event_id) == "refused"
            async with workshop.open_as_service("test") as work:
                about = await ask(work, ID, event=event_id)
                assert await ask(work, ALERTS, kind="webhook_message_refused", about=about) == 1


@pytest.mark.long
async def test_of_each_spell_of_a_misconfigured_endpoint_somebody_is_told_once(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any
) -> None:
    endpoint_id, _ = await register(receiver.url, system=None)
    told = {"kind": "webhook_endpoint_misconfigured", "about": endpoint_id}
    async with delivering():
        for spells in (1, 2):
            receiver.answer = lambda _: Answer(401)
            ids = [await record(of_no_case()), await record(of_no_case())]
            for event_id in ids:
                await until_stored(workshop, ATTEMPTED, event=event_id, least=1)
            async with workshop.open_as_service("test") as work:
                assert await ask(work, ALERTS, **told) == spells
            receiver.answer = lambda _: Answer()
            await pass_time(workshop, 12 * HOUR)
            for event_id in ids:
                assert await until_stored(workshop, STATE, event=event_id) == "delivered"


@pytest.mark.parametrize("status", [301, 401, 403, 404, 405, 406, 407, 415, 418, 451])
async def test_what_the_endpoint_is_to_blame_for_is_retried_in_order_and_told_at_once(
    status: int,
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    child: Child,
) -> None:
    endpoint_id, _ = await register(receiver.url)
    subject, _ = await child()
    first, second = accepted(subject), accepted(subject)
    receiver.answer = refusing(first, status)
    event_id = await record(first)
    behind = await record(second)
    async with delivering():
        told = "SELECT 1 FROM alerts WHERE kind = :kind AND about_id = :about"
        kind = "webhook_endpoint_misconfigured"
        assert await until_stored(workshop, told, kind=kind, about=endpoint_id)
        assert receiver.about() == [str(first.about)]
        receiver.answer = lambda _: Answer()
        await pass_time(workshop, timedelta(seconds=6))
        assert await until_stored(workshop, STATE, event=behind) == "delivered"
    async with workshop.open_as_service("test") as work:
        assert await ask(work, STANDS, event=event_id) == "delivered"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_what_passes_by_itself_is_retried_and_nobody_is_told_at_once(
    status: int,
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
) -> None:
    endpoint_id, _ = await register(receiver.url, system=None)
    receiver.answer = lambda _: Answer(status)
    event_id = await record(of_no_case())
    async with delivering():
        await until_stored(workshop, ATTEMPTED, event=event_id, least=1)
    async with workshop.open_as_service("test") as work:
        assert await ask(work, STANDS, event=event_id) == "waiting"
        told = "SELECT count(*) FROM alerts WHERE about_id = :about"
        assert await ask(work, told, about=endpoint_id) == 0


@pytest.mark.long
async def test_a_message_that_fails_alone_for_a_day_is_parked_told_and_its_case_goes_on(
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    child: Child,
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    poison, behind = accepted(subject), accepted(subject)
    receiver.answer = refusing(poison, 500)
    first, second = await record(poison), await record(behind)
    async with delivering():

        async def fails_after(passed: timedelta) -> None:
            await pass_time(workshop, passed)
            async with workshop.open_as_service("test") as work:
                await service.send_delivery_now(work, await ask(work, ID, event=first), ANY)
            await until_stored(workshop, JUST_ATTEMPTED, event=first)

        await until_stored(workshop, JUST_ATTEMPTED, event=first)
        for passed in range(6):
            other = await record(accepted((await child())[0]))
            assert await until_stored(workshop, STATE, event=other) == "delivered"
            await fails_after(4 * HOUR if passed else timedelta(0))
            async with workshop.open_as_service("test") as work:
                assert await ask(work, STANDS, event=first) == "waiting", f"{passed} x 4 hours"
                assert await ask(work, STANDS, event=second) == "waiting"
        # Parked only where the endpoint still takes others, now too.
        await pass_time(workshop, 4 * HOUR + timedelta(minutes=1))
        other = await record(accepted((await child())[0]))
        assert await until_stored(workshop, STATE, event=other) == "delivered"
        async with workshop.open_as_service("test") as work:
            await service.send_delivery_now(work, await ask(work, ID, event=first), ANY)
        assert await until_stored(workshop, STATE, event=first) == "parked"
        assert await until_stored(workshop, STATE, event=second) == "delivered"
    async with workshop.open_as_service("test") as work:
        assert await ask(work, SETTLED, event=first) == "parked"
        about = await ask(work, ID, event=first)
        assert await ask(work, ALERTS, kind="webhook_message_parked", about=about) == 1


@pytest.mark.long
@pytest.mark.parametrize("met_by_others", [True, False])
@pytest.mark.parametrize("mended", [True, False])
async def test_an_outage_within_a_long_wait_is_no_time_in_which_the_endpoint_took_others(
    met_by_others: bool,
    mended: bool,
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    child: Child,
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    unlucky, behind = accepted(subject), accepted(subject)
    receiver.answer = refusing(unlucky, 503)
    first, second = await record(unlucky), await record(behind)

    async def take_another() -> None:
        other = await record(accepted((await child())[0]))
        assert await until_stored(workshop, STATE, event=other) == "delivered"

    async with delivering():
        await until_stored(workshop, JUST_ATTEMPTED, event=first)
        # The long wait begins; an hour later the outage.
        async with workshop.open_as_service("test") as work:
            await ask(work, PUT_OFF, event=first, wait=40 * HOUR)
        await take_another()
        await pass_time(workshop, HOUR)
        await take_another()
        receiver.answer = lambda _: Answer(503)
        if met_by_others:
            met = await record(accepted((await child())[0]))
            await until_stored(workshop, ATTEMPTED, event=met, least=1)
        await pass_time(workshop, 25 * HOUR)
        if mended:
            receiver.answer = refusing(unlucky, 503)
            await take_another()
        async with workshop.open_as_service("test") as work:
            await service.send_delivery_now(work, await ask(work, ID, event=first), ANY)
        await until_stored(workshop, JUST_ATTEMPTED, event=first)
        async with workshop.open_as_service("test") as work:
            assert await ask(work, STANDS, event=first) == "waiting"
        receiver.answer = lambda _: Answer()
        await pass_time(workshop, 27 * HOUR)
        assert await until_stored(workshop, STATE, event=second) == "delivered"
    async with workshop.open_as_service("test") as work:
        assert await ask(work, STANDS, event=first) == "delivered"
    of_case = [
        about for about in receiver.about() if about in map(str, (unlucky.about, behind.about))
    ]
    assert of_case[-2:] == [str(unlucky.about), str(behind.about)]


@pytest.mark.long
@pytest.mark.parametrize("cases", [1, 3])
async def test_an_outage_of_three_days_parks_nothing_and_loses_no_order(
    cases: int,
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    child: Child,
) -> None:
    await register(receiver.url)
    children = [(await child())[0] for _ in range(cases)]
    events = [accepted(subject) for _ in range(4) for subject in children]
    # The endpoint still takes something while the outage begins.
    receiver.answer = lambda request: Answer(
        503 if request.about in {str(event.about) for event in events} else 204
    )
    async with delivering():
        ids = [await record(event) for event in events[: 2 * cases]]
        alive = await record(accepted((await child())[0]))
        assert await until_stored(workshop, STATE, event=alive) == "delivered"
        failed = len(children)
        await until(lambda: len(receiver.came) == failed + 1)
        for hours in (1, 1, 1, 3, 6, 12, 16, 23):
            await pass_time(workshop, hours * HOUR)
            failed += len(children)
            for event_id in ids[:cases]:
                await until_stored(
                    workshop, ATTEMPTED, event=event_id, least=failed // len(children)
                )
        ids += [await record(event) for event in events[2 * cases :]]
        async with workshop.open_as_service("test") as work:
            parked = "SELECT count(*) FROM deliveries WHERE event_id = ANY (:ids)"
            waiting = parked + " AND state = 'waiting'"
            assert await ask(work, waiting, ids=ids) == len(events)
        receiver.answer = lambda _: Answer()
        receiver.came.clear()
        await pass_time(workshop, 27 * HOUR)
        await until(lambda: len(receiver.came) == len(events))
    for subject in children:
        of_child = [str(event.about) for event in events if event.subject == subject]
        assert [about for about in receiver.about() if about in of_child] == of_child


async def test_one_that_is_skipped_lets_its_case_go_on(
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    child: Child,
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    stuck, behind = accepted(subject), accepted(subject)
    receiver.answer = refusing(stuck, 503)
    first, second = await record(stuck), await record(behind)
    async with delivering():
        await until_stored(workshop, ATTEMPTED, event=first, least=1)
        async with workshop.open_as_service("test") as work:
            await service.skip_delivery(work, await ask(work, ID, event=first), ANY)
        assert await until_stored(workshop, STATE, event=second) == "delivered"
    async with workshop.open_as_service("test") as work:
        assert await ask(work, STANDS, event=first) == "skipped"
        assert await ask(work, SETTLED, event=first) == "skipped"


async def test_one_that_waits_is_sent_now_when_somebody_asks(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any
) -> None:
    await register(receiver.url, system=None)
    receiver.answer = lambda _: Answer(503)
    event_id = await record(of_no_case())
    async with delivering():
        await until_stored(workshop, ATTEMPTED, event=event_id, least=1)
        receiver.answer = lambda _: Answer()
        async with workshop.open_as_service("test") as work:
            await service.send_delivery_now(work, await ask(work, ID, event=event_id), ANY)
        assert await until_stored(workshop, STATE, event=event_id) == "delivered"


async def test_what_was_refused_is_replayed_under_its_own_id_and_names_the_replay(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any
) -> None:
    await register(receiver.url, system=None)
    receiver.answer = lambda _: Answer(422)
    event_id = await record(of_no_case())
    async with delivering():
        assert await until_stored(workshop, STATE, event=event_id) == "refused"
        receiver.answer = lambda _: Answer()
        replay = new_id()
        async with workshop.open_as_service("test") as work:
            refused = await ask(work, ID, event=event_id)
            await service.replay_delivery(work, replay, refused)
        delivered = "SELECT 1 FROM deliveries WHERE id = :id AND state = 'delivered'"
        assert await until_stored(workshop, delivered, id=replay)
    assert {request.id for request in receiver.came} == {str(event_id)}
    async with workshop.open_as_service("test") as work:
        stands = "SELECT state || ' ' || replayed_as FROM deliveries WHERE id = :id"
        assert await ask(work, stands, id=refused) == f"refused {replay}"


async def test_a_person_who_skips_while_it_is_being_sent_does_not_undo_that_it_was_taken(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any
) -> None:
    await register(receiver.url, system=None)
    event_id = await record(of_no_case())
    async with workshop.open_as_service("test") as work:
        (sent,) = await outbox.claim(work, "ordinary", slots=1, lease_seconds=60)
    async with workshop.open_as_service("test") as work:
        await service.skip_delivery(work, sent.id, ANY)
    async with workshop.open_as_service("test") as work:
        taken = Attempt(work.now, status=204)
        assert await note_attempt(work, sent, taken, wait=HOUR) == "delivered"
    async with workshop.open_as_service("test") as work:
        stands = (
            "SELECT state || ' ' || attempts FROM deliveries"
            " WHERE event_id = :event AND delivered_at IS NOT NULL AND lease IS NULL"
        )
        assert await ask(work, stands, event=event_id) == "skipped 1"


@pytest.mark.parametrize(
    ("status", "state"), [(204, "delivered"), (422, "refused"), (500, "parked")]
)
async def test_a_test_is_sent_once_whatever_comes_of_it_and_waits_for_nothing(
    status: int,
    state: str,
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
) -> None:
    endpoint_id, _ = await register(receiver.url, system=None)
    receiver.answer = lambda _: Answer(410)
    gone = await record(of_no_case())
    async with delivering():
        parked = "SELECT 1 FROM webhook_endpoints WHERE id = :id AND parked_at IS NOT NULL"
        assert await until_stored(workshop, parked, id=endpoint_id)
        receiver.answer = lambda _: Answer(status)
        test = new_id()
        async with workshop.open_as_service("test") as work:
            await service.test_endpoint(work, test, endpoint_id)
        of_test = "SELECT state FROM deliveries WHERE id = :id AND state <> 'waiting'"
        assert await until_stored(workshop, of_test, id=test) == state
    assert receiver.came[-1].message["type"] == "webhook_endpoint.test"
    async with workshop.open_as_service("test") as work:
        assert await ask(work, STANDS, event=gone) == "waiting", "a test resumes nothing"
