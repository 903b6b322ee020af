"""R4.2.1 and Trap 1: working days in England and Wales, and the calendar's horizon."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.calendar import (
    CALENDAR_UNKNOWN,
    Calendar,
    merge,
    official_calendar,
    title_of,
)
from qa_api.rules.decision import RuleRefused

WELL_INSIDE = st.dates(date(2012, 1, 1), date(2027, 6, 30))
A_FEW = st.integers(0, 250)


def counted_one_by_one(calendar: Calendar, start: date, days: int) -> date:
    day = start
    while days:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in calendar.holidays:
            days -= 1
    return day


@pytest.mark.parametrize(
    ("start", "days", "due_on"),
    [
        (date(2026, 12, 24), 5, date(2027, 1, 5)),
        (date(2026, 11, 20), 5, date(2026, 11, 27)),  # a Friday
        (date(2026, 11, 21), 5, date(2026, 11, 27)),  # a Saturday as day 0
        (date(2026, 12, 25), 1, date(2026, 12, 29)),  # a bank holiday as day 0
        (date(2024, 3, 28), 1, date(2024, 4, 2)),  # Easter
        (date(2022, 9, 16), 1, date(2022, 9, 20)),  # the State Funeral
        (date(2026, 11, 22), 0, date(2026, 11, 22)),
    ],
)
def test_working_days_are_counted_from_day_0(
    official: Calendar, start: date, days: int, due_on: date
) -> None:
    assert official.add_working_days(start, days) == due_on


def test_five_working_days_are_neither_120_hours_nor_calendar_days(official: Calendar) -> None:
    start = date(2026, 11, 20)
    assert official.add_working_days(start, 5) != start + timedelta(hours=120)


@given(start=WELL_INSIDE, days=A_FEW)
def test_the_look_up_counts_as_a_person_would(official: Calendar, start: date, days: int) -> None:
    assert official.add_working_days(start, days) == counted_one_by_one(official, start, days)


@given(start=WELL_INSIDE, days=A_FEW)
def test_adding_and_counting_between_are_inverse(
    official: Calendar, start: date, days: int
) -> None:
    end = official.add_working_days(start, days)
    assert official.working_days_between(start, end) == days
    assert official.working_days_between(end, start) == -days
    assert days == 0 or official.is_working_day(end)


@given(start=WELL_INSIDE, first=A_FEW, second=st.integers(0, 20))
def test_adding_in_two_steps_is_adding_once(
    official: Calendar, start: date, first: int, second: int
) -> None:
    once = official.add_working_days(start, first + second)
    assert official.add_working_days(official.add_working_days(start, first), second) == once


@given(start=WELL_INSIDE, days=st.integers(0, 30))
def test_the_explanation_shows_every_day_once(official: Calendar, start: date, days: int) -> None:
    steps = official.explain_addition(start, days)
    assert steps[0].date == start
    assert steps[-1].date == official.add_working_days(start, days)
    assert [step.date for step in steps] == [start + timedelta(days=n) for n in range(len(steps))]
    assert sum(step.counted for step in steps) == days
    assert all(step.counted == official.is_working_day(step.date) for step in steps[1:])


def test_the_explanation_says_why_days_are_skipped(official: Calendar) -> None:
    steps = official.explain_addition(date(2026, 12, 24), 5)
    assert [(step.date.isoformat(), step.counted, step.reason) for step in steps] == [
        ("2026-12-24", False, "Day 0"),
        ("2026-12-25", False, "Bank holiday: Christmas Day"),
        ("2026-12-26", False, "Saturday"),
        ("2026-12-27", False, "Sunday"),
        ("2026-12-28", False, "Bank holiday: Boxing Day (substitute day)"),
        ("2026-12-29", True, "Working day 1"),
        ("2026-12-30", True, "Working day 2"),
        ("2026-12-31", True, "Working day 3"),
        ("2027-01-01", False, "Bank holiday: New Year’s Day"),
        ("2027-01-02", False, "Saturday"),
        ("2027-01-03", False, "Sunday"),
        ("2027-01-04", True, "Working day 4"),
        ("2027-01-05", True, "Working day 5"),
    ]


def test_nothing_is_said_about_days_past_either_horizon(official: Calendar) -> None:
    last, first = official.known_until, official.known_from
    beyond: list[Callable[[], object]] = [
        lambda: official.is_working_day(last + timedelta(days=1)),
        lambda: official.is_working_day(first - timedelta(days=1)),
        lambda: official.working_index(last + timedelta(days=1)),
        lambda: official.add_working_days(last, 1),
        lambda: official.add_working_days(last - timedelta(days=3), 5),
        lambda: official.add_working_days(last + timedelta(days=1), 0),
        lambda: official.add_working_days(first - timedelta(days=1), 5),
        lambda: official.explain_addition(last, 1),
        lambda: official.working_days_between(first - timedelta(days=1), first),
        lambda: official.next_working_day(last),
    ]
    for ask in beyond:
        with pytest.raises(RuleRefused) as refused:
            ask()
        assert refused.value.code == "beyond-calendar-horizon"
        assert "2012-01-01 to 2028-12-31" in refused.value.message


def test_the_last_known_working_day_can_still_be_reached(official: Calendar) -> None:
    assert official.add_working_days(date(2028, 12, 28), 1) == date(2028, 12, 29)
    assert official.add_working_days(official.known_until, 0) == official.known_until


def test_counting_backwards_is_a_mistake(official: Calendar) -> None:
    with pytest.raises(ValueError, match="forwards"):
        official.add_working_days(date(2026, 11, 20), -1)


def test_people_are_told_before_the_calendar_ends(official: Calendar) -> None:
    assert not official.ends_soon(date(2028, 6, 1), 180)
    assert official.ends_soon(date(2028, 7, 4), 180)
    assert official.days_until_horizon(date(2028, 12, 30)) == 1


def test_a_proclaimed_holiday_is_skipped(official: Calendar) -> None:
    proclaimed = date(2026, 12, 30)
    calendar = merge(official, {proclaimed: "Day of mourning"}, version=1)
    assert calendar.version == 1
    assert calendar.why_not(proclaimed) == "Bank holiday: Day of mourning"
    assert calendar.add_working_days(date(2026, 12, 24), 5) == date(2027, 1, 6)
    assert official.is_working_day(proclaimed)


def test_a_withdrawn_holiday_is_a_working_day_and_says_so(official: Calendar) -> None:
    calendar = merge(official, {}, {date(2027, 5, 3): "moved to 7 May"}, version=1)
    steps = calendar.explain_addition(date(2027, 4, 30), 1)
    assert steps[-1].date == date(2027, 5, 3)
    assert steps[-1].reason == "Working day 1 (no longer a bank holiday: moved to 7 May)"


def test_only_a_bank_holiday_can_be_withdrawn(official: Calendar) -> None:
    with pytest.raises(RuleRefused) as refused:
        merge(official, {}, {date(2026, 11, 20): "a mistake"}, version=1)
    assert (refused.value.code, refused.value.field) == ("not-a-bank-holiday", "withdrawals")
    assert refused.value.clause == "§4.2, R4.2.1"


def test_a_holiday_may_be_known_before_its_year_is(official: Calendar) -> None:
    ahead = merge(official, {date(2029, 1, 1): "New Year's Day"}, version=1)
    assert ahead.reach(date(2028, 12, 29), 1) is None
    longer = replace(ahead, known_until=date(2029, 12, 31), version=2)
    assert longer.reach(date(2028, 12, 29), 1) == date(2029, 1, 2)


def test_a_holiday_before_the_calendar_begins_is_refused(official: Calendar) -> None:
    with pytest.raises(RuleRefused) as refused:
        merge(official, {date(2011, 12, 26): "Boxing Day"}, version=1)
    assert refused.value.code == "beyond-calendar-horizon"


@pytest.mark.long
@given(st.sets(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=5), WELL_INSIDE)
def test_a_proclaimed_holiday_never_brings_a_due_date_nearer(
    official: Calendar, proclaimed: set[date], start: date
) -> None:
    calendar = merge(official, dict.fromkeys(proclaimed, "Proclaimed"), version=1)
    assert calendar.add_working_days(start, 5) >= official.add_working_days(start, 5)


def test_another_divisions_holidays_are_refused() -> None:
    text = json.dumps(
        {
            "division": "scotland",
            "known_from": "2026-01-01",
            "known_until": "2026-12-31",
            "events": [{"date": "2026-01-02", "title": "2nd January", "notes": ""}],
        }
    )
    with pytest.raises(RuleRefused) as refused:
        official_calendar(text)
    assert (refused.value.code, refused.value.field) == ("calendar-division", "division")
    assert refused.value.clause == "§4.2, R4.2.1"
    assert official_calendar(text, division="scotland").why_not(date(2026, 1, 2)) is not None


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"division": "england-and-wales"}'])
def test_text_of_another_shape_is_no_calendar(text: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        official_calendar(text)
    assert refused.value.code == "calendar-invalid"


def test_a_calendar_cannot_end_before_it_begins() -> None:
    with pytest.raises(RuleRefused) as refused:
        Calendar("england-and-wales", 1, date(2026, 1, 2), date(2026, 1, 1), {})
    why = refused.value
    assert (why.code, why.clause, why.field) == ("calendar-invalid", "§4.2, R4.2.1", "known_until")


def test_a_calendar_can_be_of_one_day_which_is_a_holiday() -> None:
    new_year = date(2026, 1, 1)
    calendar = Calendar("england-and-wales", 1, new_year, new_year, {new_year: "New Year"})
    assert not calendar.is_working_day(new_year)


@pytest.mark.parametrize(
    ("event", "title"),
    [
        ({"title": "Easter Monday", "notes": ""}, "Easter Monday"),
        ({"title": "Easter Monday"}, "Easter Monday"),
        ({"title": "Boxing Day", "notes": "Substitute day"}, "Boxing Day (substitute day)"),
    ],
)
def test_a_published_holiday_has_its_note_in_its_title(event: dict[str, str], title: str) -> None:
    assert title_of(event) == title


@pytest.mark.parametrize(
    ("day", "refused"),
    [
        (date(2011, 12, 31), True),
        (date(2012, 1, 1), False),
        (date(2031, 12, 31), False),  # three years past the end of the calendar
        (date(2032, 1, 1), True),
    ],
)
def test_a_bank_holiday_can_be_known_three_years_ahead(
    official: Calendar, day: date, refused: bool
) -> None:
    with pytest.raises(RuleRefused) if refused else nullcontext():
        official.check_ahead(day)


@pytest.mark.parametrize(
    ("start", "days"),
    [
        (date(2011, 12, 31), ["2011-12-31"]),
        (date(2028, 12, 30), ["2028-12-30", "2028-12-31", "2029-01-01"]),
        (date(2028, 12, 31), ["2028-12-31", "2029-01-01"]),
        (date(2029, 1, 1), ["2029-01-01"]),
        (date(2029, 6, 1), ["2029-06-01"]),
    ],
)
def test_a_date_that_is_open_is_explained_up_to_the_first_day_that_is_not_known(
    official: Calendar, start: date, days: list[str]
) -> None:
    steps = official.explain_open(start)
    assert [step.date.isoformat() for step in steps] == days
    assert [step.reason.startswith(CALENDAR_UNKNOWN) for step in steps] == [
        day == days[-1] for day in days
    ]
    assert not any(step.counted for step in steps), "a weekend, and days that are not known"


def test_an_open_date_is_explained_from_the_first_day_of_the_calendar_on(
    official: Calendar,
) -> None:
    first, *_, last = official.explain_open(official.known_from)
    assert (first.date, first.reason) == (official.known_from, "Day 0")
    assert last.date == official.known_until + timedelta(days=1)


def test_what_is_published_is_version_0_of_the_calendar(official: Calendar) -> None:
    assert official.version == 0


def test_the_working_index_numbers_the_working_days(official: Calendar) -> None:
    assert official.working_index(date(2012, 1, 2)) == 0  # Sunday, then a substitute day
    assert official.working_index(date(2012, 1, 3)) == 1
    assert official.working_index(date(2012, 1, 8)) == 4
