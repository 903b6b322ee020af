from collections.abc import Callable

import pytest

from tests.api import Api
from tests.planning.quarters import Planning


@pytest.fixture
def planning(api: Api, new_ref: Callable[[], str], at: Callable[[str], None]) -> Planning:
    """Quality & Standards at their desk on Monday 23 November 2026."""
    at("2026-11-23T09:30:00Z")
    return Planning(api.as_("qs-1"), new_ref)
