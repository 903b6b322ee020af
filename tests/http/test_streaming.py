"""What is sent in parts goes on as long as it is taken, however slowly."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from starlette.types import Message

from qa_api.http.connection import UNTAKEN
from qa_api.http.streaming import Streamed

PARTS = (b"one", b"two")
ROOM = 1_000_000


async def sent(untaken: list[int], waits: int) -> list[bytes]:
    """What is sent to a client for whose first part there is room after so many deadlines."""
    bodies: list[bytes] = []

    async def parts() -> AsyncGenerator[bytes]:
        for part in PARTS:
            yield part

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        nonlocal waits
        if message.get("body") and waits:
            waits -= 1
            await asyncio.Event().wait()
        bodies.append(message.get("body", b""))

    answer = Streamed(parts(), media_type="text/csv", head=dict, write_deadline_seconds=0.001)
    looks = iter(untaken)
    scope = {"type": "http", "headers": [], UNTAKEN: lambda: next(looks, 0)}
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
    assert await sent([ROOM, ROOM - taken], waits=1) == [b""]
