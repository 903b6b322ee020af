"""Teams side by side: which differ by more than chance, given how few each has (§4.7, R4.7.3).

Whoever audits few cases has shares that go up and down by themselves. A funnel draws, about the
share of all together, the bounds within which a team's lies by chance: the fewer cases, the wider.
Where teams differ altogether by more than chance (overdispersion), the bounds are widened by as
much, so that no team is singled out for what all share.

Spiegelhalter 2005, "Funnel plots for comparing institutional performance" (doi:10.1002/sim.1970),
with additive overdispersion as in the R package FunnelPlotR, on the share itself.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import sqrt
from typing import Final

from qa_api.rules.intervals import Interval, Z
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.7, R4.7.3"
Z_OUTER: Final = 3.090232306167813
"""The standard normal quantile of 99.9 %: by chance one team of five hundred lies beyond."""
Z_INNER: Final = Z
"""By chance one team of twenty lies beyond these bounds."""
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
    Standing.ABOVE: "Above: of twenty that are alike one would be out of these bounds by chance.",
    Standing.BELOW: "Below: of twenty that are alike one would be out of these bounds by chance.",
    Standing.FAR_ABOVE: "Far above: chance hardly explains it. Ask what is different here.",
    Standing.FAR_BELOW: "Far below: chance hardly explains it. Ask what is different here.",
}
"""What each standing says, for a manager."""
ALL_THE_SAME: Final = "The same as each of the others: there is nothing to tell apart."
FEWEST_PARTS: Final = 3
"""Two side by side are no funnel: each would be half of what it is held against."""


def funnel(parts: Sequence[Part], *, overdispersion: bool = True) -> Funnel:
    """The funnel of parts, none of which is empty."""
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
