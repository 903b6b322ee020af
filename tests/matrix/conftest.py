"""One world for the whole walk, and the share of it that is walked."""

import random
from collections.abc import Callable, Iterator
from time import process_time

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.conftest import Database
from tests.drill import SEED, share
from tests.matrix.walk import Walk
from tests.matrix.world import World, at_half_past_nine, built

SHARE = share(2)
"""Of how many rows each person asks each operation, chosen by chance; 0: of all there are."""


@pytest.fixture(scope="session")
def world(
    clone: Callable[[], Database], authority: Settings, issuer: DevelopmentIssuer
) -> Iterator[World]:
    """Made once: real rows of every relation."""
    with built(clone, authority, issuer) as made:
        yield made


@pytest.fixture
def walk(world: World, record_property: Callable[[str, object], None]) -> Iterator[Walk]:
    """A walk at half past nine; the test says in the end that nothing was wrong."""
    with at_half_past_nine():
        walk, begun = Walk(world, random.Random(SEED), SHARE), process_time()
        yield walk
        record_property("cpu", process_time() - begun)
        record_property("asked", walk.asked)
        record_property("wrong", len(walk.wrong))
