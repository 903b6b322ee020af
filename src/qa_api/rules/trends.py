"""A figure month by month as a chart that says whether it rose, fell or neither (§4.7, R4.7.3).

'Rose' and 'fell' are words for a rule that fires; everything else is what chance gives. A marked
change divides the months: each part has limits of its own, and nothing is compared across it.

Where the first months hardly varied the limits are wider and lie about their median, which the
sentences then name.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final

from qa_api.rules.control_charts import (
    CLAUSE,
    LOCKED,
    ChartKind,
    ChartRule,
    Limits,
    Signal,
    limits_of_numbers,
    limits_of_shares,
    signals,
)
from qa_api.rules.decision import Explanation
from qa_api.rules.local_time import Month
from qa_api.rules.policy import Policy
from qa_api.rules.shares import percent
from qa_api.rules.unchanging import Unchanging

__all__ = ["CLAUSE", "Chart", "ChartKind", "ChartRule", "MonthCount", "Says", "Signal", "chart"]

FEWEST: Final = 6
"""Months below which there are no limits at all."""
_TRIED: Final = 2 * LOCKED
"""Months from which limits are trial limits no more."""


class Says(StrEnum):
    """What a chart says of the months that were asked about."""

    ROSE = "rose"
    FELL = "fell"
    NO_CHANGE = "no_change"
    NO_MONTHS = "no_months"
    TOO_FEW = "too_few"


class MonthCount(Unchanging):
    """One month: a number, or for a p-chart so many of so many."""

    month: Month
    number: float
    of: int | None = None

    @property
    def value(self) -> float:
        """What is drawn."""
        return self.number if self.of is None else self.number / self.of


class Point(Unchanging):
    """A month in its chart: its value, its limits if there are any, the rules that it breaks."""

    month: Month
    value: float
    number: float
    of: int | None
    limits: Limits | None
    rules: tuple[ChartRule, ...]


class Found(Unchanging):
    """A rule that fired: over which months, on which side, and in words."""

    rule: ChartRule
    months: tuple[Month, ...]
    upwards: bool
    trial: bool
    sentence: str


class Stretch(Unchanging):
    """The months between two marked changes, which share their limits."""

    starts: Month
    months: int
    trial: bool
    """Whether the limits are trial limits: fewer than twenty-four months know them roughly."""
    locked: bool
    """Whether they no longer move with each month."""
    median: float | None
    """What its months are held against where the first of them hardly varied."""


class Chart(Unchanging):
    """A figure over its months."""

    kind: ChartKind
    points: tuple[Point, ...]
    stretches: tuple[Stretch, ...]
    found: tuple[Found, ...]
    says: Says
    trial: bool
    sentence: str
    policy_version: int


def chart(
    kind: ChartKind,
    title: str,
    months: Sequence[MonthCount],
    changes: Collection[Month],
    since: Month,
    policy: Policy,
) -> Chart:
    """The chart of a figure, its months in order; `since` is the first month it speaks about.

    A month of which there was nothing to count (a share of none, a median of none) is not among
    the months: it is no nought.
    """
    points: list[Point] = []
    stretches: list[Stretch] = []
    found: list[Found] = []
    for stretch in _divided(months, changes):
        of_these, drawn, fired = _of_stretch(kind, stretch, policy)
        stretches.append(of_these)
        points += drawn
        found += fired
    asked = [point for point in points if point.month >= since]
    says, told = _verdict(stretches, asked, found, since)
    return Chart(
        kind=kind,
        points=tuple(points),
        stretches=tuple(stretches),
        found=tuple(found),
        says=says,
        trial=bool(stretches) and stretches[-1].trial,
        sentence=f"{title}{told}",
        policy_version=policy.version,
    )


def _divided(
    months: Sequence[MonthCount], changes: Collection[Month]
) -> Iterable[Sequence[MonthCount]]:
    """The months of each stretch; a change begins a new one with its own month."""
    begins = {sum(each.month < change for each in months) for change in changes}
    return [months[start:end] for start, end in pairwise(sorted({0, len(months)} | begins))]


def _of_stretch(
    kind: ChartKind, months: Sequence[MonthCount], policy: Policy
) -> tuple[Stretch, list[Point], list[Found]]:
    limits = _limits(kind, months)
    fired = signals([each.value for each in months], limits, policy) if limits else ()
    stretch = Stretch(
        starts=months[0].month,
        months=len(months),
        trial=bool(limits) and len(months) < _TRIED,
        locked=len(months) >= LOCKED,
        median=limits[0].mean if limits and limits[0].whole else None,
    )
    broken: dict[int, list[ChartRule]] = {}
    for signal in fired:
        for at in signal.points:
            if signal.rule not in broken.setdefault(at, []):
                broken[at].append(signal.rule)
    points = [
        Point(
            month=each.month,
            value=each.value,
            number=each.number,
            of=each.of,
            limits=limits[at] if limits else None,
            rules=tuple(broken.get(at, ())),
        )
        for at, each in enumerate(months)
    ]
    return stretch, points, [_found(kind, signal, months, stretch) for signal in fired]


def _limits(kind: ChartKind, months: Sequence[MonthCount]) -> Sequence[Limits]:
    """The limits of each month; none where there are too few."""
    if len(months) < FEWEST:
        return ()
    if kind is ChartKind.P:
        return limits_of_shares([(int(each.number), each.of or 0) for each in months])
    return limits_of_numbers([each.value for each in months])


# --- words ---


def _found(
    kind: ChartKind, signal: Signal, months: Sequence[MonthCount], stretch: Stretch
) -> Found:
    over = tuple(months[at].month for at in signal.points)
    middle = "the mean"
    if stretch.median is not None:
        middle = f"{_written(kind, stretch.median)}, the median of the first months"
    return Found(
        rule=signal.rule,
        months=over,
        upwards=signal.upwards,
        trial=stretch.trial,
        sentence=_explained(signal, over, middle),
    )


def _explained(signal: Signal, over: Sequence[Month], middle: str) -> str:
    side = "above" if signal.upwards else "below"
    which = "upper" if signal.upwards else "lower"
    match signal.rule:
        case ChartRule.OUTSIDE:
            return f"{named(over[0])} lies {side} the {which} limit"
        case ChartRule.SHIFT:
            return _run(over, " are ", f"{side} {middle}")
        case ChartRule.TREND:
            than = "higher" if signal.upwards else "lower"
            return _run(over, ", ", f"each {than} than the one before")
        case ChartRule.TWO_OF_THREE:
            return f"{' and '.join(map(named, over))} lie close to the {which} limit"


def _run(over: Sequence[Month], are: str, told: str) -> str:
    """A run in words, true also where months between had nothing to count."""
    reach, number = f"{named(over[0])} to {named(over[-1])}", len(over)
    if without_gap(over):
        return f"{number} months in a row{are}{told}, {reach}"
    return f"{number} months that had anything to count, {reach}, are {told}"


def _verdict(
    stretches: Sequence[Stretch],
    asked: Sequence[Point],
    found: Sequence[Found],
    since: Month,
) -> tuple[Says, str]:
    """What is said of the months asked about, and how that reads after the title."""
    if not stretches or stretches[-1].months < FEWEST:
        number = stretches[-1].months if stretches else 0
        return Says.TOO_FEW, f": too few months to say, {number} of {FEWEST}."
    if not asked:
        none = f"from {named(since)} on no month that is over has anything to count"
        return Says.NO_MONTHS, f": nothing to say, {none}."
    told = [each for each in found if each.months[-1] >= since]
    last = stretches[-1]
    if told:
        return _changed(told, last)
    ending = " (trial limits)" if last.trial else ""
    return Says.NO_CHANGE, f": no change beyond chance{ending}."


def _changed(told: Sequence[Found], stretch: Stretch) -> tuple[Says, str]:
    """The rule that fired last, of several over the same month the plainest."""
    last = max(told, key=lambda each: (each.months[-1], -list(ChartRule).index(each.rule)))
    trial = " These are trial limits, so it may be chance." if stretch.trial else ""
    says = Says.ROSE if last.upwards else Says.FELL
    return says, f" {says.value}: {last.sentence}.{trial}"


def _written(kind: ChartKind, value: float) -> str:
    return percent(value) if kind is ChartKind.P else f"{value:g}"


def without_gap(months: Sequence[Month]) -> bool:
    """Whether each follows the one before: a chart leaves out what had nothing to count."""
    return all(before.next == after for before, after in pairwise(months))


def explained(last: Month, policy: Policy) -> Explanation:
    """How the limits and rules of every chart were worked out, up to its last month (X2)."""
    return Explanation(
        "control_charts",
        CLAUSE,
        policy.version,
        facts={
            "last_month": last.label,
            "months_that_limits_come_from": LOCKED,
            "trial_limits_until_months": _TRIED,
            "shift_months": policy.chart_shift_points,
            "trend_months": policy.chart_trend_points,
        },
    )


_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def named(month: Month) -> str:
    """A month as people say it: March 2026."""
    return f"{_MONTHS[month.number - 1]} {month.year}"


def months_of(first: date, last: date) -> tuple[Month, ...]:
    """Every month from that of the first day to that of the last."""
    found, month = [], Month.of(first)
    while month.starts_on <= last:
        found.append(month)
        month = month.next
    return tuple(found)
