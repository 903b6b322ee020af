"""Trap 1 and Trap 4: London's dates, and periods between London midnights."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.local_time import (
    FinancialQuarter,
    Month,
    end_of_local_day,
    last_day_before,
    local_date,
    quarters,
    start_of_local_day,
)

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type] # year, month, day, ...


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (utc(2024, 6, 13, 23, 30), date(2024, 6, 14)),  # half past midnight in London
        (utc(2024, 6, 13, 22, 59, 59), date(2024, 6, 13)),
        (utc(2024, 12, 13, 23, 30), date(2024, 12, 13)),
        (utc(2026, 3, 29, 0, 59), date(2026, 3, 29)),  # the clocks go forward
        (utc(2026, 10, 24, 23, 0), date(2026, 10, 25)),  # and back
        (utc(2026, 10, 25, 23, 59), date(2026, 10, 25)),
        (datetime(2024, 6, 14, 1, 0, tzinfo=timezone(timedelta(hours=9))), date(2024, 6, 13)),
    ],
)
def test_the_date_is_londons(instant: datetime, day: date) -> None:
    assert local_date(instant) == day


def test_an_instant_without_an_offset_has_no_date() -> None:
    with pytest.raises(ValueError, match="offset"):
        local_date(datetime(2024, 6, 13, 23, 30))  # noqa: DTZ001 # naive on purpose


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)],
)
def test_a_day_is_as_long_as_london_makes_it(day: date, hours: int) -> None:
    assert end_of_local_day(day) - start_of_local_day(day) == timedelta(hours=hours)


@given(DAYS)
def test_a_day_holds_its_first_instant_and_not_its_last(day: date) -> None:
    assert local_date(start_of_local_day(day)) == day
    assert local_date(end_of_local_day(day) - timedelta(microseconds=1)) == day
    assert local_date(end_of_local_day(day)) == day + timedelta(days=1)


@given(DAYS)
def test_what_is_over_at_midnight_was_over_with_the_day_before(day: date) -> None:
    midnight = start_of_local_day(day)
    assert last_day_before(midnight) == day - timedelta(days=1)
    assert last_day_before(midnight + timedelta(microseconds=1)) == day
    assert last_day_before(end_of_local_day(day)) == day


@pytest.mark.usefixtures("in_new_york")
def test_a_day_begins_at_an_instant_in_utc_wherever_the_process_runs() -> None:
    begins = start_of_local_day(date(2026, 6, 1))
    assert (begins, begins.tzinfo) == (utc(2026, 5, 31, 23), UTC)


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2026, 4, 1), "2026-27 Q1"),
        (date(2026, 6, 30), "2026-27 Q1"),
        (date(2026, 7, 1), "2026-27 Q2"),
        (date(2026, 12, 31), "2026-27 Q3"),
        (date(2027, 1, 1), "2026-27 Q4"),
        (date(2027, 3, 31), "2026-27 Q4"),
        (date(2099, 12, 31), "2099-00 Q3"),
    ],
)
def test_the_first_quarter_is_april_to_june(day: date, label: str) -> None:
    assert FinancialQuarter.of(day).label == label
    assert FinancialQuarter.labelled(label) == FinancialQuarter.of(day)


@pytest.mark.parametrize(
    "label",
    [
        "",
        "2026 Q1",
        "2026-28 Q1",
        "2026-27 Q5",
        "2026-27Q1",
        "2026-27 Q1 ",
        "2026-27 QX",
        "²026-27 Q1",
    ],
)
def test_another_label_is_no_quarter(label: str) -> None:
    with pytest.raises(ValueError, match="written like"):
        FinancialQuarter.labelled(label)


@pytest.mark.parametrize(
    ("label", "first"),
    [("2026-10", date(2026, 10, 1)), ("0001-02", date(1, 2, 1)), ("2099-12", date(2099, 12, 1))],
)
def test_a_month_is_labelled_with_four_digits_of_its_year(label: str, first: date) -> None:
    assert Month.labelled(label) == Month.of(first)
    assert Month.of(first).label == label


@pytest.mark.parametrize(
    "label",
    [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "1-01",
        "2026-1",
        "2026-10 ",
        "2026/10",
        "2026-x1",
        "²026-10",
    ],
)
def test_another_label_is_no_month(label: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.labelled(label)


def test_a_quarter_ends_at_londons_midnight_in_summer_time() -> None:
    quarter = FinancialQuarter(2026, 1)
    assert quarter.starts_at == utc(2026, 3, 31, 23)
    assert quarter.ends_at == utc(2026, 6, 30, 23)
    assert FinancialQuarter(2026, 3).ends_at == utc(2027, 1, 1)
    # 2026-27 Q4 begins in winter time and ends in summer time.
    assert FinancialQuarter(2026, 4).ends_at == utc(2027, 3, 31, 23)


@given(DAYS)
def test_periods_hold_their_days_and_meet_their_neighbours(day: date) -> None:
    quarter, month = FinancialQuarter.of(day), Month.of(day)
    assert quarter.starts_on <= day <= quarter.ends_on
    assert quarter.ends_at == quarter.next.starts_at
    assert quarter.next.previous == quarter
    assert month.starts_on <= day <= month.ends_on
    assert month.ends_at == month.next.starts_at
    assert month.next.previous == month
    assert quarter.starts_at <= month.starts_at < month.ends_at <= quarter.ends_at


def test_quarters_run_from_one_to_the_other() -> None:
    run = quarters(FinancialQuarter(2025, 4), FinancialQuarter(2026, 2))
    assert [q.label for q in run] == ["2025-26 Q4", "2026-27 Q1", "2026-27 Q2"]
    assert quarters(FinancialQuarter(2026, 2), FinancialQuarter(2026, 1)) == ()


def test_there_is_no_fifth_quarter_and_no_thirteenth_month() -> None:
    with pytest.raises(ValueError, match="quarter"):
        FinancialQuarter(2026, 5)
    with pytest.raises(ValueError, match="month"):
        Month(2026, 13)
