"""What can happen in a year, by name, and how often compared with the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.year.steps import (
    auditing,
    caseloads,
    closing,
    directing,
    gates,
    households,
    keeping,
    listed,
    mistakes,
    moderating,
    observing,
    planning,
    receiving,
    reporting,
    ruling,
)
from tests.year.turn import Turn

Act = Callable[[Turn], None]


@dataclass(frozen=True)
class Kind:
    """A kind of step."""

    act: Act
    weight: int


KINDS: Final[dict[str, Kind]] = {
    name: Kind(act, weight)
    for steps in (
        listed.STEPS,
        closing.STEPS,
        auditing.STEPS,
        gates.STEPS,
        mistakes.STEPS,
        moderating.STEPS,
        observing.STEPS,
        directing.STEPS,
        ruling.STEPS,
        planning.STEPS,
        households.STEPS,
        caseloads.STEPS,
        reporting.STEPS,
        keeping.STEPS,
        receiving.STEPS,
    )
    for name, (act, weight) in steps.items()
}

WEIGHTS: Final = {name: kind.weight for name, kind in KINDS.items()}
