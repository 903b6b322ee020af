"""R4.1.9: until when a worker adds their own view."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from qa_api.rules.own_view import check_own_view
from qa_api.rules.policy import Policy
from tests.rules.refusing import Refusal, refusal

POLICY = replace(Policy(version=1, effective_from=date(2020, 1, 1)), own_view_days=28)
TOLD = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
TOO_LATE = Refusal("too-late", "R4.1.9")


def refused(
    told: datetime | None, today: date, *, response: bool = False, closed: bool = True
) -> Refusal | None:
    return refusal(check_own_view, told, today, POLICY, asks_for_response=response, closed=closed)


@pytest.mark.parametrize("response", [True, False])
@pytest.mark.parametrize("closed", [True, False])
def test_nobody_writes_a_view_of_an_audit_that_they_were_not_told_of(
    response: bool, closed: bool
) -> None:
    told = refused(None, date(2026, 11, 2), response=response, closed=closed)
    assert told == Refusal("not-notified-yet", "R4.1.9")


@pytest.mark.parametrize("days", [0, 1, 28, 29, 4000])
def test_what_asks_for_a_response_takes_a_view_until_it_closes(days: int) -> None:
    today = TOLD.date() + timedelta(days=days)
    assert refused(TOLD, today, response=True, closed=False) is None
    assert refused(TOLD, today, response=True, closed=True) == Refusal("closed", "R4.1.9")


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize(
    ("today", "told"),
    [
        (date(2026, 11, 2), None),
        (date(2026, 11, 30), None),  # the day of the notification is not counted
        (date(2026, 12, 1), TOO_LATE),
        (date(2027, 11, 2), TOO_LATE),
    ],
)
def test_what_is_for_information_takes_a_view_for_the_policys_days(
    today: date, told: Refusal | None, closed: bool
) -> None:
    assert refused(TOLD, today, closed=closed) == told


def test_the_days_are_counted_from_londons_day_of_the_notification() -> None:
    """At 23:30 UTC in June it is the next day in London."""
    summer = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    assert refused(summer, date(2026, 6, 30)) is None
    assert refused(summer, date(2026, 7, 1)) == TOO_LATE
