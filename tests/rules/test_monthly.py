"""R4.7.3: what charts count month by month."""

from typing import Any

from qa_api.rules import monthly
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import Month
from qa_api.rules.rollups import Cell, by_series
from qa_api.rules.trends import MonthCount

LAST = Month(2026, 9)


def cell(series: str, number: int, *, late: bool = False, **facts: str | int | bool) -> Cell:
    return Cell(series, facts, overdue=False, late=late, number=number)


def judged(month: str, judgement: str, number: int, scale_number: int = 1) -> Cell:
    return cell(
        monthly.COMPLETED,
        number,
        month=month,
        scale="four-point",
        scale_number=scale_number,
        judgement=judgement,
    )


def test_a_month_without_an_audit_is_nought_and_what_comes_later_is_not_counted_yet() -> None:
    cells = by_series(
        [
            judged("2026-06", "good", 2),
            judged("2026-06", "inadequate", 1),
            judged("2026-08", "good", 4),
            judged("2026-10", "good", 9),
        ]
    )
    found = monthly.completed(cells, LAST)
    assert [(each.month.label, each.number, each.of) for each in found.months] == [
        ("2026-06", 3, None),
        ("2026-07", 0, None),
        ("2026-08", 4, None),
        ("2026-09", 0, None),
    ]
    assert monthly.completed({}, LAST).months == ()


def test_a_domain_s_share_is_of_the_audits_in_which_it_was_judged() -> None:
    facts: dict[str, Any] = {"scale": "four-point", "scale_number": 1, "domain": "voice"}
    cells = by_series(
        [
            judged("2026-06", "inadequate", 9),
            cell(monthly.COMPLETED, 4, month="2026-06"),  # judged in its domains alone
            cell(monthly.DOMAINS, 3, month="2026-06", judgement="good", **facts),
            cell(monthly.DOMAINS, 1, month="2026-06", judgement="inadequate", **facts),
        ]
    )
    whole, voice = JudgedOn("four-point", 1), JudgedOn("four-point", 1, "voice")
    assert monthly.judged_in(cells) == (whole, voice)
    marked = frozenset({"inadequate"})
    assert [*monthly.escalating(cells, voice, marked, LAST).months] == [
        MonthCount(Month(2026, 6), 1, 4)
    ]
    assert [*monthly.escalating(cells, whole, marked, LAST).months] == [
        MonthCount(Month(2026, 6), 9, 9)
    ]


def test_a_share_is_told_of_each_month_up_to_the_last_in_which_there_was_anything() -> None:
    months = ("2026-06", "2026-07", "2026-09", "2026-10")
    cells = by_series(
        judged(month, "good", number) for month, number in zip(months, (4, 0, 1, 9), strict=True)
    )
    found = monthly.escalating(cells, JudgedOn("four-point", 1), frozenset({"good"}), LAST)
    assert [*found.months] == [MonthCount(Month(2026, 6), 4, 4), MonthCount(Month(2026, 9), 1, 1)]


def test_a_share_of_judgements_is_of_one_number_of_one_scale() -> None:
    cells = by_series(
        [
            judged("2026-06", "good", 2),
            judged("2026-06", "inadequate", 1),
            judged("2026-07", "inadequate", 7, scale_number=2),
            judged("2026-08", "good", 4),
        ]
    )
    assert monthly.judged_in(cells) == (JudgedOn("four-point", 1), JudgedOn("four-point", 2))
    found = monthly.escalating(cells, JudgedOn("four-point", 1), frozenset({"inadequate"}), LAST)
    assert [*found.months] == [MonthCount(Month(2026, 6), 1, 3), MonthCount(Month(2026, 8), 0, 4)]
    assert found.rows == [3, 4]


def test_a_response_that_is_not_decided_is_neither_on_time_nor_late() -> None:
    cells = by_series(
        [
            cell(monthly.RESPONSES, 5, month="2026-08", adequate_on_time=True),
            cell(monthly.RESPONSES, 1, month="2026-08", adequate_on_time=False),
            cell(monthly.RESPONSES, 2, month="2026-08", late=True),
            cell(monthly.RESPONSES, 4, month="2026-08"),
            cell(monthly.RESPONSES, 4, month="2026-09"),
        ]
    )
    found = monthly.adequate_on_time(cells, LAST)
    assert [*found.months] == [MonthCount(Month(2026, 8), 5, 8)]


def test_days_are_the_median_of_each_month() -> None:
    cells = by_series(
        [
            cell(monthly.DAYS, 1, month="2026-08", value=2),
            cell(monthly.DAYS, 2, month="2026-08", value=5),
            cell(monthly.DAYS, 1, month="2026-08", value=4),
            cell(monthly.DAYS, 3, month="2026-09", value=1),
        ]
    )
    found = monthly.days_to_respond(cells, LAST)
    assert [(each.month.label, each.number) for each in found.months] == [
        ("2026-08", 4.5),
        ("2026-09", 1),
    ]
    assert found.rows == [4, 3]


def test_a_quarter_s_judgements_are_counted_over_its_months_on_one_scale() -> None:
    cells = by_series(
        [
            judged("2026-04", "good", 2),
            judged("2026-06", "good", 3),
            judged("2026-06", "inadequate", 1),
            judged("2026-07", "good", 4),
            judged("2026-06", "good", 9, scale_number=2),
        ]
    )
    assert monthly.judged_of_quarters(cells, JudgedOn("four-point", 1)) == {
        ("2026-27 Q1", "good"): 5,
        ("2026-27 Q1", "inadequate"): 1,
        ("2026-27 Q2", "good"): 4,
    }


def test_the_responses_that_may_still_be_in_time_are_what_a_chart_leaves_over() -> None:
    cells = by_series(
        [
            cell(monthly.RESPONSES, 7, month="2026-06", adequate_on_time=True),
            cell(monthly.RESPONSES, 3, month="2026-06", late=True),
            cell(monthly.RESPONSES, 2, month="2026-06"),
        ]
    )
    assert monthly.undecided_of_quarters(cells) == {("2026-27 Q1", "undecided"): 2}
