"""§4.2 and §4.3: when each clock ends, and what can and cannot move it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.calendar import Calendar, merge
from qa_api.rules.deadlines import (
    Counting,
    acknowledge_due,
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
    working_days_left,
)
from qa_api.rules.decision import RuleRefused
from qa_api.rules.local_time import end_of_local_day
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import NonWorkingDay, OverdueStep, Recipient

FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SATURDAY_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAYS = st.dates(date(2012, 1, 1), date(2028, 6, 30))


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


def test_past_the_horizon_no_due_date_is_guessed(official: Calendar, policy: Policy) -> None:
    for day in (date(2028, 12, 29), date(2011, 12, 30)):
        with pytest.raises(RuleRefused) as refused:
            response_due(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), policy, official)
        assert refused.value.code == "beyond-calendar-horizon"


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
    acknowledge = acknowledge_due(raised_at, policy, official)
    assert raised_at < acknowledge.due_at < inform_due(raised_at, policy, official).due_at
    assert official.is_working_day(acknowledge.due_on)


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
    after = lengthened(before.counting, before.due_on, proclaimed)
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
    assert lengthened(due.counting, due.due_on, elsewhere) is None
    assert lengthened(due.counting, due.due_on, withdrawn) is None


def test_a_holiday_proclaimed_for_today_moves_the_same_working_day(
    official: Calendar, policy: Policy
) -> None:
    due = acknowledge_due(FRIDAY_NOON, policy, official)
    proclaimed = merge(official, {due.due_on: "Proclaimed"}, version=1)
    after = lengthened(due.counting, due.due_on, proclaimed)
    assert after is not None
    assert after.due_on == date(2026, 11, 23)


@given(day=DAYS, proclaimed=st.sets(DAYS, max_size=8), waits=st.booleans())
def test_recounting_never_shortens_and_settles_at_once(
    official: Calendar, day: date, proclaimed: set[date], waits: bool
) -> None:
    counting = Counting("response_due", "§4.2, R4.2.1", 1, day, 5, waits)
    due_on = counting.due_on(official)
    calendar = merge(official, dict.fromkeys(proclaimed, "Proclaimed"), version=1)
    after = lengthened(counting, due_on, calendar)
    if after is None:
        assert counting.due_on(calendar) == due_on
    else:
        assert after.due_on > due_on
        assert lengthened(counting, after.due_on, calendar) is None


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
    with pytest.raises(RuleRefused):
        overdue_told(FRIDAY_NOON, replace(policy, response_overdue_steps=()), official)
