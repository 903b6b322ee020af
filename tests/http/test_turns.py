"""Places are given back whatever happens, and nobody waits for one without end."""

import asyncio

import pytest

from qa_api.http.turns import Turns
from qa_api.problems import Problem


async def test_a_wait_for_a_place_ends_with_503_and_is_noticed_until_one_is_given_back() -> None:
    turns = Turns(1, patience_seconds=0.01)
    async with turns.taken():
        assert not turns.stand_still
        with pytest.raises(Problem) as refused:
            async with turns.taken():
                raise AssertionError("there is only one place")
        assert refused.value.status == 503
        assert int(refused.value.headers["Retry-After"]) > 0
        assert turns.stand_still
    assert not turns.stand_still
    async with turns.taken():
        pass


async def test_a_place_is_given_back_when_its_holder_fails_or_is_cancelled() -> None:
    turns = Turns(1, patience_seconds=5)
    with pytest.raises(ZeroDivisionError):
        async with turns.taken():
            raise ZeroDivisionError
    taken = asyncio.Event()

    async def hold() -> None:
        async with turns.taken():
            taken.set()
            await asyncio.Event().wait()

    holder = asyncio.create_task(hold())
    await taken.wait()
    waiter = asyncio.create_task(hold())
    await asyncio.sleep(0)
    for task in (waiter, holder):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with turns.taken():
        assert not turns.stand_still
