"""How many of how many must be drawn for a share to be known so closely (§4.4, R4.4.4).

The answer is the smallest sample of which Wilson's interval, as `intervals` states it, is no wider
than wanted. A share of a half is the least sure of all, so without an expectation a half is taken:
whatever the share turns out to be, the interval is no wider. With an expectation it is wider where
the share found is nearer to a half, so the sentence says how wide it can become.
"""

from math import sqrt
from typing import Final

from qa_api.rules.decision import Explanation, Fact, RuleRefused
from qa_api.rules.intervals import Z
from qa_api.rules.shares import hundredths, percent
from qa_api.rules.unchanging import Unchanging

CLAUSE: Final = "§4.4, R4.4.4"
LEAST_SURE: Final = 50
"""Per cent: the share whose interval is the widest."""


class SampleSize(Unchanging):
    """So many of a population, how wide the interval is then, and why."""

    sample: int
    population: int
    width: float
    """How far apart the bounds are if the expected share is found, from 0 to 1; 0 where everybody
    is looked at."""
    sentence: str
    explanation: Explanation


def sample_for(
    population: int, width_percent: int, *, expected_percent: int = LEAST_SURE, policy_version: int
) -> SampleSize:
    """The smallest sample whose interval, if the expected share is found, is as close as wanted.

    Raises `RuleRefused` where there is nobody to draw from.
    """
    if population < 1:
        raise RuleRefused("nobody", CLAUSE, "There is nobody to draw from.")
    wanted, share = width_percent / 100, expected_percent / 100
    low, high = 1, population  # everybody is always enough
    while low < high:
        middle = (low + high) // 2
        if width_of(share, middle, population) <= wanted:
            high = middle
        else:
            low = middle + 1
    width = width_of(share, low, population)
    widest = width_of(LEAST_SURE / 100, low, population)
    facts: dict[str, Fact] = {
        "population": population,
        "wanted_width_percent": width_percent,
        "expected_percent": expected_percent,
        "sample": low,
        "width_percent": hundredths(0, width)[1],
        "widest_percent": hundredths(0, widest)[1],
        "interval": "Wilson's of 95 %, corrected for a finite population",
        "chance": percent(low / population),
    }
    explanation = Explanation("sample_size", CLAUSE, policy_version, facts=facts)
    said = _said(low, population, width_percent, expected_percent, hundredths(0, widest)[1])
    return SampleSize(low, population, width, said, explanation)


def width_of(share: float, sample: int, population: int | None = None) -> float:
    """How wide Wilson's interval of such a share is (Wilson 1927).

    See doi:10.1080/01621459.1927.10502953: 2 z sqrt(p (1 - p) / n + z² / 4n²) / (1 + z² / n), where
    a finite population makes z² into z² (N - n) / (N - 1) (O'Neill 2021, `CONF.prop` of the R
    package stat.extend). The larger the sample the smaller; nothing where the sample is everybody.
    """
    z2 = Z * Z
    if population is not None:
        z2 *= (population - sample) / (population - 1) if population > 1 else 0.0
    spread = z2 * (share * (1 - share) / sample + z2 / (4 * sample * sample))
    return 2 * sqrt(spread) / (1 + z2 / sample)


def _said(sample: int, population: int, width: int, expected: int, widest: int) -> str:
    if sample == population:
        return f"Look at all {population}: fewer would not say it within {width} points."
    found = "whatever share is found"
    if expected != LEAST_SURE:
        less_sure = "more" if expected < LEAST_SURE else "less"
        found = f"if {expected}% is found, as expected; if {less_sure} is found, up to {widest}"
    return (
        f"Draw {sample} of {population}: the bounds are no more than {width} points apart {found}."
        " In about 95 of a hundred such samples they hold the true share."
    )
