"""R4.7.3: what the drawing of a chart says to who cannot see it."""

from datetime import date

import pytest

from qa_api.board.chart_schemas import ChartOut, ChartPointOut, LimitsOut
from qa_api.board.control_chart_svg import control_chart
from qa_api.rules.trends import ChartKind, Says, months_of


def described(*, every: int, limits: LimitsOut | None) -> str:
    months = months_of(date(2032, 1, 1), date(2033, 1, 1))[::every]
    points = [
        ChartPointOut(month=month.label, value=5, number=5, of=None, limits=limits, rules=[])
        for month in months
    ]
    chart = ChartOut(
        chart="response_time",
        title="Days",
        clause="4.7",
        kind=ChartKind.XMR,
        scale_code=None,
        scale_number=None,
        domain_key=None,
        domain=None,
        numerator_is="days",
        denominator_is=None,
        says=Says.NO_CHANGE,
        trial=False,
        sentence="It is so.",
        points=points,
        signals=[],
        stretches=[],
        withheld=False,
    )
    return control_chart("key", chart).partition('<desc id="key-desc">')[2].partition("</desc>")[0]


@pytest.mark.parametrize(
    ("every", "limits", "told"),
    [
        (1, LimitsOut(mean=5, low=4, high=6), "13 months, 2032-01 to 2033-01. No rule fires."),
        (1, None, "13 months, 2032-01 to 2033-01."),
        (13, None, "1 month, 2032-01."),
        (4, None, "4 months that had anything to count, 2032-01 to 2033-01."),
    ],
)
def test_no_rule_fires_is_said_where_all_were_tried_and_months_as_they_lie(
    every: int, limits: LimitsOut | None, told: str
) -> None:
    assert described(every=every, limits=limits) == f"It is so. {told}"
