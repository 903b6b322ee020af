"""No endpoint takes the room of another, however long it lets us wait."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from qa_api.models.base import new_id
from qa_api.webhooks import service
from qa_api.work import Workshop
from qa_api.worker.delivery import SLOTS
from tests.worker.conftest import of_no_case, until
from tests.worker.receiving import Received, Receiver, receiving


class Hanging:
    """A receiver that takes connections and answers none of them until it is let go."""

    def __init__(self) -> None:
        self.held = 0
        self.url = ""
        self.let_go = asyncio.Event()

    async def hold(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.held += 1
        await self.let_go.wait()
        writer.close()


@asynccontextmanager
async def hanging() -> AsyncIterator[Hanging]:
    """A receiver that hangs until the block ends."""
    made = Hanging()
    server = await asyncio.start_server(made.hold, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield made
    finally:
        made.let_go.set()
        server.close()


@pytest.mark.long
@pytest.mark.parametrize("how_many", [1, 3])
async def test_receivers_that_hang_take_no_place_of_one_that_answers(
    how_many: int,
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
) -> None:
    async with asyncio.timeout(120), hanging() as dead:
        for _ in range(how_many):
            await register(dead.url, system=None)
        await record(*(of_no_case() for _ in range(SLOTS + 8)))
        async with delivering(webhook_timeout_seconds=600, lease_seconds=600):
            await until(lambda: dead.held == how_many * SLOTS)
            await register(receiver.url, system=None)
            events = [of_no_case() for _ in range(40)]
            await record(*events)
            await until(lambda: len(receiver.came) == len(events))
            assert dead.held == how_many * SLOTS, "it holds its own places, and no more"
            dead.let_go.set()
    assert sorted(receiver.about()) == sorted(str(event.about) for event in events)


@pytest.mark.long
async def test_a_test_is_sent_while_all_places_of_its_endpoint_are_taken(
    workshop: Workshop, register: Any, record: Any, delivering: Any
) -> None:
    held = threading.Event()
    with receiving() as slow:

        def answer(request: Received) -> Any:
            if request.message["type"] != "webhook_endpoint.test":
                held.wait()
            return Receiver().answer(request)

        slow.answer = answer
        endpoint_id, _ = await register(slow.url, system=None)
        await record(*(of_no_case() for _ in range(SLOTS + 4)))
        try:
            async with delivering(webhook_timeout_seconds=600, lease_seconds=600):
                await until(lambda: len(slow.came) == SLOTS)
                async with workshop.open_as_service("test") as work:
                    await service.test_endpoint(work, new_id(), endpoint_id)
                await until(lambda: len(slow.came) == SLOTS + 1)
                assert slow.came[-1].message["type"] == "webhook_endpoint.test"
                held.set()
        finally:
            held.set()


@pytest.mark.long
async def test_a_name_that_does_not_resolve_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
    workshop: Workshop,
    receiver: Receiver,
    register: Any,
    record: Any,
    delivering: Any,
) -> None:
    answer, asked, let_go = socket.getaddrinfo, [], threading.Event()

    def resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host == "hangs.example.org":
            asked.append(host)
            let_go.wait()
            raise socket.gaierror
        return answer(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    port = receiver.url.rpartition(":")[2]
    await register("http://hangs.example.org/", system=None)
    await record(*(of_no_case() for _ in range(SLOTS)))
    try:
        async with delivering(
            webhook_targets=["http://hangs.example.org", "http://127.0.0.0/8"],
            webhook_timeout_seconds=600,
            lease_seconds=600,
        ):
            await until(lambda: bool(asked))
            # A name, so that it has to be resolved; to an address that is listed.
            await register(f"http://localhost:{port}", system=None)
            await record(*(of_no_case() for _ in range(20)))
            await until(lambda: len(receiver.came) == 20)
            let_go.set()
    finally:
        let_go.set()
    assert len(asked) == 1, "a name that is being asked for is not asked for again"
