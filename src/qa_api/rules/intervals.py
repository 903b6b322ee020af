"""Between which bounds a share lies of which only a sample was counted (R4.5.4, R4.7.3).

A stated interval is one of 95 %: of a hundred such samples some 95 have bounds that hold the true
share. Where everything was counted there is no sample, and so no interval.
"""

from collections.abc import Callable
from fractions import Fraction
from math import comb, sqrt
from typing import Final

from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.7, R4.7.3"
Z: Final = 1.959963984540054
"""The standard normal quantile of 97.5 %: 2.5 % beyond it on either side."""
_TAIL: Final = Fraction(1, 40)
"""What may lie beyond either bound."""


class Interval(Unchanging):
    """The bounds of a figure: of a share, from 0 to 1; of agreement, from -1 to 1."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """How far the bounds are apart."""
        return self.high - self.low


def of_share(count: int, sample: int, population: int | None = None) -> Interval | None:
    """The interval of a share of a sample; None where there is none to state.

    There is none for an empty sample, and none where the sample is the population. Of less than
    half of a known population it is Wilson's, corrected for how much of it was seen; from half on
    the mid-p one, since Wilson's then promises too much. Without a population Wilson's own.
    """
    if sample in {0, population}:
        return None
    if population is not None and 2 * sample >= population:
        return mid_p(count, sample, population)
    return wilson(count, sample, population)


def wilson(count: float, sample: float, population: int | None = None) -> Interval:
    """Wilson's score interval (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    A finite population narrows it: z² becomes z² (N - n) / (N - 1), as in O'Neill 2021
    (`CONF.prop` of the R package stat.extend).
    """
    z2 = Z * Z
    if population is not None:
        z2 *= (population - sample) / (population - 1)
    share = count / sample
    middle = share + z2 / (2 * sample)
    half = sqrt(z2 * (share * (1 - share) / sample + z2 / (4 * sample * sample)))
    scale = 1 + z2 / sample
    return Interval(max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale))


def of_difference(count: float, of: float, other: float, of_others: float) -> Interval:
    """The interval of a share less another, each of a sample of its own; neither is empty.

    Newcombe's hybrid score interval (Newcombe 1998, method 10, PMID 9595617), without continuity
    correction: Wilson's bounds of both, joined.
    """
    one, two = wilson(count, of), wilson(other, of_others)
    share, others = count / of, other / of_others
    below = sqrt((share - one.low) ** 2 + (two.high - others) ** 2)
    above = sqrt((one.high - share) ** 2 + (others - two.low) ** 2)
    return Interval(share - others - below, share - others + above)


def mid_p(count: int, sample: int, population: int) -> Interval:
    """The mid-p interval of a finite population, exact (Lancaster 1961, doi:10.2307/2281995).

    It holds every number of the population under which a sample with so many, counted half, or
    more, is not rarer than 2.5 %, nor one with so many, counted half, or fewer. The samples of a
    finite population are hypergeometric.
    """
    least, most = count, population - (sample - count)

    def up_to(among: int) -> Fraction:
        return _chance_up_to(count, among, sample, population)

    low = _first(least, most, lambda among: 1 - up_to(among) > _TAIL)
    high = _first(least, most + 1, lambda among: up_to(among) <= _TAIL) - 1
    return Interval(low / population, high / population)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first whole number from `low` on of which something holds, `high` if of none before.

    Once it holds it goes on holding.
    """
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _chance_up_to(count: int, among: int, sample: int, population: int) -> Fraction:
    """The chance of fewer than `count` in the sample, and half of that of exactly so many.

    `among` of the population have what is counted. Each term follows from the one before.
    """
    others = population - among
    found = max(0, sample - others)
    ways = comb(among, found) * comb(others, sample - found)
    fewer = 0
    while found < count:
        fewer += ways
        ways = ways * (among - found) * (sample - found)
        ways //= (found + 1) * (others - sample + found + 1)
        found += 1
    return Fraction(2 * fewer + ways, 2 * comb(population, sample))
