"""C2, trap 9: what is on record follows from what was told, never from when it came."""

from collections import Counter
from collections.abc import Callable
from itertools import permutations
from uuid import uuid4

import pytest
from hypothesis import given

from tests.api import Api
from tests.closures.orders import (
    AHEAD,
    EXEMPT,
    MERGED,
    NOT_SAID,
    NOW,
    PAST,
    Story,
    child,
    event,
    prepare,
    send,
    state,
    stories,
)
from tests.closures.sending import ALLOCATED, CLOSED, PROPOSED, REOPENED, RESTRICTED
from tests.conftest import Database
from tests.drill import share, stories_by_seed

EXAMPLES = share(12) or 7_000
"""How many orders are tried; `./dev drill order` tries 10,000 in all."""


@pytest.fixture
def api(own_authority: Api, made_ready: list[Api], at: Callable[[str], None]) -> Api:
    at(NOW)
    if not made_ready:
        prepare(own_authority)
        made_ready.append(own_authority)
    return own_authority


def in_order(api: Api, database: Database, story: Story, batches: list[list[int]]) -> Counter[str]:
    """What is on record when the events of a story came so."""
    run = f"R{uuid4().hex[:10]}"
    told = story.told(run)
    for numbers in batches:
        send(api, [told[number] for number in numbers])
    return state(database, run)


@pytest.mark.long
@stories_by_seed(EXAMPLES)
@given(stories())
def test_any_order_and_any_repetition_of_anything_ends_in_one_state(
    api: Api,
    own_database: Database,
    at: Callable[[str], None],
    story: tuple[Story, list[list[int]]],
) -> None:
    at(NOW)
    told, arrival = story
    as_told = [list(range(len(told.events)))]
    assert in_order(api, own_database, told, arrival) == in_order(api, own_database, told, as_told)


# --- the six, in all their orders ---

SIX = Story(
    (
        event(
            0,
            PROPOSED,
            episode_id="RUN-E1",
            source_version=1,
            occurred_at=PAST[0],
            subjects=[child("a"), child("b", role=NOT_SAID)],
            team="Lincoln Fast",
            closure={"reason_code": EXEMPT, "date": "2026-11-27"},
        ),
        event(
            1,
            CLOSED,
            episode_id="RUN-E1",
            source_version=2,
            occurred_at=AHEAD[1],
            subjects=[child("a", died_on="2026-11-01")],
            closure={"reason_code": "RC2"},
        ),
        event(
            2,
            REOPENED,
            episode_id="RUN-E1",
            source_version=3,
            occurred_at=PAST[2],
            subjects=[child("a", born_on="2015-03-09")],
            worker="smithj@x",
        ),
        event(3, MERGED, occurred_at=PAST[1], merge={"from": "RUN-b", "into": "RUN-a"}),
        event(
            4,
            ALLOCATED,
            occurred_at=PAST[2],
            subjects=[child("b")],
            allocation={"worker": "Smith.J"},
        ),
        event(
            5,
            RESTRICTED,
            occurred_at=PAST[2],
            subjects=[child("a")],
            restriction={"kind": "staff", "on": True},
        ),
    )
)
ORDERS = list(permutations(range(6)))


@pytest.mark.long
def test_a_written_six_ends_in_one_state_in_every_order(
    api: Api, own_database: Database, at: Callable[[str], None]
) -> None:
    at(NOW)
    step = max(1, len(ORDERS) // (2 * EXAMPLES))
    as_told = in_order(api, own_database, SIX, [[*range(6)]])
    assert any("restricted" in line or "closed_without_audit" in line for line in as_told)
    for order in ORDERS[::step]:
        assert in_order(api, own_database, SIX, [list(order)]) == as_told, order
