"""When a failed delivery is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.worker.schedule import is_exhausted, retry_after
from qa_api.worker.sending import read_retry_after

ANSWERED_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("attempts", "delay"),
    [
        (1, timedelta(seconds=5)),
        (2, timedelta(minutes=5)),
        (3, timedelta(minutes=30)),
        (4, 2 * HOUR),
        (5, 5 * HOUR),
        (6, 10 * HOUR),
        (7, 14 * HOUR),
        (8, 20 * HOUR),
        (9, 24 * HOUR),
        (10, 24 * HOUR),
        (11, 24 * HOUR),
        (1_000, 24 * HOUR),
    ],
)
def test_the_schedule_is_the_contracts_and_never_ends(attempts: int, delay: timedelta) -> None:
    assert retry_after(attempts, jitter=0) == delay


@given(attempts=st.integers(1, 50), jitter=st.floats(0, 1, exclude_max=True))
def test_jitter_only_ever_adds_a_little(attempts: int, jitter: float) -> None:
    exact = retry_after(attempts, jitter=0)
    assert exact <= retry_after(attempts, jitter=jitter) <= exact * 1.1


def test_a_receiver_may_ask_for_a_longer_wait_but_not_for_more_than_a_day() -> None:
    def waits(asked: timedelta) -> timedelta:
        return retry_after(1, jitter=0, asked=asked)

    assert waits(timedelta(minutes=10)) == timedelta(minutes=10)
    assert waits(timedelta(days=30)) == timedelta(days=1)
    assert waits(timedelta(seconds=1)) == timedelta(seconds=5)
    assert waits(timedelta(days=-3)) == timedelta(seconds=5)


def test_the_schedule_is_exhausted_with_its_tenth_attempt() -> None:
    assert [is_exhausted(attempts) for attempts in (1, 9, 10, 11)] == [False, False, True, True]


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        (None, None),
        ("120", timedelta(seconds=120)),
        ("Mon, 23 Nov 2026 10:30:00 GMT", HOUR),
        ("soon", None),
        ("-5", None),
        ("9" * 400, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(
    header: str | None, asked: timedelta | None
) -> None:
    assert read_retry_after(header, ANSWERED_AT) == asked
