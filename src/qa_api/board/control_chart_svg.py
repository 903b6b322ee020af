"""A control chart as SVG: months along a line, the mean, the limits, and what breaks a rule.

It reads in print and without colour: a month that breaks a rule is a filled square, others are open
circles; the mean is a whole line, limits are broken ones, a marked change is an upright one.
"""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Final

from qa_api.board.chart_schemas import ChartOut, ChartPointOut
from qa_api.rules.local_time import Month
from qa_api.rules.shares import counted, percent
from qa_api.rules.trends import ChartKind, without_gap

_WIDTH: Final = 640
_HEIGHT: Final = 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 34, 14, 44
_INK: Final = "#12395b"
_MOST_LABELS: Final = 8
_COUNTED: Final = " that had anything to count"


def control_chart(key: str, chart: ChartOut) -> str:
    """The chart of what is shown; nothing where there is no month."""
    if not chart.points:
        return ""
    drawn = _Drawing(chart.points, share=chart.kind is ChartKind.P)
    marked = {stretch.starts for stretch in chart.stretches if stretch.why is not None}
    content = "".join(
        (*drawn.axes(), *drawn.changes(marked), *drawn.limits(), *drawn.line(), *drawn.months())
    )
    return (
        f'<svg role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-labelledby="{key}-title '
        f'{key}-desc"><title id="{key}-title">{escape(chart.title)}</title>'
        f'<desc id="{key}-desc">{escape(_described(chart))}</desc>{content}</svg>'
    )


def _described(chart: ChartOut) -> str:
    """The chart for who cannot see it; the table beside has every number."""
    first, last = chart.points[0].month, chart.points[-1].month
    which = "" if without_gap([_month(point) for point in chart.points]) else _COUNTED
    found = " ".join(signal.sentence for signal in chart.signals) or _none_fires(chart)
    months = first if first == last else f"{first} to {last}"
    many = counted(len(chart.points), "month")
    return f"{chart.sentence} {many}{which}, {months}. {found}".strip()


def _month(point: ChartPointOut) -> Month:
    return Month.labelled(point.month)


def _none_fires(chart: ChartOut) -> str:
    """Only where every rule was tried; what else there was to try its sentence says."""
    tried = any(point.limits is not None for point in chart.points)
    return "No rule fires." if tried else ""


class _Drawing:
    """Where each month and value lies."""

    def __init__(self, points: Sequence[ChartPointOut], *, share: bool) -> None:
        self.points, self.share = points, share
        values = [point.value for point in points]
        values += [
            bound
            for point in points
            if point.limits is not None
            for bound in (point.limits.low, point.limits.high)
        ]
        low, high = min(0.0, *values), max(values)
        self.low = max(0.0, low) if share else low
        self.high = min(1.0, high) if share else high
        if self.high == self.low:
            self.high = self.low + 1

    def x(self, at: int) -> float:
        """The place of a month, the only one in the middle."""
        room = _WIDTH - _LEFT - _RIGHT
        return _LEFT + (room * at / (len(self.points) - 1) if len(self.points) > 1 else room / 2)

    def y(self, value: float) -> float:
        """The height of a value."""
        room = _HEIGHT - _TOP - _BOTTOM
        return _TOP + room * (self.high - value) / (self.high - self.low)

    def axes(self) -> Iterator[str]:
        """The two axes, with the months and three values beside them."""
        floor = _HEIGHT - _BOTTOM
        yield f'<path d="M{_LEFT} {_TOP}V{floor}H{_WIDTH - _RIGHT}" stroke="#222" fill="none"/>'
        for value in (self.low, (self.low + self.high) / 2, self.high):
            written = percent(value) if self.share else f"{value:.3g}"
            yield _text(_LEFT - 6, self.y(value) + 4, written, "end")
        step = -(-len(self.points) // _MOST_LABELS)
        for at in range(0, len(self.points), step):
            yield _text(self.x(at), floor + 16, self.points[at].month, "middle")

    def changes(self, marked: set[str]) -> Iterator[str]:
        """An upright line before each month at which a change was marked."""
        for at, point in enumerate(self.points):
            if point.month in marked and at:
                x = (self.x(at - 1) + self.x(at)) / 2
                yield (
                    f'<path d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#222" '
                    'stroke-dasharray="2 3"/>'
                )
                yield _text(x, _HEIGHT - 8, "change", "middle")

    def limits(self) -> Iterator[str]:
        """The mean and both limits, each as long as it holds."""
        for name, dashes in (("mean", ""), ("low", "6 4"), ("high", "6 4")):
            path = ""
            for before, after in pairwise(range(len(self.points))):
                found = [self.points[at].limits for at in (before, after)]
                if found[0] is None or found[1] is None or found[0].mean != found[1].mean:
                    continue
                heights = [self.y(getattr(each, name)) for each in found]
                path += (
                    f"M{self.x(before):.1f} {heights[0]:.1f}L{self.x(after):.1f} {heights[1]:.1f}"
                )
            if path:
                yield f'<path d="{path}" stroke="#555" stroke-dasharray="{dashes}" fill="none"/>'

    def line(self) -> Iterator[str]:
        """The values, month after month."""
        places = " ".join(
            f"{self.x(at):.1f},{self.y(point.value):.1f}" for at, point in enumerate(self.points)
        )
        yield f'<polyline points="{places}" stroke="{_INK}" stroke-width="1.5" fill="none"/>'

    def months(self) -> Iterator[str]:
        """Each month: a filled square where it breaks a rule, else an open circle."""
        for at, point in enumerate(self.points):
            x, y = self.x(at), self.y(point.value)
            if point.rules:
                corner = f'x="{x - 5:.1f}" y="{y - 5:.1f}"'
                yield f'<rect {corner} width="10" height="10" fill="{_INK}"/>'
            else:
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="#fff" stroke="{_INK}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#111">{escape(text)}</text>'
