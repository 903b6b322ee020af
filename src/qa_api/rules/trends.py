"""A figure month by month as a chart that says whether it rose, fell or neither (§4.7, R4.7.3).

'Rose' and 'fell' are words for a rule that fires; everything else is what chance gives. A marked
change divides the months: each part has limits of its own, and nothing is compared across it.

Where the first months hardly varied there are no limits. Then the rules of runs are tried alone,
about the middle of these months, and what no rule could be tried on is not called chance.
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
    p_limits,
    runs,
    signals,
    xmr_limits,
)
from qa_api.rules.decision import Explanation
from qa_api.rules.local_time import Month
from qa_api.rules.policy import Policy
from qa_api.rules.shares import counted, percent
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
    CANNOT_SAY = "cannot_say"
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
    middle: float | None
    """What its months are held against where the first of them varied too little for limits."""


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
    says, told = _verdict(kind, stretches, asked, found, since)
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
    values = [each.value for each in months]
    middle: float | None = None
    fired: Sequence[Signal] = ()
    if limits:
        fired = signals(values, limits, policy)
    elif len(months) >= FEWEST:
        middle = _middle(values[:LOCKED])
        fired = runs(values, middle, policy)
    trial = bool(limits) and len(months) < _TRIED
    stretch = Stretch(months[0].month, len(months), trial, len(months) >= LOCKED, middle)
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
    """The limits of each month; none where there are too few, or where they hardly varied.

    Where all of the first twelve months are nought (or everything), or all but single ones are
    the same, limits would have no room: the next other one would be a signal, and the months that
    are as ever would lie beyond a limit.
    """
    if len(months) < FEWEST:
        return ()
    if kind is ChartKind.P:
        found = p_limits([(int(each.number), each.of or 0) for each in months])
        return () if found[0].mean in (0, 1) else found
    limits = xmr_limits([each.value for each in months])
    if limits is None or limits.high == limits.low:
        return ()
    return [limits] * len(months)


def _middle(values: Sequence[float]) -> float:
    """The median."""
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


# --- words ---


def _found(
    kind: ChartKind, signal: Signal, months: Sequence[MonthCount], stretch: Stretch
) -> Found:
    over = tuple(months[at].month for at in signal.points)
    middle = "the mean"
    if stretch.middle is not None:
        middle = f"{_written(kind, stretch.middle)}, the middle of the first months"
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
    kind: ChartKind,
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
    if last.middle is not None:
        return _without_limits(kind, asked, last, last.middle)
    ending = " (trial limits)" if last.trial else ""
    return Says.NO_CHANGE, f": no change beyond chance{ending}."


def _changed(told: Sequence[Found], stretch: Stretch) -> tuple[Says, str]:
    """The rule that fired last, of several over the same month the plainest."""
    last = max(told, key=lambda each: (each.months[-1], -list(ChartRule).index(each.rule)))
    trial = " These are trial limits, so it may be chance." if stretch.trial else ""
    says = Says.ROSE if last.upwards else Says.FELL
    return says, f" {says.value}: {last.sentence}.{trial}"


def _without_limits(
    kind: ChartKind, asked: Sequence[Point], stretch: Stretch, middle: float
) -> tuple[Says, str]:
    """No run is long enough, and nothing else could be tried."""
    at = _written(kind, middle)
    other = sum(point.value != middle for point in asked)
    if not other:
        return Says.NO_CHANGE, f": no change, it stands at {at}, the middle of the first months."
    first = min(stretch.months, LOCKED)
    return Says.CANNOT_SAY, (
        f": cannot say yet. It differs from {at}, the middle of the first {first} months, in"
        f" {other} of {counted(len(asked), 'month')}; but the first varied too seldom for limits"
        " that tell chance, and no run of months is long enough."
    )


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
