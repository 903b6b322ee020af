"""Long work lets others go on: each time it has held the loop for too long, and not before."""

import asyncio

import pytest

from qa_api import pauses
from qa_api.pauses import LONGEST_STRETCH_SECONDS, Pauses


class Clock:
    """A clock that stands until it is told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pauses, "perf_counter", made)
    return made


async def has_let_others_go_on(work: Pauses) -> bool:
    """Whether something that was ready went on within a pause."""
    went_on: list[bool] = []
    asyncio.get_running_loop().call_soon(went_on.append, True)
    await work.pause()
    found = bool(went_on)
    await asyncio.sleep(0)
    return found


@pytest.mark.parametrize(
    ("steps", "pauses_made"), [((0.0, 0.5, 0.4), [False] * 3), ((1.5,), [True])]
)
async def test_a_pause_comes_when_the_last_one_was_too_long_ago(
    clock: Clock, steps: tuple[float, ...], pauses_made: list[bool]
) -> None:
    work, found = Pauses(), []
    for step in steps:
        clock.now += step * LONGEST_STRETCH_SECONDS
        found.append(await has_let_others_go_on(work))
    assert found == pauses_made


async def test_after_a_pause_the_next_stretch_begins(clock: Clock) -> None:
    work = Pauses()
    clock.now += 2 * LONGEST_STRETCH_SECONDS
    assert await has_let_others_go_on(work)
    assert not await has_let_others_go_on(work)
    clock.now += 2 * LONGEST_STRETCH_SECONDS
    assert await has_let_others_go_on(work)
