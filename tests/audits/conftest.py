from collections.abc import Callable

import pytest

from tests.api import Api
from tests.audits.auditing import Auditing, of_new_child
from tests.subjects.conftest import restrict

__all__ = ("case", "restrict")


@pytest.fixture
def case(api: Api, new_ref: Callable[[], str], at: Callable[[str], None]) -> Auditing:
    """A child of Lincoln FAST, on Monday 23 November 2026 at half past nine."""
    at("2026-11-23T09:30:00Z")
    return of_new_child(api, new_ref)
