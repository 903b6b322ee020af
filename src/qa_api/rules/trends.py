"""A figure month by month as a chart that says whether it rose, fell or neither (§4.7, R4.7.3).

'Rose' and 'fell' are words for a rule that fires; everything else is what chance gives. A marked
change divides the months: each part has limits of its own, and nothing is compared across it.
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
    signals,
    xmr_limits,
)
from qa_api.rules.decision import Explanation
from qa_api.rules.local_time import Month
from qa_api.rules.policy import Policy
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
        drawn, fired = _of_stretch(kind, stretch, policy)
        points += drawn
        found += fired
        trial = len(stretch) < _TRIED
        first = stretch[0].month
        stretches.append(Stretch(first, len(stretch), trial, len(stretch) >= LOCKED))
    says, told = _verdict(title, stretches, found, since)
    return Chart(
        kind=kind,
        points=tuple(points),
        stretches=tuple(stretches),
        found=tuple(found),
        says=says,
        trial=bool(stretches) and stretches[-1].trial,
        sentence=told,
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
) -> tuple[list[Point], list[Found]]:
    limits = _limits(kind, months)
    fired = signals([each.value for each in months], limits, policy) if limits else ()
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
    return points, [_found(signal, months) for signal in fired]


def _limits(kind: ChartKind, months: Sequence[MonthCount]) -> Sequence[Limits]:
    """The limits of each month; none where there are too few, or where nothing ever varied.

    Where all of the first twelve months are nought (or everything), limits have no room and the
    next single one would be a signal.
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


# --- words ---


def _found(signal: Signal, months: Sequence[MonthCount]) -> Found:
    over = tuple(months[at].month for at in signal.points)
    return Found(
        rule=signal.rule,
        months=over,
        upwards=signal.upwards,
        trial=len(months) < _TRIED,
        sentence=_explained(signal, over),
    )


def _explained(signal: Signal, over: Sequence[Month]) -> str:
    first, last, number = named(over[0]), named(over[-1]), len(over)
    side = "above" if signal.upwards else "below"
    match signal.rule:
        case ChartRule.OUTSIDE:
            which = "upper" if signal.upwards else "lower"
            return f"{first} lies {side} the {which} limit"
        case ChartRule.SHIFT:
            return f"{number} months in a row are {side} the mean, {first} to {last}"
        case ChartRule.TREND:
            than = "higher" if signal.upwards else "lower"
            return f"{number} months in a row, each {than} than the one before, {first} to {last}"
        case ChartRule.TWO_OF_THREE:
            which = "upper" if signal.upwards else "lower"
            return f"{' and '.join(map(named, over))} lie close to the {which} limit"


def _verdict(
    title: str, stretches: Sequence[Stretch], found: Sequence[Found], since: Month
) -> tuple[Says, str]:
    if not stretches or stretches[-1].months < FEWEST:
        number = stretches[-1].months if stretches else 0
        return Says.TOO_FEW, f"{title}: too few months to say, {number} of {FEWEST}."
    told = [each for each in found if each.months[-1] >= since]
    trial = " These are trial limits, so it may be chance." if stretches[-1].trial else ""
    if not told:
        ending = " (trial limits)" if stretches[-1].trial else ""
        return Says.NO_CHANGE, f"{title}: no change beyond chance{ending}."
    last = max(told, key=lambda each: (each.months[-1], -list(ChartRule).index(each.rule)))
    says = Says.ROSE if last.upwards else Says.FELL
    return says, f"{title} {says.value}: {last.sentence}.{trial}"


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
