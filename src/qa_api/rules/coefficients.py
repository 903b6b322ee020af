"""How far two judgements of the same audits agree beyond chance, on an ordinal scale (R4.5.4).

Three coefficients, since none is right everywhere: kappa collapses where nearly everything has one
judgement, AC2 does not, and alpha takes the two who judge as interchangeable. Each is 1 for full
agreement and 0 for what chance would give, and each comes with its standard error.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from math import atanh, sqrt, tanh
from typing import Final, TypeAlias

from qa_api.rules.intervals import Interval, Z
from qa_api.rules.policy_values import KappaWeights
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.5, R4.5.4"


class Pair(Unchanging):
    """The ranks of the auditor's and of the moderated judgement of one audit; the best is 1."""

    auditor: int
    moderator: int


class Estimate(Unchanging):
    """A coefficient and its standard error."""

    value: float
    error: float


Table: TypeAlias = Mapping[tuple[int, int], int]
"""How many pairs have two ranks, the auditor's first."""


def table_of(pairs: Collection[Pair]) -> Table:
    """The pairs, counted."""
    return Counter((pair.auditor, pair.moderator) for pair in pairs)


def apart(one: int, other: int, weights: KappaWeights) -> int:
    """How much a disagreement weighs: its distance in ranks (linear), or the square of it."""
    distance = abs(one - other)
    return distance if weights is KappaWeights.LINEAR else distance * distance


def interval_of(estimate: Estimate, quantile: float = Z) -> Interval | None:
    """The interval of a coefficient by Fisher's transformation; None for full (dis)agreement.

    On the scale of atanh the doubt is even on both sides, so the bounds stay between -1 and 1
    (Fisher 1915, doi:10.2307/2331838). Where there is no variation there is no interval.
    """
    room = 1 - estimate.value * estimate.value
    if room <= 0 or estimate.error == 0:
        return None
    middle, half = atanh(estimate.value), quantile * estimate.error / room
    return Interval(tanh(middle - half), tanh(middle + half))


# --- kappa ---


def weighted_kappa(table: Table, weights: KappaWeights) -> Fraction | None:
    """Cohen's weighted kappa (Cohen 1968, doi:10.1037/h0026256), exactly.

    One minus observed over expected disagreement. None when no disagreement was to be expected:
    everybody judged everything the same. The size of the scale cancels out.
    """
    pairs = sum(table.values())
    by_auditor, by_moderator = _margins(table)
    observed = sum(apart(*ranks, weights) * often for ranks, often in table.items())
    expected = sum(
        apart(one, other, weights) * often * as_often
        for one, often in by_auditor.items()
        for other, as_often in by_moderator.items()
    )
    return None if expected == 0 else 1 - Fraction(observed * pairs, expected)


def kappa(table: Table, weights: KappaWeights) -> Estimate | None:
    """Weighted kappa with its standard error; None when no disagreement was to be expected.

    The error is that of Fleiss, Cohen and Everitt 1969 (doi:10.1037/h0028106) for large samples.
    """
    exact = weighted_kappa(table, weights)
    if exact is None:
        return None
    pairs, value = sum(table.values()), float(exact)
    by_auditor, by_moderator = _margins(table)
    from_auditor = {one: _mean_apart(one, by_moderator, weights) for one in by_auditor}
    from_moderator = {one: _mean_apart(one, by_auditor, weights) for one in by_moderator}
    expected = sum(often * from_auditor[one] for one, often in by_auditor.items()) / pairs
    beyond = 1 - value
    squares = sum(
        often
        * (apart(one, other, weights) - beyond * (from_auditor[one] + from_moderator[other])) ** 2
        for (one, other), often in table.items()
    )
    variance = (squares / pairs - (beyond * expected) ** 2) / (pairs * expected * expected)
    return Estimate(value, sqrt(max(variance, 0.0)))


def _margins(table: Table) -> tuple[Counter[int], Counter[int]]:
    by_auditor: Counter[int] = Counter()
    by_moderator: Counter[int] = Counter()
    for (one, other), often in table.items():
        by_auditor[one] += often
        by_moderator[other] += often
    return by_auditor, by_moderator


def _mean_apart(rank: int, others: Counter[int], weights: KappaWeights) -> float:
    found = sum(apart(rank, other, weights) * often for other, often in others.items())
    return found / sum(others.values())


# --- AC2 ---


def ac2(table: Table, points: int, weights: KappaWeights) -> Estimate:
    """Gwet's AC2 over a scale of so many points (Gwet 2014, chapter 5), with its standard error.

    Chance agreement is that of two who share out at random what they are unsure of, so that one
    frequent judgement does not lower it. It needs the whole scale, also points that nobody used.
    The error is that of R's and Python's irrCAC, for a sample of a large number of audits.
    """
    pairs = sum(table.values())
    used = _margins(table)
    share = {rank: (used[0][rank] + used[1][rank]) / (2 * pairs) for rank in {*used[0], *used[1]}}

    def alike(one: int, other: int) -> float:
        return 1 - apart(one, other, weights) / apart(1, points, weights)

    scale = range(1, points + 1)
    by_chance = sum(alike(one, other) for one in scale for other in scale)
    by_chance /= points * (points - 1)
    expected = by_chance * sum(each * (1 - each) for each in share.values())
    observed = sum(alike(*ranks) * often for ranks, often in table.items()) / pairs
    value = (observed - expected) / (1 - expected)

    def of_pair(one: int, other: int) -> float:
        theirs = by_chance * (1 - (share[one] + share[other]) / 2)
        moved = (alike(one, other) - expected) - 2 * (1 - value) * (theirs - expected)
        return moved / (1 - expected)

    squares = sum(often * (of_pair(*ranks) - value) ** 2 for ranks, often in table.items())
    return Estimate(value, sqrt(squares / (pairs * (pairs - 1))))


# --- alpha ---


def ordinal_alpha(table: Table) -> Fraction | None:
    """Krippendorff's alpha for ordinal data (Krippendorff 2011, "Computing alpha"), exactly.

    Two judgements are as far apart as there are judgements between them, in all that was judged.
    None when everything was judged the same.
    """
    by_auditor, by_moderator = _margins(table)
    given = by_auditor + by_moderator
    judged = sum(given.values())
    far = _ordinal_distance(given)
    observed = sum(far(*ranks) * often for ranks, often in table.items())
    ranks = sorted(given)
    expected = sum(
        given[one] * given[other] * far(one, other)
        for at, one in enumerate(ranks)
        for other in ranks[at + 1 :]
    )
    return None if expected == 0 else 1 - Fraction((judged - 1) * observed, expected)


def _ordinal_distance(given: Counter[int]) -> Callable[[int, int], int]:
    """Four times the squared distance of two ranks, so that it is a whole number."""
    before: dict[int, int] = {}
    so_far = 0
    for rank in sorted(given):
        before[rank] = 2 * so_far + given[rank]
        so_far += given[rank]
    return lambda one, other: (before[one] - before[other]) ** 2


def alpha(table: Table) -> Estimate | None:
    """Ordinal alpha with its standard error by the jackknife, on the scale of the value.

    No published formula holds for ordinal distances, which move with the data: each pair is left
    out once (Efron and Tibshirani 1993, chapter 11). What the interval is worth is shown by
    simulation. None when everything was judged the same.
    """
    exact = ordinal_alpha(table)
    if exact is None:
        return None
    pairs = sum(table.values())
    without: list[tuple[float, int]] = []
    for ranks, often in table.items():
        others = {**table, ranks: often - 1} if often > 1 else _without(table, ranks)
        left = ordinal_alpha(others)
        without.append((1.0 if left is None else float(left), often))
    mean = sum(value * often for value, often in without) / pairs
    squares = sum(often * (value - mean) ** 2 for value, often in without)
    return Estimate(float(exact), sqrt(squares * (pairs - 1) / pairs))


def _without(table: Table, ranks: tuple[int, int]) -> Table:
    return {each: often for each, often in table.items() if each != ranks}
