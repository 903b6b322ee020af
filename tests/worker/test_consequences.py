"""What a delivery starts, and what a refusal does."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from qa_api.auth.roles import Role
from qa_api.directory.dated_schemas import CalledIn
from qa_api.directory.entries import put_worker
from qa_api.directory.schemas import WorkerIn
from qa_api.escalations import service as escalations
from qa_api.events import EVENT_TYPES, ResponseAccepted
from qa_api.models.base import new_id
from qa_api.notifications.schemas import DeliveryByHand
from qa_api.notifications.service import record_delivery
from qa_api.rules.decision import NotAllowedInState
from qa_api.values.preconditions import Precondition
from qa_api.webhooks import outbox
from qa_api.webhooks.deleting import delete_endpoint
from qa_api.webhooks.outcomes import Attempt, note_attempt
from qa_api.webhooks.service import skip_delivery
from qa_api.work import Workshop
from qa_api.worker import consequences
from tests.responses.casework import complete_audit, event_of
from tests.worker.conftest import ask, pass_time, start_at, until_stored
from tests.worker.receiving import Answer, Receiver

NOTIFICATION = "SELECT state FROM notifications WHERE event_id = :event AND state <> 'queued'"
RESPONSE_DUE = (
    "SELECT r.due_on::text FROM audit_responses r JOIN notifications n USING (audit_id)"
    " WHERE n.event_id = :event"
)


@pytest.fixture
def notified(workshop: Workshop, new_ref: Any) -> Any:
    """Completes an audit; gives the event that notifies its worker."""

    async def make(**facts: Any) -> UUID:
        async with workshop.open_as_service("test") as work:
            audit_id, *_ = await complete_audit(work, new_ref(), **facts)
            return await event_of(work, audit_id)

    return make


@pytest.mark.long
async def test_the_worker_is_notified_and_the_clock_starts_when_the_case_system_answers(
    workshop: Workshop, receiver: Receiver, register: Any, delivering: Any, notified: Any
) -> None:
    start_at("2026-11-23T09:30:00Z")
    await register(receiver.url)
    event = await notified()
    async with delivering():
        assert await until_stored(workshop, NOTIFICATION, event=event) == "delivered"
    async with workshop.open_as_service("test") as work:
        assert await ask(work, RESPONSE_DUE, event=event) == "2026-11-30"


async def test_a_receiver_that_is_no_case_system_notifies_nobody(
    workshop: Workshop, receiver: Receiver, register: Any, delivering: Any, notified: Any
) -> None:
    await register(receiver.url, system=None)
    event = await notified()
    async with delivering():
        await until_stored(
            workshop, "SELECT delivered_at FROM deliveries WHERE event_id = :event", event=event
        )
    async with workshop.open_as_service("test") as work:
        assert await ask(work, NOTIFICATION, event=event) is None


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (400, "undeliverable"),
        (409, "undeliverable"),
        (413, "undeliverable"),
        (422, "undeliverable"),
        (401, None),
        (404, None),
        (429, None),
        (500, None),
    ],
)
async def test_a_refusal_makes_it_undeliverable_and_a_passing_fault_does_not(
    status: int,
    state: str | None,
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    delivering: Any,
    notified: Any,
) -> None:
    await register(receiver.url)
    receiver.answer = lambda request: Answer(
        status if request.message["type"].startswith("audit.response_required") else 204
    )
    event = await notified()
    async with delivering():
        await until_stored(
            workshop,
            "SELECT 1 FROM deliveries WHERE event_id = :event AND attempts > 0",
            event=event,
        )
    async with workshop.open_as_service("test") as work:
        assert await ask(work, NOTIFICATION, event=event) == state
        assert await ask(work, RESPONSE_DUE, event=event) is None


async def test_at_the_end_of_the_schedule_it_is_undeliverable_and_still_tried_every_day(
    workshop: Workshop, receiver: Receiver, register: Any, delivering: Any, notified: Any
) -> None:
    await register(receiver.url)
    receiver.answer = lambda request: Answer(
        503 if request.message["type"] == "audit.response_required" else 204
    )
    event = await notified()
    async with workshop.open_as_service("test") as work:
        await ask(
            work,
            "UPDATE deliveries SET attempts = 9 WHERE event_id = :event RETURNING 1",
            event=event,
        )
    async with delivering():
        assert await until_stored(workshop, NOTIFICATION, event=event) == "undeliverable"
        receiver.answer = lambda _: Answer()
        await pass_time(workshop, timedelta(hours=27))
        state = "SELECT state FROM notifications WHERE event_id = :event AND state = 'delivered'"
        assert await until_stored(workshop, state, event=event)


async def test_what_was_told_by_hand_is_settled_and_what_waits_behind_it_goes(
    workshop: Workshop, receiver: Receiver, register: Any, delivering: Any, notified: Any
) -> None:
    await register(receiver.url)
    await register(receiver.url, system=None)
    receiver.answer = lambda request: Answer(
        503 if request.message["type"] == "audit.response_required" else 204
    )
    event = await notified()
    async with delivering():
        await until_stored(
            workshop,
            "SELECT 1 FROM deliveries WHERE event_id = :event"
            " HAVING count(*) FILTER (WHERE attempts > 0 AND lease IS NULL) = 2",
            event=event,
        )
        async with workshop.open_as_service("test") as work:
            notification = await ask(
                work, "SELECT id FROM notifications WHERE event_id = :event", event=event
            )
            # Whom the service stands for holds every role.
            work.actor = replace(work.actor, roles=frozenset({Role.QUALITY_STANDARDS}))
            told = DeliveryByHand(by="tm-lincoln-fast", how="By telephone", at=work.now)
            await record_delivery(work, notification, Precondition(any_version=True), told)
            behind = await work.record(
                ResponseAccepted(
                    about=new_id(),
                    subject=await ask(
                        work, "SELECT subject_id FROM notifications WHERE id = :id", id=notification
                    ),
                    audit_id=new_id(),
                    round=1,
                )
            )
        delivered = "SELECT 1 FROM deliveries WHERE event_id = :event AND state = 'delivered'"
        assert await until_stored(workshop, delivered, event=behind)
    async with workshop.open_as_service("test") as work:
        states = (
            "SELECT string_agg(d.state, ' ' ORDER BY e.system NULLS LAST) FROM deliveries d"
            " JOIN webhook_endpoints e ON e.id = d.endpoint_id WHERE d.event_id = :event"
        )
        assert await ask(work, states, event=event) == "told_by_hand waiting", (
            "who only listens is still told"
        )


async def test_whoever_tells_by_hand_while_it_is_delivered_waits_and_neither_locks_the_other_out(
    workshop: Workshop, receiver: Receiver, register: Any, notified: Any
) -> None:
    await register(receiver.url)
    event = await notified()

    async def tell_by_hand() -> None:
        async with workshop.open_as_service("test") as work:
            work.actor = replace(work.actor, roles=frozenset({Role.QUALITY_STANDARDS}))
            of_event = "SELECT id FROM notifications WHERE event_id = :event"
            told = DeliveryByHand(by="tm-lincoln-fast", how="By telephone", at=work.now)
            await record_delivery(
                work, await ask(work, of_event, event=event), Precondition(any_version=True), told
            )

    sent = None
    while sent is None:  # what stands before it in its case is taken first
        async with workshop.open_as_service("test") as work:
            for claimed in await outbox.claim(work, "ordinary", slots=50, lease_seconds=60):
                if claimed.event_id == event:
                    sent = claimed
                else:
                    taken = Attempt(work.now, status=204)
                    await note_attempt(work, claimed, taken, wait=timedelta(0))
    async with workshop.open_as_service("test") as work:
        taken = Attempt(work.now, status=204)
        assert await note_attempt(work, sent, taken, wait=timedelta(0)) == "delivered"
        by_hand = asyncio.create_task(tell_by_hand())
        waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
        await until_stored(workshop, waits + " AND wait_event_type = 'Lock'")
        await consequences.of_delivery(work, sent, work.now)
    with pytest.raises(NotAllowedInState):
        await by_hand
    async with workshop.open_as_service("test") as work:
        assert await ask(work, NOTIFICATION, event=event) == "delivered"


async def test_a_notification_whose_message_is_skipped_goes_to_the_manager(
    workshop: Workshop, receiver: Receiver, register: Any, notified: Any
) -> None:
    await register(receiver.url)
    event = await notified()
    async with workshop.open_as_service("test") as work:
        delivery = await ask(work, "SELECT id FROM deliveries WHERE event_id = :event", event=event)
        await skip_delivery(work, delivery, Precondition(any_version=True))
        assert await ask(work, NOTIFICATION, event=event) == "undeliverable"
        why = "SELECT undeliverable_reason FROM notifications WHERE event_id = :event"
        assert await ask(work, why, event=event) == "skipped", "somebody decided so"
        told = (
            "SELECT recipient_role FROM alerts WHERE kind = 'notification_undeliverable'"
            " AND about_id = (SELECT id FROM notifications WHERE event_id = :event)"
        )
        assert await ask(work, told, event=event) == "team_manager"


async def test_a_notification_whose_endpoint_is_deleted_goes_to_the_manager(
    workshop: Workshop, receiver: Receiver, register: Any, notified: Any
) -> None:
    endpoint, _ = await register(receiver.url)
    event = await notified()
    async with workshop.open_as_service("test") as work:
        await delete_endpoint(work, endpoint, Precondition(any_version=True))
        assert await ask(work, NOTIFICATION, event=event) == "undeliverable"


async def test_what_follows_that_fails_is_undone_whole_and_tried_again_later(
    monkeypatch: pytest.MonkeyPatch,
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    delivering: Any,
    notified: Any,
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(
        consequences,
        "DELIVERED",
        {"audit.response_required": fail, **consequences.DELIVERED}
        | {"audit.response_required": fail},
    )
    await register(receiver.url)
    event = await notified()
    async with delivering():
        failure = await until_stored(
            workshop,
            "SELECT failure FROM delivery_attempts a JOIN deliveries d ON d.id = a.delivery_id"
            " WHERE d.event_id = :event",
            event=event,
        )
    assert failure == "not_recorded"
    async with workshop.open_as_service("test") as work:
        assert await ask(work, NOTIFICATION, event=event) is None


def test_the_table_names_events_that_are_sent() -> None:
    named = {*consequences.DELIVERED, *consequences.FAILED}
    assert named == {
        "audit.response_required",
        "audit.information_only",
        "escalation.raised",
    }
    assert all(EVENT_TYPES[name].sent for name in named)
    assert escalations.mark_notified is not None


async def test_the_case_system_is_sent_its_own_reference_of_the_worker(
    workshop: Workshop, receiver: Receiver, register: Any, delivering: Any, new_ref: Any
) -> None:
    start_at("2026-11-23T09:30:00Z")
    await register(receiver.url)
    code = f"sw-{new_ref()[-10:]}".lower()
    called = CalledIn.model_validate({"system": "mosaic", "reference": f"SmithJ-{code}"})
    async with workshop.open_as_service("test") as work:
        await put_worker(work, code, WorkerIn(references=[called]))
        audit_id, *_ = await complete_audit(work, new_ref(), worker=code)
        event = await event_of(work, audit_id)
    async with delivering():
        assert await until_stored(workshop, NOTIFICATION, event=event) == "delivered"
    (sent,) = [one.message for one in receiver.came if one.id == str(event)]
    assert sent["data"]["worker"] == sent["data"]["worker_reference"] == called.reference
