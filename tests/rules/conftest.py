"""The committed calendar and the procedure's own policy, once for all rules."""

import time
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import settings

from qa_api.data import official_calendar_text
from qa_api.rules.calendar import Calendar, official_calendar
from qa_api.rules.policy import Policy

# A busy machine that pauses for a moment is not a broken rule.
settings.register_profile("rules", deadline=None)
settings.load_profile("rules")


@pytest.fixture(scope="session")
def official() -> Calendar:
    return official_calendar(official_calendar_text())


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy(version=1, effective_from=date(2020, 1, 1))


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process whose own time zone is not UTC."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
