"""§4.2 and §4.3: when each clock ends, and what can and cannot move it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.calendar import Calendar, merge
from qa_api.rules.deadlines import (
    Change,
    Counting,
    Deadline,
    acknowledge_due,
    count_again,
    inform_due,
    is_overdue,
    lengthened,
    overdue_alert_on,
    overdue_steps_reached,
    overdue_told,
    queued_notification_due,
    response_due,
    return_round_due,
    review_due,
    told_later,
    working_days_left,
)
from qa_api.rules.decision import RuleRefused
from qa_api.rules.local_time import end_of_local_day
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import NonWorkingDay, OverdueStep, Recipient

FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SATURDAY_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAYS = st.dates(date(2012, 1, 1), date(2028, 6, 30))


def due_day(due: Deadline) -> date:
    """The day of a deadline well inside the calendar."""
    assert due.due_on is not None
    return due.due_on


@pytest.mark.parametrize(
    ("notified_at", "due_on"),
    [
        (datetime(2026, 12, 24, 0, 0, tzinfo=UTC), date(2027, 1, 5)),
        (datetime(2026, 12, 24, 23, 59, tzinfo=UTC), date(2027, 1, 5)),
        # 00:30 on Friday 14 June in London: day 0 is the 14th, not the 13th.
        (datetime(2024, 6, 13, 23, 30, tzinfo=UTC), date(2024, 6, 21)),
        (datetime(2024, 6, 13, 22, 30, tzinfo=UTC), date(2024, 6, 20)),
        (SATURDAY_NOON, date(2026, 11, 27)),
    ],
)
def test_a_response_is_due_five_working_days_after_notification(
    official: Calendar, policy: Policy, notified_at: datetime, due_on: date
) -> None:
    due = response_due(notified_at, policy, official)
    assert due.due_on == due_on
    assert due.due_at == end_of_local_day(due_on)


def test_a_response_is_in_time_until_londons_midnight(official: Calendar, policy: Policy) -> None:
    due = response_due(datetime(2024, 6, 7, 9, tzinfo=UTC), policy, official)
    assert due.due_on == date(2024, 6, 14)
    assert due.due_at == datetime(2024, 6, 14, 23, tzinfo=UTC)


def test_the_number_of_days_is_the_policys(official: Calendar, policy: Policy) -> None:
    ten = replace(
        policy, version=2, response_working_days=10, return_working_days=2, review_working_days=1
    )
    assert response_due(FRIDAY_NOON, ten, official).due_on == date(2026, 12, 4)
    assert response_due(FRIDAY_NOON, ten, official).explanation.policy_version == 2
    assert return_round_due(FRIDAY_NOON, ten, official).due_on == date(2026, 11, 24)
    assert review_due(FRIDAY_NOON, ten, official).due_on == date(2026, 11, 23)


def test_a_due_date_explains_itself(official: Calendar, policy: Policy) -> None:
    explanation = response_due(FRIDAY_NOON, policy, official).explanation
    assert (explanation.rule, explanation.clause) == ("response_due", "§4.2, R4.2.1")
    assert (explanation.policy_version, explanation.calendar_version) == (1, 0)
    assert sum(step.counted for step in explanation.steps) == 5
    assert explanation.facts["notified_at"] == FRIDAY_NOON
    assert explanation.facts["counted_from"] == date(2026, 11, 20)


CLOCKS = (
    response_due,
    return_round_due,
    review_due,
    queued_notification_due,
    acknowledge_due,
    inform_due,
    overdue_told,
)
EXPLAINED = [
    (response_due, "response_due", "§4.2, R4.2.1", "notified_at", FRIDAY_NOON),
    (return_round_due, "return_round_due", "§4.2, R4.2.4", "returned_at", FRIDAY_NOON),
    (review_due, "review_due", "§4.2, R4.2.4", "submitted_at", FRIDAY_NOON),
    (queued_notification_due, "queued_notification_due", "§4.2, R4.2.8", "queued_at", FRIDAY_NOON),
    (acknowledge_due, "acknowledge_due", "§4.3, R4.3.3", "raised_at", FRIDAY_NOON),
    (inform_due, "inform_due", "§4.3, R4.3.3", "raised_at", FRIDAY_NOON),
    (overdue_told, "overdue_told", "§4.2, R4.2.5", "due_on", FRIDAY_NOON.date()),
]


def test_every_clock_is_explained() -> None:
    assert {clock for clock, *_ in EXPLAINED} == {*CLOCKS}


@pytest.mark.parametrize(
    ("clock", "rule", "clause", "started_by", "at"), EXPLAINED, ids=[each[1] for each in EXPLAINED]
)
def test_a_clock_says_its_rule_its_clause_and_what_started_it(
    official: Calendar,
    policy: Policy,
    clock: Any,
    rule: str,
    clause: str,
    started_by: str,
    at: object,
) -> None:
    explanation = clock(FRIDAY_NOON, policy, official).explanation
    assert (explanation.rule, explanation.clause) == (rule, clause)
    assert explanation.facts[started_by] == at
    assert explanation.facts["division"] == "england-and-wales"


LAST_DAYS = [date(2028, 12, day) for day in range(18, 32)] + [date(2029, 1, 1), date(2031, 5, 1)]


@pytest.mark.parametrize("day", [date(2028, 12, 29), date(2011, 12, 30)])
def test_past_the_horizon_no_due_date_is_guessed(
    official: Calendar, policy: Policy, day: date
) -> None:
    due = response_due(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), policy, official)
    assert (due.due_on, due.due_at) == (None, None)
    assert due.explanation.facts["calendar_unknown"] is True
    assert due.explanation.facts["known_until"] == official.known_until
    assert due.explanation.steps[-1].reason.startswith("calendar_unknown: ")
    assert not due.explanation.steps[-1].counted


@pytest.mark.parametrize("day", LAST_DAYS, ids=str)
@pytest.mark.parametrize("clock", CLOCKS, ids=lambda clock: clock.__name__)
def test_a_clock_near_the_end_has_the_date_of_a_longer_calendar_or_none(
    official: Calendar, policy: Policy, clock: Any, day: date
) -> None:
    started = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    longer = replace(official, known_until=date(2032, 12, 31), version=2)
    now, then = clock(started, policy, official), clock(started, policy, longer)
    assert then.due_on is not None
    assert now.due_on == (then.due_on if then.due_on <= official.known_until else None)
    again = count_again(now.explanation.as_json(), now.due_on, longer, is_open=True)
    if now.due_on is None:
        assert again is not None
        assert again.change is Change.COUNTED
        assert (again.due_on, again.due_at) == (then.due_on, then.due_at)
        assert again.explanation == then.explanation.as_json()
    else:
        assert again is None


def test_a_holiday_proclaimed_for_the_last_days_pushes_a_date_past_the_end(
    official: Calendar, policy: Policy
) -> None:
    due = response_due(datetime(2028, 12, 20, 12, tzinfo=UTC), policy, official)
    assert due.due_on == date(2028, 12, 29)
    proclaimed = merge(official, {date(2028, 12, 28): "Proclaimed"}, version=1)
    again = count_again(due.explanation.as_json(), due.due_on, proclaimed, is_open=True)
    assert again is not None
    assert (again.change, again.due_on) == (Change.LENGTHENED, None)
    assert again.explanation["facts"]["calendar_unknown"] is True
    assert again.explanation["facts"]["previous_due_on"] == "2028-12-29"


def test_a_date_counted_by_a_holiday_that_never_was_stands_and_says_so(
    official: Calendar, policy: Policy
) -> None:
    mistaken = merge(official, {date(2026, 11, 25): "A jubilee"}, version=1)
    due = response_due(FRIDAY_NOON, policy, mistaken)
    assert due.due_on == date(2026, 11, 30)
    called_off = merge(mistaken, {}, {date(2026, 11, 25): "a mistake"}, version=2)
    for is_open in (True, False):
        again = count_again(due.explanation.as_json(), due.due_on, called_off, is_open=is_open)
        assert again is not None
        assert (again.change, again.due_on) == (Change.REWORDED, due.due_on)
        assert again.due_at == due.due_at
        (step,) = (step for step in again.explanation["steps"] if step["date"] == "2026-11-25")
        assert step == {
            "date": "2026-11-25",
            "counted": False,
            "reason": "Bank holiday: A jubilee; withdrawn since (a mistake). "
            "The date that was given stands",
        }
        assert again.explanation["facts"]["withdrawn_since"] == ["2026-11-25"]
        assert again.explanation["calendar_version"] == 1
        assert count_again(again.explanation, due.due_on, called_off, is_open=is_open) is None
        renewed = merge(official, {date(2026, 11, 25): "A jubilee"}, version=3)
        back = count_again(again.explanation, due.due_on, renewed, is_open=is_open)
        assert back is not None
        assert back.explanation == due.explanation.as_json()


def test_a_closed_clock_is_not_lengthened(official: Calendar, policy: Policy) -> None:
    due = response_due(FRIDAY_NOON, policy, official)
    proclaimed = merge(official, {date(2026, 11, 25): "Proclaimed"}, version=1)
    kept = due.explanation.as_json()
    assert count_again(kept, due.due_on, proclaimed, is_open=False) is None
    assert count_again(kept, due.due_on, proclaimed, is_open=True) is not None


def test_a_day_that_was_counted_as_no_holiday_any_more_keeps_its_words(
    official: Calendar, policy: Policy
) -> None:
    withdrawn = merge(official, {}, {date(2026, 12, 28): "moved"}, version=1)
    due = response_due(datetime(2026, 12, 24, 9, tzinfo=UTC), policy, withdrawn)
    assert due.due_on == date(2027, 1, 4)
    kept = due.explanation.as_json()
    assert count_again(kept, due.due_on, replace(withdrawn, version=2), is_open=True) is None


def test_what_is_written_down_later_and_did_not_move_is_explained_by_the_calendar_of_now(
    official: Calendar, policy: Policy
) -> None:
    found = told_later(
        partial(response_due, FRIDAY_NOON, policy), official, replace(official, version=2)
    )
    assert found.explanation.calendar_version == 2


@pytest.mark.parametrize(
    ("then", "now", "due_on"),
    [
        ({}, {}, date(2026, 11, 27)),
        ({}, {date(2026, 11, 25): "Proclaimed"}, date(2026, 11, 30)),
        ({date(2026, 11, 25): "A mistake"}, {}, date(2026, 11, 30)),
    ],
)
def test_what_is_written_down_later_is_what_it_would_have_been(
    official: Calendar,
    policy: Policy,
    then: dict[date, str],
    now: dict[date, str],
    due_on: date,
) -> None:
    before, after = merge(official, then, version=1), merge(official, now, version=2)
    found = told_later(partial(response_due, FRIDAY_NOON, policy), before, after)
    assert found.due_on == due_on


def test_a_step_that_the_calendar_does_not_reach_waits(official: Calendar, policy: Policy) -> None:
    missed, today = date(2028, 12, 29), date(2029, 2, 1)
    assert overdue_steps_reached(missed, today, policy, official) == ()
    longer = replace(official, known_until=date(2029, 12, 31), version=2)
    assert overdue_steps_reached(missed, today, policy, longer) != ()


@pytest.mark.parametrize(
    ("raised_at", "acknowledge_by", "inform_by"),
    [
        (datetime(2026, 11, 19, 9, tzinfo=UTC), date(2026, 11, 19), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 23, 59, tzinfo=UTC), date(2026, 11, 20), date(2026, 11, 23)),
        (SATURDAY_NOON, date(2026, 11, 23), date(2026, 11, 24)),
        (datetime(2026, 12, 25, 9, tzinfo=UTC), date(2026, 12, 29), date(2026, 12, 30)),
    ],
)
def test_immediately_is_the_same_working_day(
    official: Calendar, policy: Policy, raised_at: datetime, acknowledge_by: date, inform_by: date
) -> None:
    assert acknowledge_due(raised_at, policy, official).due_on == acknowledge_by
    assert inform_due(raised_at, policy, official).due_on == inform_by


def test_policy_can_ask_for_an_answer_on_a_day_off(official: Calendar, policy: Policy) -> None:
    at_once = replace(policy, raised_on_non_working_day=NonWorkingDay.SAME_DAY)
    assert acknowledge_due(SATURDAY_NOON, at_once, official).due_on == date(2026, 11, 21)
    assert inform_due(SATURDAY_NOON, at_once, official).due_on == date(2026, 11, 23)


@given(st.datetimes(datetime(2012, 1, 1), datetime(2028, 6, 30), timezones=st.just(UTC)))  # noqa: DTZ001 # bounds
def test_the_second_hop_is_never_due_before_the_first(
    official: Calendar, policy: Policy, raised_at: datetime
) -> None:
    acknowledge, inform = (
        due(raised_at, policy, official) for due in (acknowledge_due, inform_due)
    )
    assert acknowledge.due_at is not None
    assert inform.due_at is not None
    assert raised_at < acknowledge.due_at < inform.due_at
    assert official.is_working_day(due_day(acknowledge))


def test_a_notification_may_be_queued_until_the_working_day_ends(
    official: Calendar, policy: Policy
) -> None:
    assert queued_notification_due(FRIDAY_NOON, policy, official).due_on == date(2026, 11, 20)
    assert queued_notification_due(SATURDAY_NOON, policy, official).due_on == date(2026, 11, 23)


def test_a_proclaimed_holiday_lengthens_an_open_clock_and_keeps_the_old_date(
    official: Calendar, policy: Policy
) -> None:
    before = response_due(FRIDAY_NOON, policy, official)
    proclaimed = merge(official, {date(2026, 11, 25): "Proclaimed"}, version=1)
    after = lengthened(before.counting, due_day(before), proclaimed)
    assert after is not None
    assert (before.due_on, after.due_on) == (date(2026, 11, 27), date(2026, 11, 30))
    assert after.explanation.facts["previous_due_on"] == before.due_on
    assert after.explanation.calendar_version == 1


def test_a_holiday_elsewhere_or_a_withdrawn_one_moves_nothing(
    official: Calendar, policy: Policy
) -> None:
    due = response_due(datetime(2026, 12, 24, 9, tzinfo=UTC), policy, official)
    elsewhere = merge(official, {date(2027, 1, 6): "Proclaimed"}, version=1)
    withdrawn = merge(official, {}, {date(2026, 12, 28): "moved"}, version=2)
    assert lengthened(due.counting, due_day(due), elsewhere) is None
    assert lengthened(due.counting, due_day(due), withdrawn) is None


def test_a_holiday_proclaimed_for_today_moves_the_same_working_day(
    official: Calendar, policy: Policy
) -> None:
    due = acknowledge_due(FRIDAY_NOON, policy, official)
    proclaimed = merge(official, {due_day(due): "Proclaimed"}, version=1)
    after = lengthened(due.counting, due_day(due), proclaimed)
    assert after is not None
    assert after.due_on == date(2026, 11, 23)


@pytest.mark.long
@given(day=DAYS, proclaimed=st.sets(DAYS, max_size=8), waits=st.booleans())
def test_recounting_never_shortens_and_settles_at_once(
    official: Calendar, day: date, proclaimed: set[date], waits: bool
) -> None:
    counting = Counting("response_due", "§4.2, R4.2.1", 1, day, 5, waits)
    due_on = counting.due_on(official)
    assert due_on is not None
    calendar = merge(official, dict.fromkeys(proclaimed, "Proclaimed"), version=1)
    after = lengthened(counting, due_on, calendar)
    if after is None:
        assert counting.due_on(calendar) == due_on
    else:
        assert due_day(after) > due_on
        assert lengthened(counting, due_day(after), calendar) is None


def test_overdue_begins_the_day_after(official: Calendar) -> None:
    due_on = date(2026, 11, 27)
    assert not is_overdue(due_on, due_on)
    assert is_overdue(due_on, date(2026, 11, 28))
    assert overdue_alert_on(due_on, official) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("today", "left"),
    [
        (date(2026, 11, 20), 5),
        (date(2026, 11, 22), 5),
        (date(2026, 11, 27), 0),
        (date(2026, 11, 29), 0),
        (date(2026, 11, 30), -1),
    ],
)
def test_working_days_left_run_down_to_nought(official: Calendar, today: date, left: int) -> None:
    assert working_days_left(date(2026, 11, 27), today, official) == left


def test_steps_of_an_overdue_response_come_one_after_the_other(
    official: Calendar, policy: Policy
) -> None:
    due_on = date(2026, 11, 27)
    manager = (date(2026, 11, 30), Recipient.TEAM_MANAGER)
    assert overdue_steps_reached(due_on, date(2026, 11, 29), policy, official) == ()
    assert overdue_steps_reached(due_on, date(2026, 11, 30), policy, official) == (manager,)
    further = replace(
        policy,
        response_overdue_steps=(
            OverdueStep(1, Recipient.TEAM_MANAGER),
            OverdueStep(3, Recipient.HEAD_OF_SERVICE),
        ),
    )
    assert overdue_steps_reached(due_on, date(2026, 12, 1), further, official) == (manager,)
    assert overdue_steps_reached(due_on, date(2026, 12, 2), further, official) == (
        manager,
        (date(2026, 12, 2), Recipient.HEAD_OF_SERVICE),
    )


def test_who_is_told_of_a_missed_date_and_when_is_explained(
    official: Calendar, policy: Policy
) -> None:
    steps = (OverdueStep(1, Recipient.TEAM_MANAGER), OverdueStep(5, Recipient.HEAD_OF_SERVICE))
    told = overdue_told(FRIDAY_NOON, replace(policy, response_overdue_steps=steps), official)
    assert told.due_on == date(2026, 11, 23)
    assert told.explanation.facts["told_after_working_days"] == (
        "1: team_manager",
        "5: head_of_service",
    )
    with pytest.raises(RuleRefused) as refused:
        overdue_told(FRIDAY_NOON, replace(policy, response_overdue_steps=()), official)
    assert (refused.value.code, refused.value.clause) == ("tells-nobody", "§4.2, R4.2.5")
