"""A history as a list of decisions: which steps on which day, each with the number it draws from.

A step chooses by its own number among what is there, so it means something whichever other steps
are left out: that is what makes a history that fails short.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

FIRST: Final = date(2026, 4, 1)
"""A Wednesday, the first day of a financial year."""


@dataclass(frozen=True)
class Step:
    """What is done, and the number from which its choices are drawn."""

    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.name}({self.number})"


@dataclass(frozen=True)
class Day:
    """A day: what is done in it, and whether the worker process ran."""

    on: date
    steps: tuple[Step, ...]
    worked: bool = True

    def __str__(self) -> str:
        outage = "" if self.worked else "  [the worker stood still]"
        return f"{self.on:%a %Y-%m-%d}  {' '.join(map(str, self.steps)) or '-'}{outage}"


@dataclass(frozen=True)
class History:
    """Days in their order, and the seed that they were drawn from."""

    seed: str
    days: tuple[Day, ...]

    @property
    def steps(self) -> int:
        """How many steps it has."""
        return sum(len(day.steps) for day in self.days)

    def __str__(self) -> str:
        told = "\n".join(f"  {day}" for day in self.days)
        return f"seed {self.seed}, {len(self.days)} days, {self.steps} steps:\n{told}"


def drawn(seed: str, days: int, weights: Mapping[str, int], a_day: int) -> History:
    """A history of so many days, with about so many steps on each that is a weekday."""
    random = Random(seed)
    names, chances = list(weights), list(weights.values())
    outages = _outages(random, days)
    made = []
    for number in range(days):
        on = FIRST + timedelta(days=number)
        many = random.randint(a_day // 2, a_day + a_day // 2)
        if on.weekday() > 4:
            many //= 6
        steps = tuple(
            Step(name, random.randrange(10**9)) for name in random.choices(names, chances, k=many)
        )
        made.append(Day(on, steps, worked=number not in outages))
    return History(seed, tuple(made))


def _outages(random: Random, days: int) -> set[int]:
    """Days on which the worker process stands still: now and then, one to three in a row."""
    still: set[int] = set()
    for first in range(days):
        if random.random() < 0.015:
            still |= set(range(first, first + random.randint(1, 3)))
    return still - {days - 1}


def without(history: History, days: Sequence[Day]) -> History:
    """The same, with these days instead."""
    return History(history.seed, tuple(days))
