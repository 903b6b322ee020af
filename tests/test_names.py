"""A name that does not resolve holds up no other name, and nobody's end."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from qa_api import names
from qa_api.names import PlainLoop, new_loop

LOOPS: Final[dict[str, Callable[[], asyncio.AbstractEventLoop]]] = {
    "plain": PlainLoop,
    "serving": new_loop,
}
MANY: Final = 40
"""More names than an event loop has threads."""
PLACE: Final = "db.example.org"


@dataclass
class Resolver:
    """Answers in place of the system's; names that hang do so until `let_go`."""

    hangs: bool = False
    fault: int | None = None
    asked: list[str] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)
    _came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def resolve(self, host: Any, *question: Any) -> Any:
        self.asked.append(host)
        self._came.release()
        if self.hangs or host.startswith("hangs"):
            self.let_go.wait()
        if self.fault is not None:
            raise socket.gaierror(self.fault, "as asked for")
        port, _family, kind, *_ = question
        return [(socket.AF_INET, kind, 6, "", ("127.0.0.1", port))]

    def until_asked(self, times: int) -> None:
        """Wait until it was asked so often."""
        for _ in range(times):
            self._came.acquire()


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    made = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", made.resolve)
    yield made
    made.let_go.set()


async def listening() -> asyncio.Server:
    """Somebody at 127.0.0.1 to whom connections are made."""
    return await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)


async def connected(place: asyncio.Server) -> None:
    """A connection to the name of it is made, and is closed."""
    port = place.sockets[0].getsockname()[1]
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, PLACE, port)
    transport.close()


@pytest.mark.parametrize("loop", LOOPS)
def test_names_that_hang_hold_up_no_other_and_nobodys_end(resolver: Resolver, loop: str) -> None:
    async def ask() -> Any:
        asking = asyncio.get_running_loop()
        hanging = [
            asyncio.ensure_future(asking.getaddrinfo(f"hangs-{number % MANY}", 1))
            for number in range(2 * MANY)
        ]
        await asyncio.to_thread(resolver.until_asked, MANY)
        found = await asking.getaddrinfo(PLACE, 443, type=socket.SOCK_STREAM)
        assert not any(one.done() for one in hanging)
        return found

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        ((*_, address),) = runner.run(ask())
    assert address == ("127.0.0.1", 443)
    assert len(resolver.asked) == MANY + 1, "a name that is being asked for is not asked for again"


@pytest.mark.parametrize("loop", LOOPS)
def test_a_connection_is_made_to_where_a_name_was_while_no_resolver_answers(
    resolver: Resolver, loop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "KNOWN_AFTER", 0.01)

    async def connect() -> None:
        async with await listening() as place:
            await connected(place)
            resolver.fault = socket.EAI_AGAIN
            await connected(place)
            resolver.fault, resolver.hangs = None, True
            await connected(place)

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(connect())
    assert resolver.asked == 3 * [PLACE]


def test_a_name_that_is_gone_is_nowhere(resolver: Resolver) -> None:
    async def connect() -> None:
        async with await listening() as place:
            await connected(place)
            resolver.fault = socket.EAI_NONAME
            with pytest.raises(socket.gaierror):
                await connected(place)

    with asyncio.Runner(loop_factory=PlainLoop) as runner:
        runner.run(connect())


def test_who_never_said_where_a_name_is_leaves_the_caller_a_fault(resolver: Resolver) -> None:
    async def connect() -> None:
        async with await listening() as place:
            resolver.fault = socket.EAI_AGAIN
            with pytest.raises(socket.gaierror):
                await connected(place)

    with asyncio.Runner(loop_factory=PlainLoop) as runner:
        runner.run(connect())
