"""What a receiver's answer is about, and when a message that fails alone is set aside."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.deliveries import (
    Meaning,
    alone_since,
    is_to_be_parked,
    meaning_of,
    until_parked,
)

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
minutes = st.integers(0, 9 * 24 * 60)


@pytest.mark.parametrize(
    ("meaning", "statuses"),
    [
        (Meaning.TAKEN, [200, 201, 202, 204, 299]),
        (Meaning.REFUSED, [400, 409, 413, 422]),
        (Meaning.GONE, [410]),
        # Whoever set the endpoint up is told: the address moved, or its credentials are wrong.
        (Meaning.MISCONFIGURED, [300, 301, 308, 401, 403, 404, 405, 415, 451, 499]),
        (Meaning.NOT_NOW, [100, 199, 408, 421, 425, 429, 500, 502, 503, 504, 599]),
    ],
)
def test_a_status_is_about_the_message_the_endpoint_or_this_moment(
    meaning: Meaning, statuses: list[int]
) -> None:
    assert {status: meaning_of(status) for status in statuses} == dict.fromkeys(statuses, meaning)


def test_without_an_answer_it_is_tried_again_unless_the_address_is_not_allowed() -> None:
    assert meaning_of(None) is meaning_of(None, "timeout") is Meaning.NOT_NOW
    assert meaning_of(None, "target_not_allowed") is Meaning.MISCONFIGURED


def alone(
    before: datetime | None,
    *,
    tried: datetime | None = NOW - 10 * MINUTE,
    took_others: timedelta | None = None,
    failed_others: bool = False,
) -> datetime | None:
    return alone_since(
        before, NOW, tried_at=tried, took_others_for=took_others, failed_others=failed_others
    )


def test_a_first_failure_singles_out_no_message() -> None:
    assert alone(None, tried=None, took_others=HOUR) is None


@pytest.mark.parametrize("before", [None, NOW - HOUR])
def test_while_an_endpoint_takes_nothing_no_message_fails_alone(before: datetime | None) -> None:
    """An outage; if the message failed alone before it, its time begins anew."""
    assert alone(before, failed_others=True) is None


def test_where_nobody_asked_the_endpoint_for_anything_else_the_time_stands_still() -> None:
    assert alone(None) is None
    assert alone(NOW - HOUR, tried=NOW - 10 * MINUTE) == NOW - 50 * MINUTE


@pytest.mark.parametrize("failed_others", [True, False])
def test_only_the_time_counts_in_which_the_endpoint_was_seen_to_take_others(
    failed_others: bool,
) -> None:
    first = alone(None, took_others=4 * MINUTE, failed_others=failed_others)
    assert first == NOW - 4 * MINUTE
    more = alone(NOW - HOUR, took_others=4 * MINUTE, failed_others=failed_others)
    assert more == NOW - 54 * MINUTE


@given(minutes, minutes, minutes)
def test_time_alone_grows_by_as_much_as_the_endpoint_was_seen_to_take_others(
    counted: int, since_try: int, took_others: int
) -> None:
    tried = NOW - since_try * MINUTE
    found = alone(tried - counted * MINUTE, tried=tried, took_others=took_others * MINUTE)
    assert found is not None
    assert NOW - found == (counted + took_others) * MINUTE


@pytest.mark.parametrize(
    ("since", "parked", "wait"),
    [
        (None, False, None),
        (NOW, False, 24 * HOUR),
        (NOW - 23 * HOUR, False, HOUR),
        (NOW - 24 * HOUR + timedelta(seconds=2), False, timedelta(seconds=5)),
        (NOW - 24 * HOUR, True, timedelta(seconds=5)),
        (NOW - 90 * HOUR, True, timedelta(seconds=5)),
    ],
)
def test_a_message_that_fails_alone_for_the_policys_hours_is_set_aside(
    since: datetime | None, parked: bool, wait: timedelta | None
) -> None:
    """Until then it is tried a last time, and never at once: there are five seconds between."""
    assert is_to_be_parked(since, NOW, 24) is parked
    assert until_parked(since, NOW, 24) == wait
