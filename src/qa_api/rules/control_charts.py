"""A trend or chance: monthly control charts, their limits and four rules (§4.7, R4.7.3).

What comes month by month goes up and down by itself. The limits say how far it does so: they are
worked out from the first twelve months and then locked, so that later months are held against them
and do not move them. They are worked out anew only from a month on at which a person marks a change
and says why. Until twelve more months have gone by they are trial limits: where nothing happens at
all, a rule fires within these twelve in one of four charts (simulated: 30 % of XmR charts, 20 % of
p-charts), since twelve months know the limits only roughly.

Equal to NHSRplotthedots (`ptd_spc_standard.R`, `ptd_calculate_point_type.R`), which follows *Making
Data Count* of NHS England, and to Montgomery, *Introduction to Statistical Quality Control*, but
where months vary by less than one. Audits and working days are whole: limits closer than that are
too narrow, and a single other month draws the mean away from all that are as ever. Such months have
limits of three audits or days on either side of their median (ADR 82).
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise
from math import inf, sqrt
from typing import Final

from qa_api.rules.policy import Policy
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.7, R4.7.3"
LOCKED: Final = 12
"""The months that limits are worked out from."""
_TO_LIMIT: Final = 2.66
"""Three standard deviations in mean moving ranges of two: 3 / 1.128."""
_SCREENED: Final = 3.267
"""A moving range beyond so many mean moving ranges is left out of the mean."""
_OUTER: Final = 3
_NEAR: Final = 2
_EXACT: Final = 1e-9
"""What lies on a limit is within it, whatever the last bit says."""


class ChartKind(StrEnum):
    """How limits are worked out: XmR for counts and days, p for shares."""

    XMR = "xmr"
    P = "p"


class ChartRule(StrEnum):
    """What is not chance: each rule by itself is reason enough to ask what happened."""

    OUTSIDE = "outside"
    SHIFT = "shift"
    TREND = "trend"
    TWO_OF_THREE = "two_of_three"


class Limits(Unchanging):
    """Between which bounds a month lies by chance; the near ones are two thirds of the way."""

    mean: float
    """What runs are looked for about; where they are whole, the median."""
    low: float
    high: float
    near_low: float
    near_high: float
    whole: bool = False
    """Whether they are three whole ones from the median."""


class Signal(Unchanging):
    """Points that break one rule, by their places in the chart, and on which side."""

    rule: ChartRule
    points: tuple[int, ...]
    upwards: bool
    """Above the mean, or rising."""


# --- limits ---


def limits_of_numbers(values: Sequence[float]) -> tuple[Limits, ...]:
    """The limits of each month of a chart of counts or of days; none for fewer than two months."""
    limits = xmr_limits(values)
    if limits is None:
        return ()
    if _vary_by_less_than_one((limits.high - limits.mean) / _OUTER):
        return _whole_limits(values, [1.0] * len(values))
    return (limits,) * len(values)


def limits_of_shares(counts: Sequence[tuple[int, int]]) -> tuple[Limits, ...]:
    """The limits of each month of a chart of shares: so many of so many, never of none."""
    limits = p_limits(counts)
    locked = counts[:LOCKED]
    if not locked:
        return ()
    mean, in_a_month = limits[0].mean, sum(of for _, of in locked) / len(locked)
    if not _vary_by_less_than_one(sqrt(mean * (1 - mean) * in_a_month)):
        return limits
    shares = [number / of for number, of in counts]
    return _whole_limits(shares, [1 / of for _, of in counts], least=0.0, most=1.0)


def xmr_limits(values: Sequence[float], *, screen: bool = True) -> Limits | None:
    """The limits of counts or days: the mean, and 2.66 mean moving ranges on either side.

    `screen` leaves out moving ranges of one far point, so that it does not hide the others. Of the
    first twelve values; None for fewer than two.
    """
    locked = values[:LOCKED]
    if len(locked) < 2:
        return None
    mean = sum(locked) / len(locked)
    ranges = [abs(after - before) for before, after in pairwise(locked)]
    moving = sum(ranges) / len(ranges)
    if screen and moving > 0:
        kept = [each for each in ranges if each < _SCREENED * moving]
        moving = sum(kept) / len(kept)
    outer, near = _TO_LIMIT * moving, _NEAR * (_TO_LIMIT / _OUTER) * moving
    return Limits(mean, mean - outer, mean + outer, mean - near, mean + near)


def p_limits(counts: Sequence[tuple[int, int]]) -> tuple[Limits, ...]:
    """The limits of shares, for each month by how many there were: so many of so many.

    The mean is that of the first twelve months together; three standard deviations of a share
    about it, cut at nought and one. A month of none has no share and does not belong here.
    """
    locked = counts[:LOCKED]
    whole = sum(of for _, of in locked)
    mean = sum(number for number, _ in locked) / whole if whole else 0.0

    def limits(of: int) -> Limits:
        deviation = sqrt(mean * (1 - mean) / of)
        outer, near = _OUTER * deviation, _NEAR * deviation
        return Limits(
            mean, max(0.0, mean - outer), min(1.0, mean + outer), mean - near, mean + near
        )

    return tuple(limits(of) for _, of in counts)


def _vary_by_less_than_one(deviation: float) -> bool:
    """Whether a standard deviation, in audits or days, is less than whole ones can tell."""
    return deviation < 1 - _EXACT


def _whole_limits(
    values: Sequence[float],
    ones: Sequence[float],
    *,
    least: float = -inf,
    most: float = inf,
) -> tuple[Limits, ...]:
    """Three whole ones on either side of the median; in shares one is another part each month."""
    middle = _median(values[:LOCKED])
    return tuple(
        Limits(
            mean=middle,
            low=max(least, middle - _OUTER * one),
            high=min(most, middle + _OUTER * one),
            near_low=middle - _NEAR * one,
            near_high=middle + _NEAR * one,
            whole=True,
        )
        for one in ones
    )


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


# --- rules ---


def signals(
    values: Sequence[float], limits: Sequence[Limits], policy: Policy
) -> tuple[Signal, ...]:
    """Every rule that fires over months with the same locked limits.

    - outside: one month beyond a limit.
    - shift: so many months in a row on one side of the mean (policy, seven by default), or of the
      median of whole limits.
    - trend: so many months in a row each higher, or each lower, than the one before (policy).
    - two of three: of three months in a row on one side, two between the near and the outer limit.
    """
    points = [*zip(values, limits, strict=True)]
    mean = limits[0].mean if limits else 0.0
    outside = [_is_outside(value, limit) for value, limit in points]
    near = [_is_near(value, limit) and not _is_outside(value, limit) for value, limit in points]
    return (
        *(
            Signal(ChartRule.OUTSIDE, (at,), value > limits[at].mean)
            for at, value in enumerate(values)
            if outside[at]
        ),
        *_shifts_and_trends(values, mean, policy),
        *_two_of_three([_side(value - mean, mean) for value in values], near),
    )


def _shifts_and_trends(
    values: Sequence[float], middle: float, policy: Policy
) -> tuple[Signal, ...]:
    sides = [_side(value - middle, middle) for value in values]
    steps = [_side(after - before, middle) for before, after in pairwise(values)]
    return (
        *_runs(ChartRule.SHIFT, sides, policy.chart_shift_points, 0),
        *_runs(ChartRule.TREND, steps, policy.chart_trend_points - 1, 1),
    )


def points_of(found: Iterable[Signal], rule: ChartRule) -> tuple[int, ...]:
    """The places of all points that break one rule, in their order."""
    return tuple(sorted({at for signal in found if signal.rule is rule for at in signal.points}))


def _side(distance: float, mean: float) -> int:
    """1 above, -1 below, 0 on the line."""
    if abs(distance) <= _EXACT * max(1.0, abs(mean)):
        return 0
    return 1 if distance > 0 else -1


def _is_outside(value: float, limit: Limits) -> bool:
    return _is_beyond(value, limit.low, limit.high, limit.mean)


def _is_near(value: float, limit: Limits) -> bool:
    return _is_beyond(value, limit.near_low, limit.near_high, limit.mean)


def _is_beyond(value: float, low: float, high: float, mean: float) -> bool:
    return _side(value - high, mean) > 0 or _side(value - low, mean) < 0


def _runs(rule: ChartRule, signs: Sequence[int], length: int, further: int) -> Iterable[Signal]:
    """Runs of one sign that are long enough; `further` points more than signs are in a run."""
    start = 0
    for at in range(1, len(signs) + 1):
        if at < len(signs) and signs[at] == signs[start]:
            continue
        if at - start >= length and signs[start]:
            yield Signal(rule, tuple(range(start, at + further)), signs[start] > 0)
        start = at


def _two_of_three(sides: Sequence[int], near: Sequence[bool]) -> Iterable[Signal]:
    for at in range(len(sides) - 2):
        window = range(at, at + 3)
        found = tuple(each for each in window if near[each])
        if abs(sum(sides[each] for each in window)) == 3 and len(found) >= 2:
            yield Signal(ChartRule.TWO_OF_THREE, found, sides[at] > 0)
