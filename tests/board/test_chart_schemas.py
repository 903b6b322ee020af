"""What a chart may say has room in the contract (R4.7.3)."""

from datetime import date

from qa_api.board.chart_schemas import MOST_MONTHS, ChartSignalOut
from qa_api.rules.control_charts import ChartRule
from qa_api.rules.trends import months_of


def test_a_run_of_ten_years_on_one_side_can_be_told() -> None:
    """The report of an authority whose figure stood on one side for years is no error."""
    months = [month.label for month in months_of(date(2030, 1, 1), date(2039, 12, 31))]
    assert len(months) == MOST_MONTHS
    said = ChartSignalOut(
        rule=ChartRule.SHIFT, months=months, upwards=False, trial=False, sentence="It fell."
    )
    assert said.months == months
