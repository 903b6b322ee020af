"""What leaves whole against the written table: datasets by rows and columns, messages by fields."""

import asyncio
from collections.abc import Iterator

import pytest

from qa_api.reporting.datasets import DATASETS
from tests.matrix.leaving import Message, Pulling, Telling, endpoints, sent, undone
from tests.matrix.test_writing import differing, kept
from tests.matrix.walk import OVERSEER, Walk
from tests.matrix.world import PEOPLE, World
from tests.worker.receiving import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def test_a_dataset_holds_the_rows_that_the_table_gives_it_whoever_pulls_it(walk: Walk) -> None:
    pulling = Pulling(walk)
    for name in DATASETS:
        # Who may pull, and who may not.
        a_few = (walk.chance.choice(("reporting-1", OVERSEER)), walk.chance.choice(PEOPLE))
        for person in a_few if walk.share else walk.people:
            pulling.whole(person, name)
    walk.hold(len(DATASETS))


def test_another_s_place_or_token_or_a_day_tells_no_more_of_a_dataset(walk: Walk) -> None:
    pulling = Pulling(walk)
    for name in walk.some([*DATASETS], of_the_suite=8):
        others = walk.some(sorted(set(walk.people) - {"reporting-1"}))
        for person in ("reporting-1", *others):
            pulling.round_a_corner(person, name)
    walk.hold(5)


def test_each_endpoint_is_sent_what_the_table_gives_it_and_nothing_else(
    walk: Walk, world: World, receiver: Receiver
) -> None:
    telling, to, before = Telling(walk), endpoints(), kept(world)
    settings = world.settings

    async def all_of_it() -> list[Message]:
        async with undone(settings) as work:
            return await sent(work, settings, receiver, to, [*telling.events])

    telling.hold(to, asyncio.run(all_of_it()))
    walk.hold(20)
    assert len({event["type"] for event in telling.events.values()}) >= 10
    assert differing(before, kept(world)) == {}
