"""One world for the whole walk, and the share of it that is walked."""

import random
from collections.abc import Callable, Iterator, Mapping

import pytest

from qa_api.auth.development import DevelopmentIssuer
from qa_api.settings import Settings
from tests.conftest import Database
from tests.drill import SEED, share
from tests.matrix.near import Model
from tests.matrix.shown import Shows
from tests.matrix.walk import Walk
from tests.matrix.world import PEOPLE, World, at_half_past_nine, built

SHARE = share(1)
"""Of how many rows each person asks each operation, chosen by chance; 0: of all there are."""


@pytest.fixture(scope="session")
def world(
    clone_of_authority: Callable[[], Database], authority: Settings, issuer: DevelopmentIssuer
) -> Iterator[World]:
    """Made once: real rows of every relation."""
    with built(clone_of_authority, authority, issuer) as made:
        yield made


@pytest.fixture(scope="session")
def people(world: World) -> Mapping[str, Shows]:
    """Everybody, with what the table shows them of the rows as they were made."""
    model = Model(world.tables())
    return {name: Shows(model, model.person(name)) for name in PEOPLE}


@pytest.fixture
def walk(
    world: World, people: Mapping[str, Shows], record_property: Callable[[str, object], None]
) -> Iterator[Walk]:
    """A walk at half past nine; the test says in the end that nothing was wrong."""
    with at_half_past_nine():
        model = people[PEOPLE[0]].model
        yield Walk(world, model, people, random.Random(SEED), SHARE, record_property)
