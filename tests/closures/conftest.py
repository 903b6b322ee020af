from collections.abc import Callable

import pytest

from tests.api import Api
from tests.closures.own_authority import made_ready, own_authority, own_database
from tests.closures.sending import Episode
from tests.closures.two_authorities import authorities, live_authorities, prepared_two, two
from tests.responses.casework import casework, service

__all__ = (
    "authorities",
    "casework",
    "live_authorities",
    "made_ready",
    "own_authority",
    "own_database",
    "prepared_two",
    "service",
    "two",
)


@pytest.fixture
def episode(api: Api, new_ref: Callable[[], str], at: Callable[[str], None]) -> Episode:
    """An episode of one child, on Monday 23 November 2026 at half past nine."""
    at("2026-11-23T09:30:00Z")
    return Episode(api, [new_ref()])
