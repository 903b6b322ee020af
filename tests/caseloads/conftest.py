from collections.abc import Callable

import pytest

from tests.api import Api
from tests.caseloads.sending import Caseloads


@pytest.fixture
def caseloads(api: Api, new_ref: Callable[[], str], at: Callable[[str], None]) -> Caseloads:
    """A case system and Quality & Standards on the morning after the day of the caseload."""
    caseloads = Caseloads(api.as_("case-system-mosaic"), api.as_("qs-1"), new_ref)
    at(caseloads.morning_after)
    return caseloads
