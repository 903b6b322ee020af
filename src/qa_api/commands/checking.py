"""Whether everything that must hold holds: what an operator asks, at night and after a repair."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from qa_api.commands import maintenance
from qa_api.commands.common import in_workshop, say

if TYPE_CHECKING:
    from qa_api.checking.answers import Answer
    from qa_api.work import Workshop

MOST_TOLD: Final = 20
"""Ids that are printed of each thing that does not hold; how many more there are is said."""


def check(_: Namespace) -> int:
    """Ask whether what must always hold holds: lists, dates, gates, restriction, locks, draws,
    presented reports, removed records, messages, figures and both logs. Prints ids alone and
    changes nothing."""
    from qa_api.checking.all import INVARIANTS

    faults = 0

    async def ask(workshop: "Workshop") -> None:
        nonlocal faults
        async with workshop.open_as_service("check") as work:
            role = await work.driver.fetchval("SELECT current_user")
        say(f"asked as {role}, with the reach of the service")
        for said, invariant in INVARIANTS.items():
            answer = await invariant(workshop)
            tell(said, answer)
            faults += len(answer.broken)

    in_workshop(ask)
    faults += maintenance.figures(Namespace(rebuild=False))
    faults += maintenance.verify(Namespace(checkpoints=None))
    return 1 if faults else 0


def tell(said: str, answer: "Answer") -> None:
    """Print what was asked, of how many, and for which it does not hold."""
    broken = answer.broken
    verdict = f"does NOT hold for {len(broken)}" if broken else "holds"
    print(f"{said:<45} {answer.asked:>8} asked, {verdict}", flush=True)
    for row in broken[:MOST_TOLD]:
        print(f"    {row}")
    if len(broken) > MOST_TOLD:
        print(f"    and {len(broken) - MOST_TOLD} more")
