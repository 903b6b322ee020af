"""The control charts on the Board's page: what each says, its chart, and the table beside it."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from qa_api.board.chart_schemas import ChartOut, ChartPointOut
from qa_api.board.control_chart_svg import control_chart
from qa_api.board.page_pieces import chart_figure, number, table
from qa_api.rules.shares import percent
from qa_api.rules.trends import ChartKind, ChartRule

RULES: Final = {
    ChartRule.OUTSIDE: "beyond a limit",
    ChartRule.SHIFT: "in a run on one side of the mean or median",
    ChartRule.TREND: "in a run that rises or falls",
    ChartRule.TWO_OF_THREE: "two of three close to a limit",
}
_READING: Final = (
    "Each chart shows a figure month by month, with the mean and the limits within which it goes"
    " up and down by chance. The limits come from the first twelve months that had anything to"
    " count, or from those after a marked change; where these varied by less than one, they are"
    " three on either side of the median. A filled square breaks a rule: it lies beyond a limit,"
    " or in a run, and it is worth asking what happened. 'Rose' and 'fell' are said only then."
    " Trial limits rest on few months: of four charts in which nothing happens one shows a signal."
)


def charts(found: Sequence[ChartOut] | None) -> Iterator[str]:
    """Every chart; a sentence where there is none to show."""
    if found is None:
        return
    yield f"<h2>A trend or chance</h2><p>{escape(_READING)}</p>"
    for at, chart in enumerate(found):
        yield from _chart(f"chart-{at}", chart)


def _chart(key: str, chart: ChartOut) -> Iterator[str]:
    scale = f", {chart.domain or chart.domain_key}" if chart.domain_key else ""
    scale += f", scale {chart.scale_code} {chart.scale_number}" if chart.scale_code else ""
    yield f"<h3>{escape(chart.title + scale)}</h3><p>{escape(chart.sentence)}</p>"
    for stretch in chart.stretches:
        if stretch.why is not None:
            yield f'<p>Changed from {stretch.starts} on: <span class="said">'
            yield f"{escape(stretch.why)}</span></p>"
    yield chart_figure(control_chart(key, chart), f"{chart.title}, {_counted(chart)}")
    if chart.points:
        heads = ("Month", "Value", "Mean or median", "Limits", "What breaks a rule")
        rows = (_row(point, share=chart.kind is ChartKind.P) for point in chart.points)
        yield table(f"{chart.title}, month by month", heads, rows)


def _counted(chart: ChartOut) -> str:
    of = f", of {chart.denominator_is}" if chart.denominator_is else ""
    return f"{chart.numerator_is}{of} ({chart.clause})"


def _row(point: ChartPointOut, *, share: bool) -> tuple[str, ...]:
    limits = point.limits
    value = f"{point.number:g} of {point.of}" if share else f"{point.value:g}"
    return (
        escape(point.month),
        number(value),
        number("none" if limits is None else _written(limits.mean, share=share)),
        number(
            "none"
            if limits is None
            else f"{_written(limits.low, share=share)} to {_written(limits.high, share=share)}"
        ),
        "; ".join(RULES[rule] for rule in point.rules),
    )


def _written(value: float, *, share: bool) -> str:
    return percent(value) if share else f"{value:.3g}"
