"""Practice observations: the three windows, the share of who was not there throughout, the pace."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.calendar import Calendar
from qa_api.rules.decision import Explanation, RuleRefused
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.observation import (
    Days,
    ObservedWorker,
    Period,
    check_highlight,
    check_observation,
    highlights_due,
    observations_at,
    period_at,
)
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import ObservationWindow, Rounding

POLICY = Policy(version=7, effective_from=date(2020, 1, 1))
ROLLING = replace(POLICY, observation_window=ObservationWindow.ROLLING)
FROM_START = replace(POLICY, observation_window=ObservationWindow.FROM_START_DATE)
THROUGHOUT = ObservedWorker(starts_on=date(2019, 9, 2), leaves_on=None)
YEAR_END = date(2027, 3, 31)

days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
policies = st.builds(
    lambda window, months, prorated, rounding: replace(
        POLICY,
        observation_window=window,
        observation_window_months=months,
        observation_prorated=prorated,
        observation_rounding=rounding,
    ),
    st.sampled_from(ObservationWindow),
    st.integers(1, 36),
    st.booleans(),
    st.sampled_from(Rounding),
)


def stretch(first: date, length: int | None) -> Days:
    return Days(first, None if length is None else first + timedelta(days=length))


stretches = st.builds(stretch, days, st.none() | st.integers(1, 500))
workers = st.builds(
    ObservedWorker,
    starts_on=st.none() | days,
    leaves_on=st.none() | days,
    absences=st.lists(stretches, max_size=3).map(tuple),
    exemptions=st.lists(stretches, max_size=2).map(tuple),
    required=st.none() | st.integers(0, 12),
)


@pytest.mark.parametrize(
    ("policy", "as_at", "starts_on", "first", "last"),
    [
        # The financial year, at its edges.
        (POLICY, date(2026, 3, 31), None, date(2025, 4, 1), date(2026, 3, 31)),
        (POLICY, date(2026, 4, 1), None, date(2026, 4, 1), date(2027, 3, 31)),
        (POLICY, date(2028, 2, 29), None, date(2027, 4, 1), date(2028, 3, 31)),
        # Rolling: twelve months up to the day itself.
        (ROLLING, date(2026, 11, 22), None, date(2025, 11, 23), date(2026, 11, 22)),
        (ROLLING, date(2028, 2, 29), None, date(2027, 3, 1), date(2028, 2, 29)),
        # From the day the worker started: 29 February falls to the 28th and comes back.
        (FROM_START, date(2026, 9, 1), date(2019, 9, 2), date(2025, 9, 2), date(2026, 9, 1)),
        (FROM_START, date(2026, 9, 2), date(2019, 9, 2), date(2026, 9, 2), date(2027, 9, 1)),
        (FROM_START, date(2027, 2, 27), date(2024, 2, 29), date(2026, 2, 28), date(2027, 2, 27)),
        (FROM_START, date(2028, 2, 28), date(2024, 2, 29), date(2027, 2, 28), date(2028, 2, 28)),
        (FROM_START, date(2028, 2, 29), date(2024, 2, 29), date(2028, 2, 29), date(2029, 2, 27)),
        # Where no start is known there is only the financial year to go by.
        (FROM_START, date(2026, 9, 2), None, date(2026, 4, 1), date(2027, 3, 31)),
    ],
)
def test_each_window_has_its_edges(
    policy: Policy, as_at: date, starts_on: date | None, first: date, last: date
) -> None:
    assert period_at(policy, as_at, starts_on) == Period(first, last)


@given(policies, days, st.none() | days)
def test_a_day_lies_in_its_own_period(policy: Policy, as_at: date, starts_on: date | None) -> None:
    assert period_at(policy, as_at, starts_on).holds(as_at)


@given(days, st.none() | days, st.integers(1, 36))
def test_fixed_periods_meet_without_gap_or_overlap(
    as_at: date, starts_on: date | None, months: int
) -> None:
    policy = replace(FROM_START, observation_window_months=months)
    period = period_at(policy, as_at, starts_on)
    following = period_at(policy, period.ends_on + timedelta(days=1), starts_on)
    assert following.starts_on == period.ends_on + timedelta(days=1)
    assert period_at(policy, period.starts_on, starts_on) == period
    assert period_at(policy, period.ends_on, starts_on) == period


JOINED_IN_FEBRUARY = ObservedWorker(starts_on=date(2027, 2, 1), leaves_on=None)
LEFT_IN_AUGUST = ObservedWorker(starts_on=date(2019, 9, 2), leaves_on=date(2026, 8, 31))


@pytest.mark.parametrize("window", ObservationWindow)
@pytest.mark.parametrize("as_at", [date(1950, 1, 1), date(2149, 12, 31)])
@pytest.mark.parametrize("starts_on", [date(1900, 1, 1), date(2199, 12, 31), None])
def test_the_period_of_any_day_that_can_be_asked_about_is_of_years_that_can_be_written(
    window: ObservationWindow, as_at: date, starts_on: date | None
) -> None:
    policy = replace(POLICY, observation_window=window, observation_window_months=36)
    period = period_at(policy, as_at, starts_on)
    assert date(1900, 1, 1) <= period.starts_on <= as_at <= period.ends_on <= date(2199, 12, 31)


AWAY_FOUR_MONTHS = replace(THROUGHOUT, absences=(Days(date(2026, 6, 1), date(2026, 10, 1)),))


@pytest.mark.parametrize(
    ("worker", "up", "nearest", "down"),
    [
        (THROUGHOUT, 2, 2, 2),
        (JOINED_IN_FEBRUARY, 1, 0, 0),  # 59 of 365 days: 0.32
        (LEFT_IN_AUGUST, 1, 1, 0),  # 153 of 365 days: 0.84
        (AWAY_FOUR_MONTHS, 2, 1, 1),  # 243 of 365 days: 1.33
        (replace(THROUGHOUT, required=4), 4, 4, 4),
        (replace(JOINED_IN_FEBRUARY, required=0), 0, 0, 0),
    ],
)
def test_who_was_not_there_throughout_is_asked_for_a_share(
    worker: ObservedWorker, up: int, nearest: int, down: int
) -> None:
    for rounding, required in (
        (Rounding.UP, up),
        (Rounding.NEAREST, nearest),
        (Rounding.DOWN, down),
    ):
        policy = replace(POLICY, observation_rounding=rounding)
        assert observations_at(worker, (), YEAR_END, policy).required == required


@pytest.mark.parametrize("worker", [JOINED_IN_FEBRUARY, LEFT_IN_AUGUST, AWAY_FOUR_MONTHS])
def test_without_prorating_everybody_who_was_there_is_asked_for_all(worker: ObservedWorker) -> None:
    policy = replace(POLICY, observation_prorated=False)
    assert observations_at(worker, (), YEAR_END, policy).required == 2
    left = replace(worker, starts_on=date(2019, 9, 2), leaves_on=date(2026, 3, 31))
    assert observations_at(left, (), YEAR_END, policy).required == 0


def test_the_number_is_shared_out_over_the_period_that_the_policy_has() -> None:
    joined = ObservedWorker(starts_on=date(2025, 9, 2), leaves_on=date(2026, 12, 1))
    standing = observations_at(joined, (), date(2026, 9, 30), FROM_START)
    assert standing.period == Period(date(2026, 9, 2), date(2027, 9, 1))
    assert standing.explanation == Explanation(
        "observations_required",
        "§4.6, R4.6.1",
        7,
        facts={
            "as_at": date(2026, 9, 30),
            "window": "from_start_date",
            "period_starts_on": date(2026, 9, 2),
            "period_ends_on": date(2027, 9, 1),
            "days_in_period": 365,
            "days_counted": 91,
            "days_counted_by_now": 29,
            "asked_of_a_whole_period": 2,
            "prorated": True,
            "rounding": "up",
            "expected_by_now": 0,
        },
    )


def test_a_half_counts_as_one_when_rounded_to_the_nearest() -> None:
    policy = replace(POLICY, observation_rounding=Rounding.NEAREST, observations_required=1)
    half = ObservedWorker(starts_on=None, leaves_on=date(2027, 9, 30))
    as_at = date(2028, 3, 31)
    assert observations_at(half, (), as_at, policy).explanation.facts["days_counted"] == 183
    assert observations_at(half, (), as_at, policy).required == 1  # 183 of 366 days


def test_a_short_absence_is_no_reason_to_ask_for_less() -> None:
    policy = replace(POLICY, observation_rounding=Rounding.DOWN)
    first = date(2026, 6, 1)
    for length, required in ((27, 2), (28, 1)):
        worker = replace(THROUGHOUT, absences=(stretch(first, length),))
        assert observations_at(worker, (), YEAR_END, policy).required == required


def test_an_absence_that_goes_on_counts_as_far_as_it_has_gone() -> None:
    policy = replace(POLICY, observation_rounding=Rounding.DOWN)
    worker = replace(THROUGHOUT, absences=(Days(date(2026, 6, 1)),))
    assert observations_at(worker, (), date(2026, 6, 27), policy).required == 2
    assert observations_at(worker, (), date(2026, 6, 28), policy).required == 1
    assert observations_at(worker, (), YEAR_END, policy).required == 0


def test_an_absence_over_the_edge_of_the_period_counts_with_its_part_inside() -> None:
    away = replace(THROUGHOUT, absences=(Days(date(2026, 3, 20), date(2026, 4, 21)),))
    facts = observations_at(away, (), YEAR_END, POLICY).explanation.facts
    assert facts["days_counted"] == 365 - 20


def test_an_exemption_takes_its_days_out_and_shows() -> None:
    worker = replace(THROUGHOUT, exemptions=(Days(date(2026, 4, 1), date(2026, 10, 1)),))
    during = observations_at(worker, (), date(2026, 9, 30), POLICY)
    after = observations_at(worker, (), date(2026, 10, 1), POLICY)
    assert (during.exempt, after.exempt) == (True, False)
    assert observations_at(worker, (), date(2026, 4, 1), POLICY).exempt, "its first day"
    assert during.required == after.required == 1
    whole = replace(THROUGHOUT, exemptions=(Days(date(2026, 4, 1)),))
    assert observations_at(whole, (), YEAR_END, POLICY).required == 0


def test_only_observations_of_the_period_up_to_the_day_count() -> None:
    made = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 11, 22), date(2026, 11, 23)]
    standing = observations_at(THROUGHOUT, made, date(2026, 11, 22), POLICY)
    assert (standing.done, standing.required, standing.remaining) == (2, 2, 0)
    assert observations_at(THROUGHOUT, made, date(2026, 11, 21), POLICY).done == 1
    assert observations_at(THROUGHOUT, made, date(2026, 3, 31), POLICY).done == 1


@pytest.mark.parametrize(
    ("as_at", "expected"),
    [
        (date(2026, 9, 29), 0),  # 182 of 365 days are gone
        (date(2026, 9, 30), 1),  # 183 of 365
        (date(2027, 3, 30), 1),
        (date(2027, 3, 31), 2),
    ],
)
def test_on_pace_is_as_many_as_the_days_gone_by_ask_for(as_at: date, expected: int) -> None:
    for done in range(3):
        made = [date(2026, 4, 1)] * done
        standing = observations_at(THROUGHOUT, made, as_at, POLICY)
        assert standing.expected_by_now == expected
        assert standing.on_pace is (done >= expected)


def test_more_than_required_leaves_nothing_remaining() -> None:
    made = [date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)]
    standing = observations_at(THROUGHOUT, made, YEAR_END, POLICY)
    assert (standing.done, standing.remaining, standing.met) == (3, 0, True)


@given(workers, st.lists(days, max_size=8), days, policies)
def test_the_figures_of_a_worker_always_go_together(
    worker: ObservedWorker, made: list[date], as_at: date, policy: Policy
) -> None:
    standing = observations_at(worker, made, as_at, policy)
    whole = policy.observations_required if worker.required is None else worker.required
    assert 0 <= standing.expected_by_now <= standing.required <= whole
    assert standing.remaining == max(0, standing.required - standing.done)
    assert standing.met <= standing.on_pace
    if policy.observation_window is ObservationWindow.ROLLING:
        assert standing.met is standing.on_pace
    assert standing.explanation.policy_version == 7


@given(workers, days, policies)
def test_nobody_is_asked_for_more_because_they_were_away(
    worker: ObservedWorker, as_at: date, policy: Policy
) -> None:
    there = replace(worker, absences=(), exemptions=())
    asked = observations_at(worker, (), as_at, policy).required
    assert asked <= observations_at(there, (), as_at, policy).required


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"observer": "sw1"}, "own-practice", "observer"),
        ({"observed_on": date(2026, 11, 23)}, "in-the-future", "observed_on"),
        ({"in_service": False}, "not-in-service", "observed_on"),
    ],
)
def test_an_observation_that_cannot_be_is_refused(
    facts: dict[str, object], code: str, field: str
) -> None:
    good = {
        "worker": "sw1",
        "observer": "ps",
        "observed_on": date(2026, 11, 22),
        "today": date(2026, 11, 22),
        "in_service": True,
    }
    check_observation(**good)  # type: ignore[arg-type]  # one table of facts of several kinds
    with pytest.raises(RuleRefused) as refused:
        check_observation(**good | facts)  # type: ignore[arg-type]  # as above
    why = refused.value
    assert (why.code, why.clause, why.field) == (code, "§4.6, R4.6.2", field)


def test_highlights_are_due_so_many_working_days_after_their_quarter(official: Calendar) -> None:
    due = highlights_due(FinancialQuarter(2026, 2), POLICY, official)
    assert due.due_on == date(2026, 10, 14)  # 30 September is day 0
    over_easter = highlights_due(FinancialQuarter(2025, 4), POLICY, official)
    assert over_easter.due_on == date(2026, 4, 16)  # Good Friday and Easter Monday are skipped
    assert due.explanation.policy_version == 7
    assert (due.explanation.rule, due.explanation.clause) == ("highlights_due", "§4.6, R4.6.3")
    assert due.explanation.facts["quarter"] == "2026-27 Q2"


def test_highlights_of_a_quarter_are_recorded_once_it_has_begun() -> None:
    check_highlight(FinancialQuarter(2026, 3), date(2026, 10, 1))
    with pytest.raises(RuleRefused) as refused:
        check_highlight(FinancialQuarter(2026, 3), date(2026, 9, 30))
    why = refused.value
    assert (why.code, why.clause, why.field) == ("in-the-future", "§4.6, R4.6.3", "quarter")


@given(workers, days, policies)
def test_the_days_counted_are_those_of_the_period_one_by_one(
    worker: ObservedWorker, as_at: date, policy: Policy
) -> None:
    standing = observations_at(worker, (), as_at, policy)
    first = standing.period.starts_on
    of_period = [first + timedelta(days=number) for number in range(standing.period.days)]
    there = [day for day in of_period if is_there(worker, day, as_at, policy)]
    facts = standing.explanation.facts
    assert facts["days_counted"] == len(there)
    assert facts["days_counted_by_now"] == len([day for day in there if day <= as_at])


def is_there(worker: ObservedWorker, day: date, as_at: date, policy: Policy) -> bool:
    """In service on a day, not on an absence that is a long one by now, and not exempt."""
    in_service = (worker.starts_on or day) <= day <= (worker.leaves_on or day)
    long_ones = [
        Days(absence.first, absence.until or max(absence.first, as_at + timedelta(days=1)))
        for absence in worker.absences
    ]
    gone = [each for each in long_ones if length(each) >= policy.long_absence_days]
    return in_service and not any(holds(each, day) for each in (*gone, *worker.exemptions))


def length(days: Days) -> int:
    return 0 if days.until is None else (days.until - days.first).days


def holds(days: Days, day: date) -> bool:
    return days.first <= day and (days.until is None or day < days.until)
