"""How far shares of drawn audits may lie from those of all audits, for not all had one chance.

A sample of moderation is drawn for each group and month by itself, spread over strata, with a
minimum and a maximum (R4.5.1). So an audit of a small group is likelier to be drawn than one of a
large one, and some never are: restricted ones, and those of which nothing was drawn.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from qa_api.rules.unchanging import Unchanging

CERTAIN: Final = 1.0
"""The most that a share can be moved by: nothing is known of it."""


class Lot(Unchanging):
    """One stratum of one sample: how many could be drawn and were, and how many of these count.

    ``completed`` and ``chosen`` are those of the audits that something is said of, such as those
    of the quarter that were judged on one scale.
    """

    sample: str
    could_be: int
    drawn: int
    completed: int
    chosen: int


def moved_at_most(lots: Iterable[Lot], completed: int, moderated: int) -> float:
    """By how much a share of the moderated audits can differ from that of all, chance left aside.

    From 0 to 1: half the sum over the lots of how far each's part of those drawn is from its
    part of all, which no judging can exceed; and the part of those drawn that has no second
    judgement, since these are not left out by lot. Strata of one size in a sample had one chance,
    whichever of them a place fell to.
    """
    found = list(lots)
    drawable, chosen = sum(lot.completed for lot in found), sum(lot.chosen for lot in found)
    if not drawable <= completed or not 0 < moderated <= chosen:
        return CERTAIN  # what was drawn is not what is told of
    of_one_chance: dict[tuple[str, int], list[Lot]] = defaultdict(list)
    for lot in found:
        of_one_chance[lot.sample, lot.could_be].append(lot)
    parts = [(sum(lot.completed for lot in each), _chance(each)) for each in of_one_chance.values()]
    expected = sum(many * chance for many, chance in parts)
    if not expected:
        return CERTAIN
    apart = sum(abs(many / completed - many * chance / expected) for many, chance in parts)
    never = (completed - drawable) / completed
    return (apart + never) / 2 + (chosen - moderated) / chosen


def _chance(lots: Iterable[Lot]) -> float:
    found = list(lots)
    return sum(lot.drawn for lot in found) / sum(lot.could_be for lot in found)
