"""A database of the worker's own, a receiver, and couriers that run while a test does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Interval, bindparam, text, update

from qa_api import clock
from qa_api import db as connections
from qa_api.auth.development import DevelopmentIssuer
from qa_api.events import Event, ResponseAccepted
from qa_api.models.base import new_id
from qa_api.models.deliveries import WebhookEndpoint
from qa_api.notices import listen
from qa_api.reactions import REACTIONS
from qa_api.rulebook import Rulebook
from qa_api.settings import Settings
from qa_api.subjects.service import register_subject
from qa_api.webhooks import outbox
from qa_api.webhooks.outbox import CHANNEL, LANES
from qa_api.webhooks.schemas import SENT_TYPES
from qa_api.webhooks.signing import first_secret, new_secret
from qa_api.work import Work, Workshop
from qa_api.worker.delivery import Courier
from qa_api.worker.sending import Sender
from tests.conftest import Clone, Database, settings_for, told
from tests.worker.receiving import Receiver, receiving

Look = Callable[[int], Awaitable[list[UUID]]]
"""Writes so many lines of the access log; gives their ids."""
PATIENCE = 60.0
"""Seconds after which something that should happen is taken to have failed."""


@pytest.fixture(scope="session")
def worker_database(clone_of_authority: Clone) -> Database:
    """A clone that no other test's deliveries are in."""
    return clone_of_authority()


@pytest.fixture(scope="session")
def settings(worker_database: Database, issuer: DevelopmentIssuer) -> Settings:
    """The settings of a worker; its database holds the demo authority."""
    return settings_for(worker_database, issuer)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes everything until it is told otherwise."""
    with receiving() as made:
        yield made


@pytest.fixture(scope="module")
async def connected(settings: Settings) -> AsyncIterator[connections.Database]:
    """The connections of a module's tests: each new one would plan every statement anew."""
    database = await connections.Database.open(settings)
    yield database
    await database.close()


@pytest.fixture
async def workshop(connected: connections.Database) -> AsyncIterator[Workshop]:
    """Work of this test; what it leaves undelivered disturbs no other."""
    made = Workshop(connected, Rulebook(), REACTIONS)
    try:
        yield made
    finally:
        clock.reset()
        async with made.open_as_service("test") as work:
            left = update(WebhookEndpoint).where(WebhookEndpoint.deleted_at.is_(None))
            await work.session.execute(left.values(disabled_at=work.now))
            await work.record(told())


class Register(Protocol):
    """Registers an endpoint and gives its id and secret."""

    async def __call__(
        self, url: str, *, system: str | None = "mosaic", types: Sequence[str] = SENT_TYPES
    ) -> tuple[UUID, str]: ...


@pytest.fixture
def register(workshop: Workshop) -> Register:
    """Endpoints that receive every type, unless a test names its own."""

    async def make(
        url: str, *, system: str | None = "mosaic", types: Sequence[str] = SENT_TYPES
    ) -> tuple[UUID, str]:
        endpoint_id, secret = new_id(), new_secret()
        async with workshop.open_as_service("test") as work:
            work.session.add(
                WebhookEndpoint(
                    id=endpoint_id,
                    system=system,
                    url=url,
                    event_types=list(types),
                    secrets=first_secret(secret),
                )
            )
            await work.record(told())
        return endpoint_id, secret

    return make


@pytest.fixture
def record(workshop: Workshop) -> Callable[..., Awaitable[UUID]]:
    """Records events, each in a transaction of its own; gives the last one's id."""

    async def make(*events: Event) -> UUID:
        for event in events:
            async with workshop.open_as_service("test") as work:
                event_id = await work.record(event)
        return event_id

    return make


@pytest.fixture
def child(workshop: Workshop, new_ref: Any) -> Any:
    """Registers a child of the case system; gives its id and reference."""

    async def make() -> tuple[UUID, str]:
        ref = new_ref()
        async with workshop.open_as_service("test") as work:
            subject = await register_subject(work, "mosaic", ref, "child")
            return subject.id, ref

    return make


@pytest.fixture
def delivering(
    workshop: Workshop, settings: Settings
) -> Callable[..., AbstractAsyncContextManager[list[Courier]]]:
    """Couriers of both lanes that run while the block does, woken as in the worker."""

    @asynccontextmanager
    async def run(**changed: Any) -> AsyncIterator[list[Courier]]:
        used = settings.model_copy(update=changed)
        async with Sender.open(used) as sender:
            couriers = [
                Courier(workshop, sender, lane, lease_seconds=used.lease_seconds) for lane in LANES
            ]

            def wake() -> None:
                for courier in couriers:
                    courier.wake()

            tasks = [asyncio.create_task(courier.run()) for courier in couriers]
            tasks.append(asyncio.create_task(listen(used, CHANNEL, wake)))
            try:
                yield couriers
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)

    return run


def accepted(subject: UUID) -> ResponseAccepted:
    """An ordinary event about a child."""
    return ResponseAccepted(about=new_id(), subject=subject, audit_id=new_id(), round=1)


def of_no_case() -> ResponseAccepted:
    """An ordinary event that waits for no other, since it is about no child."""
    return ResponseAccepted(about=new_id(), audit_id=new_id(), round=1)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so; fail when it never is."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 - it comes true in another thread
            await asyncio.sleep(0.01)


async def until_stored(workshop: Workshop, question: str, **values: Any) -> Any:
    """Ask the database until it answers with something; returns that."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with workshop.open_as_service("test") as work:
                if (answer := await ask(work, question, **values)) is not None:
                    return answer
            await asyncio.sleep(0.02)


async def ask(work: Work, question: str, **values: Any) -> Any:
    """One value from the database."""
    return (await work.session.execute(text(question), values)).scalar()


async def pass_time(workshop: Workshop, time: timedelta) -> None:
    """Let time pass for the queue: what was to come, or had been, is that much earlier."""
    async with workshop.open_as_service("test") as work:
        await work.session.execute(
            text(
                "UPDATE deliveries SET due_at = due_at - :time,"
                " leased_until = leased_until - :time, attempted_at = attempted_at - :time,"
                " failing_since = failing_since - :time, alone_since = alone_since - :time"
            ).bindparams(bindparam("time", time, Interval)),
        )
        await outbox.wake(work)


def start_at(instant: str) -> None:
    """Freeze the clock until the test ends or moves it on."""
    clock.freeze(datetime.fromisoformat(instant))


LOOKED = """
INSERT INTO access_log (id, at, principal_id, correlation_id, operation, subject_ids, detail)
VALUES ($1, clock_timestamp(), gen_random_uuid(), 'qa-test', 'get_audit', $2, $3)
"""


@pytest.fixture
async def looked(worker_database: Database, settings: Settings) -> Look:
    """Writes lines as the readers' role does, each in a transaction of its own; gives their ids."""

    async def write(count: int) -> list[UUID]:
        reader = await asyncpg.connect(worker_database.read_url)
        try:
            ids = [new_id() for _ in range(count)]
            for number, id_ in enumerate(ids):
                detail = '{"rows": 3}' if number % 2 else None
                await reader.execute(LOOKED, id_, [new_id(), new_id()], detail)
            return ids
        finally:
            await reader.close()

    return write
