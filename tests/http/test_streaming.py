"""What is sent in parts goes on as long as it is taken, however slowly."""

import asyncio
from collections.abc import AsyncGenerator

import asyncpg
import pytest
from starlette.types import Message

from qa_api import problems
from qa_api.http.connection import BREAK_OFF, UNTAKEN
from qa_api.http.streaming import Streamed

PARTS = (b"one", b"two")
ROOM = 1_000_000


BROKEN_OFF = b"broken off"


async def parts_of(*made: bytes | Exception) -> AsyncGenerator[bytes]:
    for part in made:
        if isinstance(part, Exception):
            raise part
        yield part


async def sent(
    untaken: list[int], waits: int, parts: AsyncGenerator[bytes] | None = None
) -> list[bytes]:
    """What is sent to a client for whose first part there is room after so many deadlines."""
    bodies: list[bytes] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        nonlocal waits
        if message.get("body") and waits:
            waits -= 1
            await asyncio.Event().wait()
        bodies.append(message.get("body", b""))

    made = parts or parts_of(*PARTS)
    answer = Streamed(made, media_type="text/csv", head=dict, write_deadline_seconds=0.001)
    looks = iter(untaken)
    scope = {"type": "http", "headers": [], UNTAKEN: lambda: next(looks, 0)}
    scope[BREAK_OFF] = lambda: bodies.append(BROKEN_OFF)
    await answer(scope, receive, send)
    return bodies


@pytest.mark.anyio
async def test_a_client_that_takes_what_the_system_holds_is_sent_the_rest() -> None:
    # Asked before and after each wait: it takes a tenth of a megabyte each time.
    left = [ROOM - 100_000 * (look // 2 + look % 2) for look in range(8)]
    assert await sent(left, waits=3) == [b"", *PARTS, b""]


@pytest.mark.anyio
@pytest.mark.parametrize("taken", [0, 1, 65_535])
async def test_who_takes_next_to_nothing_is_cut_off(taken: int) -> None:
    assert await sent([ROOM, ROOM - taken], waits=1) == [b"", BROKEN_OFF]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (asyncpg.InterfaceError("gone"), "InterfaceError"),
        (TimeoutError(), "TimeoutError"),
        (problems.unavailable(), "unavailable"),
        (problems.forbidden("Not any more."), "forbidden"),
    ],
)
async def test_what_is_refused_after_the_first_part_is_broken_off_and_told_in_the_log(
    fault: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert await sent([], 0, parts_of(b"one", fault)) == [b"", b"one", BROKEN_OFF]
    assert [(each.levelname, each.getMessage()) for each in caplog.records] == [
        ("WARNING", f"a download was broken off: {said}")
    ]


@pytest.mark.anyio
async def test_what_is_refused_before_the_first_part_is_left_to_be_answered() -> None:
    with pytest.raises(problems.Problem):
        await sent([], 0, parts_of(problems.unavailable()))


@pytest.mark.anyio
async def test_a_fault_of_the_program_in_the_middle_is_the_gates() -> None:
    with pytest.raises(ZeroDivisionError):
        await sent([], 0, parts_of(b"one", ZeroDivisionError()))
