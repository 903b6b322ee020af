"""An endpoint that lost what it had is sent it once more: since a time, or of one type of it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from qa_api.events import EscalationRaised
from qa_api.models.base import new_id
from qa_api.models.deliveries import WebhookEndpoint
from qa_api.problems import Problem
from qa_api.values.preconditions import Precondition
from qa_api.webhooks import deleting, replaying, service
from qa_api.webhooks.schemas import EndpointReplay, EndpointReplayOut
from qa_api.work import Workshop
from tests.worker.conftest import accepted, ask, of_no_case, until, until_stored
from tests.worker.receiving import Answer, Receiver

ANY = Precondition(any_version=True)
SETTLED = (
    "SELECT count(*) FROM deliveries WHERE endpoint_id = :id AND state <> 'waiting'"
    " HAVING count(*) >= :least"
)
RECORDED = (
    "SELECT string_agg(data ->> 'messages', ' ' ORDER BY at, id) FROM events"
    " WHERE type = 'webhook_endpoint.replayed' AND about_id = :id"
)
"""How many messages each event of a replay says were sent once more."""
LATER = timedelta(hours=1)


async def replay(
    workshop: Workshop, endpoint: UUID, since: datetime, **asked: Any
) -> EndpointReplayOut:
    async with workshop.open_as_service("test") as work:
        return await replaying.replay_endpoint(work, endpoint, EndpointReplay(since=since, **asked))


async def now(workshop: Workshop) -> datetime:
    async with workshop.open_as_service("test") as work:
        return work.now


@pytest.mark.long
async def test_what_was_sent_since_a_time_comes_again_in_its_order_under_its_own_ids(
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    child: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint, _ = await register(receiver.url, system=None)
    subject, _ = await child()
    async with delivering():
        await record(accepted(subject))
        await until_stored(workshop, SETTLED, id=endpoint, least=1)
        since = await now(workshop)
        of_case = [accepted(subject), accepted(subject)]
        await record(*of_case, of_no_case())
        await until_stored(workshop, SETTLED, id=endpoint, least=4)
        first = [came.id for came in receiver.came[1:]]
        # A part of it at a time, until nothing is left.
        monkeypatch.setattr(replaying, "AT_ONCE", 2)
        said = await replay(workshop, endpoint, since)
        assert (said.queued, said.left) == (2, 1)
        said = await replay(workshop, endpoint, since, until=said.until)
        assert (said.queued, said.left) == (1, 0)
        said = await replay(workshop, endpoint, since, until=said.until)
        assert (said.queued, said.left) == (0, 0), "the same again sends nothing twice"
        async with workshop.open_as_service("test") as work:
            assert await ask(work, RECORDED, id=endpoint) == "2 1", "nothing replayed, no event"
        await until(lambda: len(receiver.came) == 7)
    again = receiver.came[4:]
    assert sorted(came.id for came in again) == sorted(first)
    # What is about no case waits for nothing, so it may come at any place.
    about = [str(each.about) for each in of_case]
    assert [came.about for came in again if came.about in about] == about


async def test_of_one_type_only_that_comes_again(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any
) -> None:
    endpoint, _ = await register(receiver.url, system=None)
    since = await now(workshop)
    raised = EscalationRaised(about=new_id(), trigger="urgent_finding", audit_id=None, gate_id=None)
    async with delivering():
        await record(of_no_case(), raised)
        await until_stored(workshop, SETTLED, id=endpoint, least=2)
        said = await replay(workshop, endpoint, since, event_type="escalation.raised")
        assert (said.queued, said.left) == (1, 0)
        await until(lambda: len(receiver.came) == 3)
    assert receiver.came[-1].message["type"] == "escalation.raised"
    async with workshop.open_as_service("test") as work:
        lane = "SELECT lane FROM deliveries WHERE endpoint_id = :id ORDER BY position DESC LIMIT 1"
        assert await ask(work, lane, id=endpoint) == "escalation"


async def test_what_waits_was_skipped_or_is_a_test_is_not_replayed(
    workshop: Workshop, receiver: Receiver, register: Any, record: Any, delivering: Any
) -> None:
    endpoint, _ = await register(receiver.url, system=None)
    since = await now(workshop)
    receiver.answer = lambda _: Answer(422)
    async with delivering():
        refused = await record(of_no_case())
        await until_stored(workshop, SETTLED, id=endpoint, least=1)
        async with workshop.open_as_service("test") as work:
            await service.test_endpoint(work, new_id(), endpoint)
        await until_stored(workshop, SETTLED, id=endpoint, least=2)
    skipped, _waiting = await record(of_no_case()), await record(of_no_case())
    async with workshop.open_as_service("test") as work:
        found = "SELECT id FROM deliveries WHERE event_id = :event"
        await service.skip_delivery(work, await ask(work, found, event=skipped), ANY)
    said = await replay(workshop, endpoint, since)
    assert (said.queued, said.left) == (1, 0)
    async with workshop.open_as_service("test") as work:
        twice = (
            "SELECT string_agg(event_id::text, ' ') FROM deliveries WHERE endpoint_id = :id"
            " AND replayed_as IS NOT NULL"
        )
        assert await ask(work, twice, id=endpoint) == str(refused)
        assert await ask(work, RECORDED, id=endpoint) == "1"


async def test_times_to_come_or_in_the_wrong_order_are_refused(
    workshop: Workshop, receiver: Receiver, register: Any
) -> None:
    endpoint, _ = await register(receiver.url, system=None)
    at = await now(workshop)
    for since, until_, named in (
        (at, at + LATER, [("/until", "in-the-future")]),
        (at + LATER, None, [("/since", "in-the-future")]),
        (at, at - LATER, [("/until", "order")]),
    ):
        with pytest.raises(Problem) as refusal:
            await replay(workshop, endpoint, since, until=until_)
        assert [(error.pointer, error.code) for error in refusal.value.errors] == named
    assert (await replay(workshop, endpoint, at, until=at)).queued == 0
    async with workshop.open_as_service("test") as work:
        assert await ask(work, RECORDED, id=endpoint) is None


# --- deleting ---


async def test_what_waits_for_a_deleted_endpoint_is_never_sent(
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint, _ = await register(receiver.url, system=None)
    kept, _ = await register(receiver.url, system=None)
    await record(of_no_case(), of_no_case(), of_no_case())
    monkeypatch.setattr(deleting, "AT_ONCE", 2)
    async with workshop.open_as_service("test") as work:
        await deleting.delete_endpoint(work, endpoint, ANY)
    states = "SELECT string_agg(state, ' ' ORDER BY state) FROM deliveries WHERE endpoint_id = :id"
    async with workshop.open_as_service("test") as work:
        assert await ask(work, states, id=endpoint) == "skipped skipped waiting"
        gone = await work.session.get_one(WebhookEndpoint, endpoint)
        assert (gone.secrets, gone.disabled_at == gone.deleted_at) == ([], True)
    async with workshop.open_as_service("test") as work:  # as the sweep does
        await deleting.skip_what_waits_for_deleted(work)
        assert await ask(work, states, id=endpoint) == "skipped skipped skipped"
    await record(of_no_case())
    async with delivering():
        await until_stored(workshop, SETTLED, id=kept, least=4)
    assert len(receiver.came) == 4
    async with workshop.open_as_service("test") as work:
        assert await ask(work, states, id=endpoint) == "skipped skipped skipped"


async def test_a_deleted_endpoint_stays_deleted_whoever_writes(
    workshop: Workshop, receiver: Receiver, register: Any
) -> None:
    endpoint, _ = await register(receiver.url, system=None)
    async with workshop.open_as_service("test") as work:
        await deleting.delete_endpoint(work, endpoint, ANY)
    undone = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint)
    with pytest.raises(Exception, match="stays so"):
        async with workshop.open_as_service("test") as work:
            await work.session.execute(undone.values(deleted_at=None))
