"""How a share is told, and how sure it is: counts, 'k of n' or per cent (§4.7, R4.7.3).

A percentage of six says more than six can know. Below ten there are counts only, from ten to
twenty-nine 'k of n', from thirty a share (policy). A share of a sample has its interval; where
everything was counted there is no sample, and so no interval.

In per cent a share that is not nought is never told as 0%, and one that is not all never as 100%.
"""

from collections.abc import Callable
from enum import StrEnum
from math import ceil, floor
from typing import Final

from qa_api.rules.intervals import CLAUSE, Interval, of_share, wilson
from qa_api.rules.policy import Policy
from qa_api.rules.unchanging import Unchanging

__all__ = [
    "CLAUSE",
    "Share",
    "ShownAs",
    "all_as_one",
    "hundredths",
    "percent",
    "rate_of_all",
    "share_of_all",
    "share_of_audits",
    "share_of_lots",
    "share_of_sample",
    "share_to_the_nearest",
    "to_the_nearest",
]

_AS_GOOD_AS: Final = 1e-9
"""What arithmetic may be off by: nearer than this to nought or to all is nought or all."""

_ROOM: Final = 0.05
"""How far lots of unequal chances may move a share that is told of all: its bounds are moved out by
as much. By the same for all, so that they tell nobody how many could not be drawn."""


class ShownAs(StrEnum):
    """How a figure of so many is told."""

    COUNTS = "counts"
    OUT_OF = "out_of"
    SHARE = "share"


class Share(Unchanging):
    """So many of so many, how that is told, and between which bounds it may be.

    `interval` is None where everything was counted and nothing is asked beyond, and for counts
    alone. `enough` is whether it says something: always of what was counted in full.
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


def all_as_one(count: int) -> str:
    """What is said where all judgements of a scale stand as one number: that it tells none."""
    return f"All {count}: as one number they do not tell how they were judged."


def rate_of_all(count: int, of: int, policy: Policy) -> Share:
    """A share of everything there was, and how far it would have come about by chance alone.

    The count is certain. The interval is about something else: the rate at which it came about, as
    if this year were one of many alike. So one of few is not read as better or worse than it is.
    """
    counted_in_full = share_of_all(count, of, policy)
    how = counted_in_full.shown_as
    interval = None if how is ShownAs.COUNTS else wilson(count, of)
    told = f"{_told(count, of, how)}. Everybody was counted"
    if of == 0:
        told = counted_in_full.sentence
    elif interval is None:
        told += "."
    else:
        rate = _between(interval, of, how)
        told += f"; the rate behind it, which chance moves from year to year, is likely {rate}."
    return Share(count, of, how, interval, of > 0, told)


def share_of_sample(count: int, of: int, policy: Policy, population: int | None = None) -> Share:
    """A share of a sample, of a population of known size or of a large one.

    Too few to say: fewer than are told as 'k of n', or bounds further apart than policy has it.
    """
    if of == population and of > 0:
        return share_of_all(count, of, policy)
    if of == 0:
        return Share(count, of, shown_as(of, policy), None, False, "There was nothing to count.")
    interval = of_share(count, of, population)
    return _of_sample(count, of, shown_as(of, policy), interval, "", policy, population)


def share_of_lots(count: int, of: int, policy: Policy, population: int, moved: float) -> Share:
    """A share of what several lots drew, each from its own part of the population.

    `moved`: by how much it can differ from the whole's for other reasons than chance
    (`lots.moved_at_most`). Where that is more than the bounds leave room for, nothing is said of
    the whole.
    """
    if of in {0, population}:
        return share_of_sample(count, of, policy, population)
    how = shown_as(of, policy)
    if moved > _ROOM:
        told = (
            f"{_told(count, of, how)}. Nothing is said of all {population}: not each was about as "
            f"likely as the others to be among these {of}."
        )
        return Share(count, of, how, None, False, told)
    by_chance = of_share(count, of, population) or Interval(0.0, 1.0)
    interval = Interval(
        max(by_chance.low - _ROOM, count / population),
        min(by_chance.high + _ROOM, (population - of + count) / population),
    )
    return _of_sample(count, of, how, interval, "", policy, population)


def share_to_the_nearest(count: int, of: int, policy: Policy, step: int) -> Share:
    """A share of a sample of which no more is told than its count to the nearest so many.

    The words are true of every count that is told so, and the bounds hold those of each.
    """
    if step == 1 or of == 0:
        return share_of_sample(count, of, policy)
    near = min(to_the_nearest(count, step), of)
    least, most = max(near - step // 2, 0), min(near + (step - 1) // 2, of)
    how = shown_as(of, policy)
    told = _about(near, least, most, of, how, step)
    if how is ShownAs.COUNTS:
        told += f": too few to say, fewer than {policy.figure_out_of_from}."
        return Share(near, of, how, None, False, told)
    interval = Interval(wilson(least, of).low, wilson(most, of).high)
    enough = is_narrow(interval, policy)
    told += f"; likely {_between(interval, of, how)}." + ("" if enough else _TOO_WIDE)
    return Share(near, of, how, interval, enough, told)


def _about(near: int, least: int, most: int, of: int, how: ShownAs, step: int) -> str:
    """A rounded count: at the ends what is certain of it, since 'about all' reads as all."""
    among = f"counted among {of}" if how is ShownAs.COUNTS else f"of {of}"
    if least == 0 < most:
        told = f"at most {most} {among}"
        share = f"{_bound(most / of, ceil)} or less"
    elif most == of:
        told = f"at least {least} {among}"
        share = f"{_bound(least / of, floor)} or more"
    else:
        nearest = f", to the nearest {step}"
        told = f"{near} {among}{nearest}"
        if how is not ShownAs.SHARE:
            return f"About {told}"
        share = f"About {percent(near / of)}"
    return f"{share} ({told})" if how is ShownAs.SHARE else f"{told[:1].upper()}{told[1:]}"


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


_TOO_WIDE: Final = " That is too few to say."


def _of_sample(
    count: int,
    of: int,
    how: ShownAs,
    interval: Interval | None,
    lying: str,
    policy: Policy,
    population: int | None = None,
) -> Share:
    if how is ShownAs.COUNTS:
        fewer = f"fewer than {policy.figure_out_of_from}"
        why = f"they count as {fewer}" if lying else fewer
        told = f"{_told(count, of, how)}{lying}: too few to say, {why}."
        return Share(count, of, how, None, False, told)
    if interval is None:
        raise AssertionError("a sample that is neither empty nor everything has an interval")
    enough = is_narrow(interval, policy)
    among = "" if population is None else f"of all {population} "
    between = _between(interval, population or of, how)
    verdict = "" if enough else _TOO_WIDE
    told = f"{_told(count, of, how)}{lying}; {among}likely {between}.{verdict}"
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
        return f"between {_bound(interval.low, floor)} and {_bound(interval.high, ceil)}"
    low, high = floor(interval.low * of + 1e-9), ceil(interval.high * of - 1e-9)
    return f"between {low} and {high} of {of}"


def counted(number: int, what: str) -> str:
    """So many of something: the plural takes an s."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def to_the_nearest(count: int, step: int) -> int:
    """A count as the nearest multiple of `step`: halves up."""
    return (2 * count + step) // (2 * step) * step


def percent(share: float) -> str:
    """A share in per cent: whole ones, or with as many decimals as tell it from nought and all.

    The limit of a chart that lies beyond them is told as that end.
    """
    return _in_percent(share, round)


def hundredths(low: float, high: float) -> tuple[int, int]:
    """Bounds in whole hundredths, rounded outwards."""
    return floor(low * 100 + _AS_GOOD_AS), ceil(high * 100 - _AS_GOOD_AS)


def _bound(share: float, outwards: Callable[[float], int]) -> str:
    """A bound in per cent, rounded outwards: `floor` for the lower one, `ceil` for the upper."""
    nudge = _AS_GOOD_AS if outwards is floor else -_AS_GOOD_AS
    return _in_percent(share, lambda value: outwards(value + nudge))


def _in_percent(share: float, rounded: Callable[[float], int]) -> str:
    if share <= _AS_GOOD_AS or share >= 1 - _AS_GOOD_AS:
        return "0%" if share < 1 / 2 else "100%"
    decimals = 0
    while (told := rounded(share * 100 * 10**decimals)) in {0, 100 * 10**decimals}:
        decimals += 1
    return f"{told / 10**decimals:.{decimals}f}%"
