"""Deliveries over a real network to a real receiver, from a real database."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import standardwebhooks
from sqlalchemy import update

from qa_api.events import EscalationAcknowledged
from qa_api.models.base import new_id
from qa_api.models.deliveries import WebhookEndpoint
from qa_api.models.subjects import Subject
from qa_api.subjects.service import restrict
from qa_api.values.preconditions import Precondition
from qa_api.webhooks import outbox
from qa_api.webhooks.outcomes import Attempt, note_attempt
from qa_api.webhooks.service import resume_endpoint
from qa_api.webhooks.signing import new_secret, rotated
from qa_api.work import Workshop
from tests.conftest import told
from tests.worker.conftest import accepted, ask, pass_time, until, until_stored
from tests.worker.receiving import Answer, Receiver

DELIVERED = "SELECT delivered_at FROM deliveries WHERE event_id = :event"
ATTEMPTS = "SELECT attempts FROM deliveries WHERE event_id = :event AND attempts >= :least"
WAIT = (
    "SELECT extract(epoch FROM d.due_at - d.attempted_at)::float FROM deliveries d"
    " WHERE d.event_id = :event"
)

PARKED_EVENT = (
    "SELECT count(*) FROM events WHERE type = 'webhook_endpoint.parked' AND about_id = :id"
)
PARKED_ALERT = (
    "SELECT count(*) FROM alerts WHERE kind = 'webhook_endpoint_parked' AND about_id = :id"
    " AND recipient_role = 'administrator'"
)
WAITING_BEHIND_ONE = (
    "SELECT count(*) - 1 FROM deliveries WHERE endpoint_id = :id AND delivered_at IS NULL"
)


async def test_a_message_is_thin_and_signed_as_standard_webhooks_says(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any, child: Any
) -> None:
    _, secret = await register(receiver.url)
    subject, ref = await child()
    event = accepted(subject)
    event_id = await record(event)
    async with delivering():
        await until(lambda: len(receiver.came) == 1)
    (came,) = receiver.came
    verified = standardwebhooks.Webhook(secret).verify(came.body, dict(came.headers))
    assert came.id == str(event_id)
    assert verified["type"] == "response.accepted"
    assert verified["timestamp"].endswith("Z")
    assert verified["data"] == {
        "about": str(event.about),
        "subject": {"system": "mosaic", "ref": ref},
        "audit_id": str(event.audit_id),
        "round": 1,
        "url": f"http://127.0.0.1:8000/v1/audit-responses/{event.about}",
    }
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(new_secret()).verify(came.body, dict(came.headers))


@pytest.mark.long
async def test_only_its_case_system_hears_of_a_restricted_record_and_the_others_once_it_is_released(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any, child: Any
) -> None:
    await register(receiver.url)
    await register(receiver.url, system=None)
    (subject, _), (open_child, _) = await child(), await child()

    async def now(kind: str | None) -> None:
        async with workshop.open_as_service("test") as work:
            await restrict(work, await work.session.get_one(Subject, subject), kind)

    hidden = await record(accepted(subject))  # queued while everybody might know
    await now("staff")
    also_hidden = await record(accepted(subject))
    seen = await record(accepted(open_child))
    async with delivering():
        await until(lambda: len(receiver.came) == 4)
        assert sorted(came.id for came in receiver.came) == sorted(
            map(str, (hidden, also_hidden, seen, seen))
        )
        await now(None)
        async with workshop.open_as_service("test") as work:
            await outbox.wake(work)
        await until(lambda: len(receiver.came) == 6)
    assert [came.id for came in receiver.came[4:]] == [str(hidden), str(also_hidden)]


async def test_both_secrets_sign_during_a_rotation_and_only_the_new_one_after_it(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any, child: Any
) -> None:
    endpoint_id, old = await register(receiver.url)
    new = new_secret()
    async with workshop.open_as_service("test") as work:
        endpoint = await work.session.get_one(WebhookEndpoint, endpoint_id)
        endpoint.secrets = rotated(endpoint.secrets, new, work.now)
        await work.record(told())
    subject, _ = await child()
    async with delivering():
        await record(accepted(subject))
        await until(lambda: len(receiver.came) == 1)
        for secret in (old, new):
            came = receiver.came[0]
            standardwebhooks.Webhook(secret).verify(came.body, dict(came.headers))
        async with workshop.open_as_service("test") as work:
            endpoint = await work.session.get_one(WebhookEndpoint, endpoint_id)
            earlier = work.now - timedelta(hours=25)
            endpoint.secrets = rotated([{"secret": old}], new, earlier)
            await work.record(told())
        await record(accepted(subject))
        await until(lambda: len(receiver.came) == 2)
    came = receiver.came[1]
    standardwebhooks.Webhook(new).verify(came.body, dict(came.headers))
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(old).verify(came.body, dict(came.headers))


async def test_a_case_keeps_its_order_when_attempts_fail_and_holds_up_no_other_case(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any, child: Any
) -> None:
    await register(receiver.url)
    stuck, other = [(await child())[0] for _ in range(2)]
    events = [accepted(stuck), accepted(stuck), accepted(other)]
    first, second, elsewhere = (str(event.about) for event in events)
    receiver.answer = lambda request: Answer(503 if request.about == first else 204)
    event_id = await record(*events[:1])
    await record(*events[1:])
    async with delivering():
        await until(lambda: {first, elsewhere} <= set(receiver.about()))
        await until_stored(workshop, ATTEMPTS, event=event_id, least=1)
        assert second not in receiver.about()
        receiver.answer = lambda _: Answer()
        await pass_time(workshop, timedelta(seconds=6))
        await until(lambda: second in receiver.about())
    about = receiver.about()
    assert [each for each in about if each != elsewhere] == [first, first, second]
    assert len({request.id for request in receiver.came if request.about == first}) == 1


async def test_an_escalation_waits_for_nothing_else_of_its_case(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any, child: Any
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    receiver.answer = lambda request: Answer(
        204 if request.message["type"].startswith("escalation.") else 500
    )
    await record(accepted(subject), accepted(subject))
    async with delivering():
        await until(lambda: len(receiver.came) == 1)
        event_id = await record(EscalationAcknowledged(about=new_id(), subject=subject))
        assert await until_stored(workshop, DELIVERED, event=event_id)


@pytest.mark.long
async def test_failed_attempts_follow_the_schedule_and_are_all_logged(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any, child: Any
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    receiver.answer = lambda _: Answer(503)
    event_id = await record(accepted(subject))
    waits = []
    async with delivering():
        for number in range(1, 13):
            await until_stored(workshop, ATTEMPTS, event=event_id, least=number)
            async with workshop.open_as_service("test") as work:
                wait = await ask(work, WAIT, event=event_id)
                logged = await ask(
                    work,
                    "SELECT count(*) FROM delivery_attempts a JOIN deliveries d"
                    " ON d.id = a.delivery_id WHERE d.event_id = :event AND a.status = 503",
                    event=event_id,
                )
            assert logged == number
            waits.append(wait)
            await pass_time(workshop, timedelta(seconds=wait))
    hours = 3600
    exact = [5, 300, 1800, *(n * hours for n in (2, 5, 10, 14, 20, 24, 24, 24, 24))]
    assert all(e <= w < 1.1 * e for e, w in zip(exact, waits, strict=True)), waits


async def test_a_receiver_that_asks_for_time_gets_it(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any, child: Any
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    receiver.answer = lambda _: Answer(429, {"retry-after": "7200"})
    event_id = await record(accepted(subject))
    async with delivering():
        await until_stored(workshop, ATTEMPTS, event=event_id, least=1)
    async with workshop.open_as_service("test") as work:
        assert await ask(work, WAIT, event=event_id) == 7200


async def test_a_redirect_is_a_failure_and_is_not_followed(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any, child: Any
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    receiver.answer = lambda _: Answer(307, {"location": "/elsewhere"})
    event_id = await record(accepted(subject))
    async with delivering():
        await until_stored(workshop, ATTEMPTS, event=event_id, least=1)
    assert [request.path for request in receiver.came] == ["/hook"]
    async with workshop.open_as_service("test") as work:
        assert await ask(work, DELIVERED, event=event_id) is None


async def test_410_parks_the_endpoint_tells_the_administrator_and_drops_nothing(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any, child: Any
) -> None:
    endpoint_id, _ = await register(receiver.url)
    subject, _ = await child()
    receiver.answer = lambda _: Answer(410)
    events = [accepted(subject), accepted((await child())[0])]
    async with delivering():
        await record(events[0])
        await until_stored(
            workshop,
            "SELECT parked_at FROM webhook_endpoints WHERE id = :id",
            id=endpoint_id,
        )
        last = await record(events[1])
        async with workshop.open_as_service("test") as work:
            for question in (PARKED_EVENT, PARKED_ALERT, WAITING_BEHIND_ONE):
                assert await ask(work, question, id=endpoint_id) == 1
        assert len(receiver.came) == 1
        receiver.answer = lambda _: Answer()
        async with workshop.open_as_service("test") as work:
            await resume_endpoint(work, endpoint_id, Precondition(any_version=True))
        await until_stored(workshop, DELIVERED, event=last)
        await until(lambda: len(receiver.came) == 3)


@pytest.mark.parametrize(
    ("url", "targets"),
    [
        ("{url}", []),
        ("{url}", ["https://127.0.0.1"]),
        ("{url}", ["http://127.0.0.1:1"]),
        ("http://localhost:{port}/hook", ["http://localhost"]),  # resolves to a private address
        ("http://169.254.169.254/latest", ["http://169.254.0.0/16"]),
    ],
)
async def test_what_is_not_listed_at_the_moment_of_sending_is_not_reached(
    url: str,
    targets: list[str],
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    child: Any,
) -> None:
    port = receiver.url.rpartition(":")[2].removesuffix("/hook")
    await register(url.format(url=receiver.url, port=port))
    subject, _ = await child()
    event_id = await record(accepted(subject))
    async with delivering(webhook_targets=targets):
        failure = await until_stored(
            workshop,
            "SELECT failure FROM delivery_attempts a JOIN deliveries d ON d.id = a.delivery_id"
            " WHERE d.event_id = :event",
            event=event_id,
        )
    assert failure == "target_not_allowed"
    assert receiver.came == []


@pytest.mark.long
async def test_a_receiver_that_does_not_answer_costs_one_time_out(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any, child: Any
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    quiet = asyncio.Event()

    async def answer_nothing(_: Any, writer: asyncio.StreamWriter) -> None:
        await quiet.wait()
        writer.close()

    server = await asyncio.start_server(answer_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with workshop.open_as_service("test") as work:
        await work.session.execute(
            update(WebhookEndpoint)
            .where(WebhookEndpoint.disabled_at.is_(None))
            .values(url=f"http://127.0.0.1:{port}/")
        )
        await work.record(told())
    event_id = await record(accepted(subject))
    async with delivering(webhook_timeout_seconds=0.2):
        failure = await until_stored(
            workshop,
            "SELECT failure FROM delivery_attempts a JOIN deliveries d ON d.id = a.delivery_id"
            " WHERE d.event_id = :event",
            event=event_id,
        )
    quiet.set()
    server.close()
    assert failure == "timeout"


@pytest.mark.long
async def test_several_workers_at_once_send_each_message_once_and_in_order(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any, child: Any
) -> None:
    await register(receiver.url)
    children = [(await child())[0] for _ in range(4)]
    events = [accepted(subject) for _ in range(6) for subject in children]
    await record(*events)
    async with delivering(), delivering(), delivering():
        await until(lambda: len(receiver.came) >= len(events))
    assert Counter(receiver.about()) == Counter(str(event.about) for event in events)
    for subject in children:
        of_child = [str(event.about) for event in events if event.subject == subject]
        assert [about for about in receiver.about() if about in of_child] == of_child


async def test_a_lease_keeps_others_away_until_it_runs_out_and_then_counts_no_more(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, child: Any
) -> None:
    await register(receiver.url)
    subject, _ = await child()
    event_id = await record(accepted(subject))
    async with workshop.open_as_service("test") as work:
        (mine,) = await outbox.claim(work, "ordinary", slots=5, lease_seconds=60)
    async with workshop.open_as_service("test") as work:
        assert await outbox.claim(work, "ordinary", slots=5, lease_seconds=60) == []
        await ask(
            work,
            "UPDATE deliveries SET leased_until = clock_timestamp() - interval '1 s'"
            " WHERE event_id = :event RETURNING 1",
            event=event_id,
        )
    async with workshop.open_as_service("test") as work:
        (theirs,) = await outbox.claim(work, "ordinary", slots=5, lease_seconds=60)
    assert (theirs.event_id, theirs.id) == (mine.event_id, mine.id)
    async with workshop.open_as_service("test") as work:
        taken, wait = Attempt(work.now, status=204), timedelta(0)
        assert await note_attempt(work, mine, taken, wait=wait) is None
        assert await note_attempt(work, theirs, taken, wait=wait) == "delivered"
