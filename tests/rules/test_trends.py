"""R4.7.3: a trend or chance, month by month."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from qa_api.rules.control_charts import xmr_limits
from qa_api.rules.local_time import Month
from qa_api.rules.policy import Policy
from qa_api.rules.trends import (
    Chart,
    ChartKind,
    ChartRule,
    MonthCount,
    Says,
    chart,
    explained,
    months_of,
)

POLICY = Policy(version=2, effective_from=date(2020, 1, 1))
STEADY = (10, 12, 11, 9, 10, 13, 12, 10, 11, 9, 12, 11)
MONTHS = months_of(date(2024, 4, 1), date(2027, 3, 31))


def drawn(values: Sequence[float], *changes: str, last: int = 3, policy: Policy = POLICY) -> Chart:
    months = [MonthCount(*each) for each in zip(MONTHS, values, strict=False)]
    marked = [Month.labelled(change) for change in changes]
    since = MONTHS[max(0, len(values) - last)]
    return chart(ChartKind.XMR, "Audits completed", months, marked, since, policy)


def test_the_first_twelve_months_are_locked_and_later_ones_do_not_move_them() -> None:
    wild = drawn([*STEADY, 40, 0, 35])
    limits = xmr_limits(STEADY)
    assert [point.limits for point in wild.points] == [limits] * 15
    assert wild.stretches[0].locked


def test_a_steady_process_says_nothing_and_names_its_limits_trial() -> None:
    found = drawn([*STEADY, 10, 12, 11])
    assert (found.says, found.trial) == (Says.NO_CHANGE, True)
    assert found.sentence == "Audits completed: no change beyond chance (trial limits)."
    settled = drawn([*STEADY, *STEADY])
    assert (settled.says, settled.trial) == (Says.NO_CHANGE, False)
    assert settled.sentence == "Audits completed: no change beyond chance."


@pytest.mark.parametrize(
    ("later", "rule", "says", "words"),
    [
        ([11, 25], ChartRule.OUTSIDE, Says.ROSE, "May 2025 lies above the upper limit"),
        ([11, 1], ChartRule.OUTSIDE, Says.FELL, "May 2025 lies below the lower limit"),
        (
            [10] * 7,
            ChartRule.SHIFT,
            Says.FELL,
            "7 months in a row are below the mean, April 2025 to October 2025",
        ),
        (
            [8, 9, 10, 11, 12, 13, 14],
            ChartRule.TREND,
            Says.ROSE,
            "7 months in a row, each higher than the one before, April 2025 to October 2025",
        ),
        (
            [15, 11.5, 15],
            ChartRule.TWO_OF_THREE,
            Says.ROSE,
            "April 2025 and June 2025 lie close to the upper limit",
        ),
        (
            [14, 13, 12, 11, 10, 9, 8],
            ChartRule.TREND,
            Says.FELL,
            "7 months in a row, each lower than the one before, April 2025 to October 2025",
        ),
        (
            [7, 10.5, 7],
            ChartRule.TWO_OF_THREE,
            Says.FELL,
            "April 2025 and June 2025 lie close to the lower limit",
        ),
    ],
)
def test_each_rule_says_what_it_found(
    later: Sequence[float], rule: ChartRule, says: Says, words: str
) -> None:
    found = drawn([*STEADY, *later], last=2)
    (signal,) = [each for each in found.found if each.rule is rule]
    assert signal.sentence == words
    assert found.says is says
    told = f"Audits completed {says.value}: {words}. These are trial limits, so it may be chance."
    assert found.sentence == told
    assert rule in found.points[-1].rules


def test_rose_and_fell_are_said_of_the_months_asked_about_alone() -> None:
    found = drawn([*STEADY, 25, 11, 10, 12])
    assert [signal.rule for signal in found.found] == [ChartRule.OUTSIDE]
    assert found.says is Says.NO_CHANGE
    assert drawn([*STEADY, 25, 11, 10, 12], last=4).says is Says.ROSE


def test_the_lengths_of_runs_are_the_policys() -> None:
    months = [*STEADY, *[10] * 5]
    assert drawn(months).says is Says.NO_CHANGE
    assert drawn(months, policy=replace(POLICY, chart_shift_points=5)).says is Says.FELL
    rising = [*STEADY, 8, 9, 10, 11, 12]
    assert drawn(rising).says is Says.NO_CHANGE
    assert drawn(rising, policy=replace(POLICY, chart_trend_points=5)).says is Says.ROSE


def test_a_marked_change_has_limits_of_its_own_and_nothing_is_compared_across_it() -> None:
    after = [30, 32, 31, 29, 30, 33]
    unmarked, marked = drawn([*STEADY, *after]), drawn([*STEADY, *after], "2025-04")
    assert unmarked.says is Says.ROSE
    assert marked.says is Says.NO_CHANGE
    assert marked.found == ()
    assert [(one.starts.label, one.months, one.locked) for one in marked.stretches] == [
        ("2024-04", 12, True),
        ("2025-04", 6, False),
    ]
    assert marked.points[11].limits == xmr_limits(STEADY)
    assert marked.points[12].limits == xmr_limits(after)


def test_a_change_before_the_first_month_or_after_the_last_divides_nothing() -> None:
    months = [*STEADY, 10, 12]
    assert drawn(months, "2020-01", "2030-01").stretches == drawn(months).stretches


def test_with_fewer_than_six_months_there_are_no_limits() -> None:
    for months in ([], [3], [3, 50, 4, 5, 6]):
        found = drawn(months)
        assert found.says is Says.TOO_FEW
        assert found.sentence == f"Audits completed: too few months to say, {len(months)} of 6."
        assert not any(point.limits for point in found.points)
    assert drawn([3, 50, 4, 5, 6, 4]).points[0].limits is not None


def test_shares_have_limits_by_how_many_there_were() -> None:
    counts = [(6, 20), (5, 20), (7, 20), (6, 20)] * 3 + [(3, 10), (12, 40), (36, 40)]
    months = [MonthCount(month, *each) for month, each in zip(MONTHS, counts, strict=False)]
    found = chart(ChartKind.P, "Share on time", months, [], months[-1].month, POLICY)
    few, many = found.points[12].limits, found.points[13].limits
    assert few is not None
    assert many is not None
    assert (few.low, few.mean) == (0, 0.3)
    assert few.high > many.high
    assert found.sentence.startswith("Share on time rose: June 2025 lies above the upper limit")


def share_drawn(counts: Sequence[tuple[int, int]], last: int = 3) -> Chart:
    months = [MonthCount(month, *each) for month, each in zip(MONTHS, counts, strict=False)]
    return chart(ChartKind.P, "Share", months, [], months[-last].month, POLICY)


NEVER_OR_ONCE = pytest.mark.parametrize(
    "first",
    [[5] * 12, [5] * 6 + [6] + [5] * 5, [5, 5, 8, *[5] * 9], [5] * 11 + [4]],
    ids=["never varied", "once another", "once far off", "the last another"],
)


@NEVER_OR_ONCE
def test_months_that_hardly_varied_have_limits_of_three_about_their_median(
    first: Sequence[float],
) -> None:
    found = drawn([*first, 5, 6, 8, 2, 5], last=5)
    bounds = [each.limits and (each.limits.low, each.limits.high) for each in found.points]
    assert bounds == [(2, 8)] * len(found.points)
    assert (found.found, found.says) == ((), Says.NO_CHANGE)
    assert found.sentence == "Audits completed: no change beyond chance (trial limits)."
    risen, fell = drawn([*first, 9]), drawn([*first, 1])
    assert risen.sentence.startswith("Audits completed rose: April 2025 lies above the upper limit")
    assert fell.sentence.startswith("Audits completed fell: April 2025 lies below the lower limit")


@NEVER_OR_ONCE
def test_a_run_of_months_that_hardly_vary_is_one_about_their_median(first: Sequence[float]) -> None:
    """A single 8 draws the mean to 5.25, and every 5 lies below it."""
    for other in ([5] * 12, [5, 5, 4, 5, 5, 6, 5]):
        assert drawn([*first, *other], last=len(other)).says is Says.NO_CHANGE
    risen = drawn([*first, *[6] * 7])
    (shift,) = risen.found
    assert (shift.rule, risen.says) == (ChartRule.SHIFT, Says.ROSE)
    over = "7 months in a row are above 5, the median of the first months"
    assert shift.sentence == f"{over}, April 2025 to October 2025"
    falling = drawn([*first, 8, 7.5, 7, 6.5, 6, 5.5, 5, 5], last=2)
    assert falling.says is Says.FELL


@pytest.mark.parametrize(
    ("first", "within", "beyond"), [(0, [1, 3], 4), (20, [19, 17], 16)], ids=["never", "always"]
)
def test_what_never_or_always_happened_has_limits_of_three_cases(
    first: int, within: Sequence[int], beyond: int
) -> None:
    seldom = share_drawn([*[(first, 20)] * 12, *[(each, 20) for each in within]], last=2)
    assert (seldom.found, seldom.says) == ((), Says.NO_CHANGE)
    often = share_drawn([*[(first, 20)] * 12, (beyond, 20)], last=1)
    assert often.says is (Says.ROSE if beyond > first else Says.FELL)
    gone_on = share_drawn([*[(first, 20)] * 12, *[(within[0], 20)] * 7])
    side = "above 0%" if first == 0 else "below 100%"
    assert f"7 months in a row are {side}, the median of the first months" in gone_on.sentence


def test_a_case_is_more_of_a_small_month() -> None:
    found = share_drawn([*[(0, 20)] * 12, (4, 5), (4, 40)], last=2)
    few, many = found.points[12].limits, found.points[13].limits
    assert few is not None
    assert many is not None
    assert few.low == 0
    assert few.high == pytest.approx(3 / 5)
    assert many.high == pytest.approx(3 / 40)
    assert [point.rules for point in found.points[12:]] == [(ChartRule.OUTSIDE,)] * 2


def test_months_that_vary_by_one_have_the_published_limits() -> None:
    """Four and five in turns have a standard deviation of 0.89, four and six of 1.77."""
    narrow, wide = drawn([4, 5] * 6), drawn([4, 6] * 6)
    assert narrow.stretches[0].median == 4.5
    assert wide.stretches[0].median is None
    assert wide.points[0].limits == xmr_limits([4, 6] * 6)
    one_in_ten = [(1, 10), (2, 10), (0, 10)] * 4
    assert share_drawn(one_in_ten).stretches[0].median == 0.1
    assert share_drawn([(number * 10, 100) for number, _ in one_in_ten]).stretches[0].median is None


@pytest.mark.parametrize("months", [14, 30])
def test_of_a_quarter_without_a_month_in_the_chart_there_is_nothing_to_say(months: int) -> None:
    counted = [MonthCount(month, 5 + at % 3, 20) for at, month in enumerate(MONTHS[:months])]
    found = chart(ChartKind.P, "Share", counted, [], MONTHS[33], POLICY)
    assert found.says is Says.NO_MONTHS
    none = "from January 2027 on no month that is over has anything to count"
    assert found.sentence == f"Share: nothing to say, {none}."
    last = chart(ChartKind.P, "Share", counted, [], counted[-1].month, POLICY)
    assert last.says is Says.NO_CHANGE


def test_a_run_over_months_without_anything_to_count_does_not_call_them_in_a_row() -> None:
    values = [(3, 10), (4, 10), *[(3, 10)] * 4, *[(5, 10)] * 7]
    spaced = [MonthCount(month, *of) for month, of in zip(MONTHS[::2], values, strict=False)]
    found = chart(ChartKind.P, "Share", spaced, [], spaced[-1].month, POLICY)
    (shift,) = [each for each in found.found if each.rule is ChartRule.SHIFT and each.upwards]
    reach = "7 months that had anything to count, April 2025 to April 2026"
    assert shift.sentence == f"{reach}, are above the mean"
    rising = [(at, 10) for at in (3, 4, 3, 2, 3, 4, 5, 6, 7, 8)]
    spaced = [MonthCount(month, *of) for month, of in zip(MONTHS[::2], rising, strict=False)]
    found = chart(ChartKind.P, "Share", spaced, [], spaced[-1].month, POLICY)
    (trend,) = [each for each in found.found if each.rule is ChartRule.TREND]
    reach = "7 months that had anything to count, October 2024 to October 2025"
    assert trend.sentence == f"{reach}, are each higher than the one before"


def test_a_month_without_anything_to_count_is_left_out() -> None:
    months = [MonthCount(month, 5, 20) for month in (*MONTHS[:6], *MONTHS[7:13])]
    found = chart(ChartKind.P, "Share", months, [], MONTHS[12], POLICY)
    assert [point.month for point in found.points] == [*MONTHS[:6], *MONTHS[7:13]]


def test_each_month_of_a_share_keeps_how_many_there_were() -> None:
    months = [MonthCount(month, 3, 12 + at) for at, month in enumerate(MONTHS[:8])]
    found = chart(ChartKind.P, "Share", months, [], MONTHS[7], POLICY)
    assert [(point.number, point.of) for point in found.points] == [(3, 12 + at) for at in range(8)]
    assert found.points[0].value == 0.25


def test_from_twenty_four_months_on_no_chart_calls_it_chance() -> None:
    tried, settled = drawn([*STEADY, *STEADY[:10], 30]), drawn([*STEADY, *STEADY[:11], 30])
    for found, months, trial in ((tried, 23, True), (settled, 24, False)):
        (signal,) = found.found
        assert (len(found.points), found.says) == (months, Says.ROSE)
        assert found.trial is found.stretches[-1].trial is signal.trial is trial
        assert ("may be chance" in found.sentence) is trial
    assert settled.sentence == "Audits completed rose: March 2026 lies above the upper limit."


def test_what_was_found_before_a_marked_change_is_told_beside_what_came_after() -> None:
    after = [*(20 + month for month in STEADY), 60]
    found = drawn([*STEADY, 30, *after], "2025-05")
    assert [(each.rule, each.months[-1].label) for each in found.found] == [
        (ChartRule.OUTSIDE, "2025-04"),
        (ChartRule.OUTSIDE, "2026-05"),
    ]


def test_of_two_rules_over_the_same_month_the_plainer_is_told() -> None:
    found = drawn([*STEADY, *[10] * 6, 1])
    last = [each.rule for each in found.found if each.months[-1] == found.points[-1].month]
    assert last == [ChartRule.OUTSIDE, ChartRule.SHIFT]
    assert found.sentence.startswith("Audits completed fell: October 2025 lies below the lower")


def test_months_reach_from_that_of_the_first_day_to_that_of_the_last() -> None:
    labels = [month.label for month in months_of(date(2026, 11, 30), date(2027, 2, 1))]
    assert labels == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert len(months_of(date(2026, 11, 30), date(2027, 1, 31))) == 3
    assert months_of(date(2026, 11, 30), date(2026, 10, 31)) == ()


def test_the_explanation_names_what_limits_and_rules_rest_on() -> None:
    policy = replace(POLICY, chart_shift_points=8, chart_trend_points=6)
    found = explained(Month.labelled("2026-03"), policy)
    assert (found.rule, found.policy_version) == ("control_charts", 2)
    assert found.facts == {
        "last_month": "2026-03",
        "months_that_limits_come_from": 12,
        "trial_limits_until_months": 24,
        "shift_months": 8,
        "trend_months": 6,
    }
