"""Teams side by side: which differ by more than chance, given how few each has (§4.7, R4.7.3).

Whoever audits few cases has shares that go up and down by themselves. A funnel draws, about the
share of all together, the bounds within which a team's lies by chance: the fewer cases, the wider.
Where teams differ altogether by more than chance (overdispersion), the bounds are widened by as
much, so that no team is singled out for what all share.

The published bounds are those of the normal distribution, which few cases do not follow: one of one
would be far above. So what is said and drawn asks how likely as many, or as few, are when the cases
of the whole are dealt out by lot (the hypergeometric distribution, exactly; ADR 84).

Spiegelhalter 2005, "Funnel plots for comparing institutional performance" (doi:10.1002/sim.1970),
with additive overdispersion as in the R package FunnelPlotR, on the share itself.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import accumulate
from math import fsum, sqrt
from typing import Final

from qa_api.rules.intervals import Interval, Z
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.7, R4.7.3"
Z_OUTER: Final = 3.090232306167813
"""The standard normal quantile of 99.9 %: by chance one team of five hundred lies beyond."""
Z_INNER: Final = Z
"""By chance one team of twenty lies beyond these bounds."""
INNER_TAIL: Final = 0.025
"""On either side of the inner bounds: one of twenty on both."""
OUTER_TAIL: Final = 0.001
"""On either side of the outer bounds: one of five hundred on both."""
_EXACT: Final = 1e-9
"""What lies on a bound is within it, whatever the last bit says."""
_WINSORISED: Final = 0.1
"""The share of the most extreme on either side that is drawn in before the spread is measured."""


class Part(Unchanging):
    """One team's count, of how many."""

    count: int
    of: int


class Funnel(Unchanging):
    """The share of all together, how far the parts differ, and each part's bounds."""

    target: float
    spread: float | None
    """1 where the parts differ as by chance, more where by more; None without any variation."""
    between: float
    """The variance among the parts beyond chance, by which the bounds are widened."""
    inner: tuple[Interval, ...]
    outer: tuple[Interval, ...]


class Standing(StrEnum):
    """How one part stands in the funnel."""

    WITHIN = "within"
    ABOVE = "above"
    BELOW = "below"
    FAR_ABOVE = "far_above"
    FAR_BELOW = "far_below"


SAID: Final[Mapping[Standing, str]] = {
    Standing.WITHIN: "Within what chance gives so few.",
    Standing.ABOVE: "Above: of twenty alike at most one would be out of these bounds by chance.",
    Standing.BELOW: "Below: of twenty alike at most one would be out of these bounds by chance.",
    Standing.FAR_ABOVE: "Far above: chance hardly explains it. Ask what is different here.",
    Standing.FAR_BELOW: "Far below: chance hardly explains it. Ask what is different here.",
}
"""What each standing says, for a manager."""
ALL_THE_SAME: Final = "The same as each of the others: there is nothing to tell apart."
FEWEST_PARTS: Final = 3
"""Two side by side are no funnel: each would be half of what it is held against."""


def funnel(parts: Sequence[Part], *, overdispersion: bool = True) -> Funnel:
    """The published funnel of parts, none of which is empty; `side_by_side` is the one told."""
    target = sum(part.count for part in parts) / sum(part.of for part in parts)
    variances = [target * (1 - target) / part.of for part in parts]
    spread = _spread(parts, target, variances)
    between = _between(spread, variances) if overdispersion else 0.0
    return Funnel(
        target=target,
        spread=spread,
        between=between,
        inner=tuple(_bounds(target, variance + between, Z_INNER) for variance in variances),
        outer=tuple(_bounds(target, variance + between, Z_OUTER) for variance in variances),
    )


def side_by_side(parts: Sequence[Part]) -> Funnel:
    """The funnel whose bounds hold every count that chance gives, however few a part has.

    Where the parts differ by more than chance, a part must be beyond the published, widened bounds
    as well, so that no team is singled out for what all share.
    """
    published = funnel(parts)
    if published.target in (0, 1):
        return published
    whole = Part(sum(part.count for part in parts), sum(part.of for part in parts))
    exact = [_by_lot(part.of, whole) for part in parts]
    widened = bool(published.between)
    return Funnel(
        target=published.target,
        spread=published.spread,
        between=published.between,
        inner=tuple(
            _about(inner, found if widened else None)
            for (inner, _), found in zip(exact, published.inner, strict=True)
        ),
        outer=tuple(
            _about(outer, found if widened else None)
            for (_, outer), found in zip(exact, published.outer, strict=True)
        ),
    )


def standing(part: Part, inner: Interval, outer: Interval) -> Standing:
    """Whether a part lies within its bounds, and if not, on which side and how far."""
    share = part.count / part.of
    if inner.low - _EXACT <= share <= inner.high + _EXACT:
        return Standing.WITHIN
    far = not outer.low - _EXACT <= share <= outer.high + _EXACT
    if share > inner.high:
        return Standing.FAR_ABOVE if far else Standing.ABOVE
    return Standing.FAR_BELOW if far else Standing.BELOW


def said(stands: Standing, target: float) -> str:
    """What a standing says; where nobody has any, or everybody all, chance was not asked."""
    return ALL_THE_SAME if target in (0, 1) else SAID[stands]


def _spread(parts: Sequence[Part], target: float, variances: Sequence[float]) -> float | None:
    """The mean square of the standardised differences, the most extreme drawn in."""
    if target in (0, 1):
        return None
    scores = [
        (part.count / part.of - target) / sqrt(variance)
        for part, variance in zip(parts, variances, strict=True)
    ]
    low, high = _quantile(scores, _WINSORISED), _quantile(scores, 1 - _WINSORISED)
    return sum(min(max(score, low), high) ** 2 for score in scores) / len(scores)


def _quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of them lies, between two of them by proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    at = int(place)
    after = ordered[min(at + 1, len(ordered) - 1)]
    return ordered[at] + (place - at) * (after - ordered[at])


def _between(spread: float | None, variances: Sequence[float]) -> float:
    """The variance among the parts by the method of moments (DerSimonian and Laird 1986)."""
    number = len(variances)
    if spread is None or number < 2 or number * spread < number - 1:
        return 0.0
    weights = [1 / variance for variance in variances]
    whole = sum(weights)
    room = whole - sum(weight * weight for weight in weights) / whole
    return (number * spread - (number - 1)) / room


def _bounds(target: float, variance: float, quantile: float) -> Interval:
    half = quantile * sqrt(variance)
    return Interval(max(0.0, target - half), min(1.0, target + half))


def _about(exact: Interval, widened: Interval | None) -> Interval:
    """What lies within either."""
    if widened is None:
        return exact
    return Interval(min(exact.low, widened.low), max(exact.high, widened.high))


def _by_lot(of: int, whole: Part) -> tuple[Interval, Interval]:
    """The inner and outer bounds of a part of so many, drawn by lot from the whole.

    A part that has so few that no count would be far out has every possible count within both.
    """
    lowest, weights = _weights(of, whole)
    target = whole.count / whole.of
    outer = _kept(weights, OUTER_TAIL)
    inner = outer if outer == (0, len(weights) - 1) else _kept(weights, INNER_TAIL)
    within, beyond = (
        Interval(min(target, (lowest + low) / of), max(target, (lowest + high) / of))
        for low, high in (inner, outer)
    )
    return within, beyond


def _weights(of: int, whole: Part) -> tuple[int, Sequence[float]]:
    """The lowest possible count, and of each possible one how likely it is beside the likeliest.

    Each follows from its neighbour, outwards from the likeliest: nothing grows beyond 1, and what
    is too unlikely for a float is nought.
    """
    lowest, highest = max(0, of + whole.count - whole.of), min(of, whole.count)
    likeliest = (of + 1) * (whole.count + 1) // (whole.of + 2)
    weights = [0.0] * (highest - lowest + 1)
    weights[likeliest - lowest] = 1.0
    for count in range(likeliest, highest):
        weights[count + 1 - lowest] = weights[count - lowest] * _step(count, of, whole)
    for count in range(likeliest, lowest, -1):
        weights[count - 1 - lowest] = weights[count - lowest] / _step(count - 1, of, whole)
    return lowest, weights


def _step(count: int, of: int, whole: Part) -> float:
    """How much likelier one more than a count is than the count."""
    more = (whole.count - count) * (of - count)
    return more / ((count + 1) * (whole.of - whole.count - of + count + 1))


def _kept(weights: Sequence[float], tail: float) -> tuple[int, int]:
    """The first and last place that is left when each tail is cut as far as it is so unlikely."""
    room = tail * fsum(weights) * (1 + _EXACT)
    last = len(weights) - 1
    return _cut(weights, room), last - _cut(weights[::-1], room)


def _cut(weights: Sequence[float], room: float) -> int:
    """How many of the first weights come to no more than the room."""
    return sum(1 for reached in accumulate(weights) if reached <= room)
