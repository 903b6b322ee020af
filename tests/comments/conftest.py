"""Comments over the demo authority, on Monday 23 November 2026."""

from collections.abc import Callable

import pytest

from tests.api import Api
from tests.audits.auditing import Auditing, of_new_child
from tests.moderation.moderating import Moderating
from tests.moderation.months import Months
from tests.responses.casework import Service, casework, service

__all__ = ("case", "casework", "moderating", "service")


@pytest.fixture
def case(api: Api, new_ref: Callable[[], str], at: Callable[[str], None]) -> Auditing:
    """A child of Lincoln FAST, at half past nine."""
    at("2026-11-23T09:30:00Z")
    return of_new_child(api, new_ref)


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
