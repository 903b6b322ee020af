"""What a drill shows of a year: how much was lived, what was refused, how long it took."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tests.year.living import Lived
from tests.year.steps import KINDS

_WIDTH: Final = 110


def table(seed: str, lived: Lived) -> list[str]:
    """A few lines for one screen."""
    days = Counter({"days": lived.days, "checks": lived.checks, "requests": lived.requests})
    said = ", ".join(f"{many} {what}" for what, many in days.items())
    a_year, server = (cpu * 365 / max(1, lived.days) for cpu in (lived.cpu, lived.server_cpu))
    taken = sum(lived.taken.values())
    refused, idle = sum(lived.ended.values()), sum(lived.idle.values())
    steps = f"{taken} steps taken, {refused} refused, {idle} with nothing to do"
    cpu = f"{a_year:.0f} s of CPU a year, {server:.0f} of them PostgreSQL's"
    return [
        f"seed {seed}: {said}, {steps}; {cpu}",
        *_in_lines("taken", lived.taken),
        *_in_lines("refused", by_type(lived)),
        *_in_lines("never taken", Counter(dict.fromkeys(never_taken(lived), 0))),
    ]


def by_type(lived: Lived) -> Counter[str]:
    """Refusals by the problem's type."""
    found: Counter[str] = Counter()
    for (slug, _), many in lived.refusals.items():
        found[slug] += many
    return found


def never_taken(lived: Lived) -> list[str]:
    """Kinds of steps that never came to their end."""
    return [name for name in KINDS if not lived.taken[name]]


def _in_lines(what: str, counted: Counter[str]) -> Iterator[str]:
    line = f"  {what}:"
    for name, many in counted.most_common():
        if len(line) > _WIDTH:
            yield line
            line = "   "
        line += f" {name} {many},"
    yield line.rstrip(",")
