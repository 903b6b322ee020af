"""Figures as a person reads them: medians, the ratios of paired rounds, and their spread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.load import Burst

Rounds = Mapping[str, Sequence[Burst]]
"""Each application's bursts, paired by their place."""


@dataclass(frozen=True)
class Floor:
    """What a ratio should not be below: of bare asyncpg, and of the idiomatic service."""

    of_bare: float
    of_idiomatic: float


FLOORS = {"GET": Floor(0.20, 4.0), "LIST": Floor(0.30, 1.6), "POST": Floor(0.15, 1.2)}
WORKING_DAYS_FLOOR = 25.0
MOST_FAILED = 0.002
"""Of all answers; a busy machine lets a connection wait too long now and then."""
HEADINGS = "{:<16} {:>8} {:>8} {:>8} {:>15} {:>13} {:>7}"


def scenario(name: str, rounds: Rounds) -> str:
    """One scenario: each application's figures, then the ratios and whether they meet the floor."""
    lines = _figures(name, rounds)
    floor = FLOORS[name]
    lines.append("      " + compared("bare", rounds, floor.of_bare, 2))
    lines.append("      " + compared("idiomatic", rounds, floor.of_idiomatic, 1))
    peers = rounds.keys() - {"qa_api", "bare", "idiomatic"}
    lines += ["      " + compared(peer, rounds, None, 1) for peer in sorted(peers)]
    return "\n".join(lines)


def write(name: str, rounds: Rounds) -> str:
    """A kind of write beside bare alone: the figures and the ratio; it has no floor."""
    return "\n".join([*_figures(name, rounds), "      " + compared("bare", rounds, None, 2)])


def _figures(name: str, rounds: Rounds) -> list[str]:
    lines = [HEADINGS.format(name, "per s", "p50 ms", "p99 ms", "CPU ms", "+ PostgreSQL", "failed")]
    for application, bursts in rounds.items():
        lines.append(
            f"      {application:<10} {median(b.rate for b in bursts):>8.0f}"
            f" {median(b.p50 for b in bursts):>8.1f} {median(b.p99 for b in bursts):>8.1f}"
            f" {median(b.server_cpu for b in bursts):>15.2f}"
            f" {median(b.postgres_cpu for b in bursts):>13.2f}"
            f" {sum(b.failed for b in bursts):>7}"
        )
    return lines


def compared(with_: str, rounds: Rounds, floor: float | None, digits: int) -> str:
    """The ratio to another application, round by round; not everything has a floor."""
    pairs = list(zip(rounds["qa_api"], rounds[with_], strict=True))
    ratios = [ours.rate / theirs.rate for ours, theirs in pairs]
    work = [theirs.cpu / ours.cpu for ours, theirs in pairs]
    bursts = [burst for pair in pairs for burst in pair]
    failed = sum(burst.failed for burst in bursts) > MOST_FAILED * sum(b.answers for b in bursts)
    return (
        f"{median(ratios):.{digits}f} x {with_} ({min(ratios):.{digits}f}-{max(ratios):.{digits}f})"
        f", by CPU {median(work):.{digits}f} x"
        f"   {'not valid, requests failed' if failed else held(ratios, floor)}"
    )


def held(ratios: Sequence[float], floor: float | None) -> str:
    """Whether the median meets the floor. A report, not a verdict: the machine may be busy."""
    if floor is None:
        return "no floor"
    return f"floor {floor:g}: {'met' if median(ratios) >= floor else 'missed'}"
