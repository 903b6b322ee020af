"""The committed calendar and the procedure's own policy, once for all rules."""

from datetime import date

import pytest

from qa_api.data import official_calendar_text
from qa_api.rules.calendar import Calendar, official_calendar
from qa_api.rules.policy import Policy


@pytest.fixture(scope="session")
def official() -> Calendar:
    return official_calendar(official_calendar_text())


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy(version=1, effective_from=date(2020, 1, 1))
