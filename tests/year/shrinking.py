"""The shortest history that still fails: days and steps are left out while it does."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from tests.year.histories import Day, History, Step

T = TypeVar("T")
Fails = Callable[[History], bool]


def shortest(history: History, fails: Fails) -> History:
    """A history of which no day, and no step, can be left out without its fault going away.

    `fails` lives through a history in a new authority, and says whether it ends in the same fault.
    Whether the worker process is needed for it is tried first: without it a day is short.
    """
    still = tuple(replace(day, worked=False) for day in history.days)
    if fails(alone := History(history.seed, still)):
        history = alone
    days = _fewest(history.days, lambda kept: fails(History(history.seed, tuple(kept))))
    steps = [(number, step) for number, day in enumerate(days) for step in day.steps]
    kept = _fewest(steps, lambda some: fails(_with(history.seed, days, some)))
    left = _with(history.seed, days, kept)
    return History(
        history.seed,
        tuple(_fewest(left.days, lambda some: fails(History(history.seed, tuple(some))))),
    )


def _with(seed: str, days: Sequence[Day], steps: Sequence[tuple[int, Step]]) -> History:
    """These days with these steps of theirs alone."""
    return History(
        seed,
        tuple(
            replace(day, steps=tuple(step for at, step in steps if at == number))
            for number, day in enumerate(days)
        ),
    )


def _fewest(things: Sequence[T], still: Callable[[Sequence[T]], bool]) -> list[T]:
    """As few of the things, in their order, as still do it: half of them is tried first."""
    kept, size = list(things), max(1, len(things) // 2)
    while kept:
        at, left_out = 0, False
        while at < len(kept):
            tried = kept[:at] + kept[at + size :]
            if still(tried):
                kept, left_out = tried, True
            else:
                at += size
        if size == 1 and not left_out:
            break
        size = max(1, size // 2)
    return kept
