"""How a share is told, and how sure it is: counts, 'k of n' or per cent (§4.7, R4.7.3).

A percentage of six says more than six can know. Below ten there are counts only, from ten to
twenty-nine 'k of n', from thirty a share (policy). A share of a sample has its interval; where
everything was counted there is no sample, and so no interval.
"""

from enum import StrEnum
from math import ceil, floor

from qa_api.rules.intervals import CLAUSE, Interval, of_share, wilson
from qa_api.rules.policy import Policy
from qa_api.rules.unchanging import Unchanging

__all__ = [
    "CLAUSE",
    "Share",
    "ShownAs",
    "share_of_all",
    "share_of_audits",
    "share_of_sample",
    "to_the_nearest",
]


class ShownAs(StrEnum):
    """How a figure of so many is told."""

    COUNTS = "counts"
    OUT_OF = "out_of"
    SHARE = "share"


class Share(Unchanging):
    """So many of so many, how that is told, and between which bounds it may be.

    `interval` is None where everything was counted, and for counts alone. `enough` is whether it
    says something: always of what was counted in full.
    """

    count: int
    of: int
    shown_as: ShownAs
    interval: Interval | None
    enough: bool
    sentence: str

    @property
    def value(self) -> float | None:
        """The share where it may be told as one."""
        return self.count / self.of if self.shown_as is ShownAs.SHARE else None


def shown_as(of: int, policy: Policy) -> ShownAs:
    """How a figure of so many is told."""
    if of < policy.figure_out_of_from:
        return ShownAs.COUNTS
    return ShownAs.OUT_OF if of < policy.figure_share_from else ShownAs.SHARE


def share_of_all(count: int, of: int, policy: Policy) -> Share:
    """A share of everything there was: nothing was sampled."""
    how = shown_as(of, policy)
    told = f"{_told(count, of, how)}. Everything was counted: no interval."
    if of == 0:
        told = "There was nothing to count."
    return Share(count, of, how, None, of > 0, told)


def share_of_sample(count: int, of: int, policy: Policy, population: int | None = None) -> Share:
    """A share of a sample, of a population of known size or of a large one.

    Too few to say: fewer than are told as 'k of n', or bounds further apart than policy has it.
    """
    if of == population and of > 0:
        return share_of_all(count, of, policy)
    if of == 0:
        return Share(count, of, shown_as(of, policy), None, False, "There was nothing to count.")
    return _of_sample(count, of, shown_as(of, policy), of_share(count, of, population), "", policy)


def share_of_audits(count: int, of: int, audits: int, counts_as: float, policy: Policy) -> Share:
    """A share of judgements of which several are of one audit.

    They count as so many that have nothing to do with each other (`counts_as`): how the share is
    told and how far its bounds are apart follows from that.
    """
    if of == audits:
        return share_of_sample(count, of, policy)
    how = shown_as(int(counts_as), policy)
    interval = wilson(count / of * counts_as, counts_as)
    return _of_sample(count, of, how, interval, f", in {counted(audits, 'audit')}", policy)


def _of_sample(
    count: int, of: int, how: ShownAs, interval: Interval | None, lying: str, policy: Policy
) -> Share:
    if how is ShownAs.COUNTS:
        fewer = f"fewer than {policy.figure_out_of_from}"
        why = f"they count as {fewer}" if lying else fewer
        told = f"{_told(count, of, how)}{lying}: too few to say, {why}."
        return Share(count, of, how, None, False, told)
    if interval is None:
        raise AssertionError("a sample that is neither empty nor everything has an interval")
    enough = is_narrow(interval, policy)
    verdict = "" if enough else " That is too few to say."
    told = f"{_told(count, of, how)}{lying}; likely {_between(interval, of, how)}.{verdict}"
    return Share(count, of, how, interval, enough, told)


def is_narrow(interval: Interval, policy: Policy) -> bool:
    """Whether the bounds are near enough for the figure to say something."""
    return interval.width * 100 <= policy.figure_widest_interval


def _told(count: int, of: int, how: ShownAs) -> str:
    match how:
        case ShownAs.COUNTS:
            return f"{count} counted among {of}"
        case ShownAs.OUT_OF:
            return f"{count} of {of}"
        case ShownAs.SHARE:
            return f"{percent(count / of)} ({count} of {of})"


def _between(interval: Interval, of: int, how: ShownAs) -> str:
    """The bounds as the figure itself is told, rounded outwards."""
    if how is ShownAs.SHARE:
        return f"between {percent(interval.low)} and {percent(interval.high)}"
    low, high = floor(interval.low * of + 1e-9), ceil(interval.high * of - 1e-9)
    return f"between {low} and {high} of {of}"


def counted(number: int, what: str) -> str:
    """So many of something: the plural takes an s."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def to_the_nearest(count: int, step: int) -> int:
    """A count as the nearest multiple of `step`: halves up."""
    return (2 * count + step) // (2 * step) * step


def percent(share: float) -> str:
    """A share in whole per cent."""
    return f"{share:.0%}"
