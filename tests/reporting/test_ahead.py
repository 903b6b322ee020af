"""Two lines of the access log are on their way at a time, and no part goes out before its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from qa_api.reporting.ahead import one_ahead

PARTS = 5


class Log:
    """A log whose lines become durable when the test says so."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.durable = [asyncio.Event() for _ in range(PARTS)]
        self.done: list[int] = []

    async def line(self, number: int) -> int:
        self.begun.append(number)
        await self.durable[number].wait()
        self.done.append(number)
        return number


async def numbers() -> AsyncIterator[int]:
    for number in range(PARTS):
        yield number


async def settled() -> None:
    """Let all that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_two_lines_are_on_their_way_and_no_part_goes_out_before_its_own_is_durable() -> None:
    log = Log()
    async with aclosing(one_ahead(numbers(), log.line, lambda: True)) as parts:
        first = asyncio.create_task(anext(parts))
        await settled()
        assert log.begun == [0, 1]
        log.durable[1].set()
        await settled()
        assert log.done == [1]
        assert not first.done()
        log.durable[0].set()
        assert await first == 0
        assert await anext(parts) == 1
        for durable in log.durable:
            durable.set()
        assert [part async for part in parts] == [2, 3, 4]


async def test_while_people_ask_one_line_is_on_its_way() -> None:
    log = Log()
    async with aclosing(one_ahead(numbers(), log.line, lambda: False)) as parts:
        for number in range(PARTS):
            taken = asyncio.create_task(anext(parts))
            await settled()
            assert log.begun == list(range(number + 1))
            log.durable[number].set()
            assert await taken == number


async def test_behind_a_line_that_fails_nothing_goes_out_and_what_is_begun_ends() -> None:
    log = Log()

    async def line(number: int) -> int:
        if number == 1:
            raise ConnectionError
        return await log.line(number)

    for durable in log.durable:
        durable.set()
    parts = one_ahead(numbers(), line, lambda: True)
    assert await anext(parts) == 0
    with pytest.raises(ConnectionError):
        await anext(parts)
    assert log.done == [0, 2]
    with pytest.raises(StopAsyncIteration):
        await anext(parts)


async def test_whoever_takes_no_more_leaves_no_line_half_written() -> None:
    log = Log()
    parts = one_ahead(numbers(), log.line, lambda: True)
    log.durable[0].set()
    assert await anext(parts) == 0
    closing = asyncio.create_task(parts.aclose())
    await settled()
    assert not closing.done()
    log.durable[1].set()
    await closing
    assert log.begun == log.done == [0, 1]
