"""Moderation over the demo authority; each test has months of its own, before all others."""

from collections.abc import Callable

import pytest

from tests.api import Api
from tests.moderation.moderating import Moderating
from tests.moderation.months import Months
from tests.responses.casework import Service, casework, service

__all__ = ["casework", "moderating", "service"]


@pytest.fixture
def moderating(
    service: Service,
    api: Api,
    new_ref: Callable[[], str],
    at: Callable[[str], None],
    months: Months,
) -> Moderating:
    """Audits of long ago, and their moderation."""
    return Moderating(service, api, new_ref, at, months)
