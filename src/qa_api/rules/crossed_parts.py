"""Two ways to part the same rows beside each other, as services and themes do (§4.7, R4.7.3).

Nobody says how many rows of a theme a service has. But a theme may lie within a service, as whoever
reads the plan knows, and then the one less the other is told. So it is where two readers know all
that lies outside. In general: parts of one kind, less all those of the other kind that lie within
them, are of nobody or of enough. It is asked of each part, and of all in which some of the other
kind lie: whatever others leave over is the sum of what those do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

from qa_api.rules.readers import TOGETHER, Atom, Known, Reader
from qa_api.rules.unchanging import Unchanging

Crossed: TypeAlias = Mapping[tuple[str, str], Sequence[Known]]
"""What is known of the rows in each part of the one kind and of the other."""


class _Row(Unchanging):
    """So many rows of a part of each kind, whoever knows them."""

    one: int
    other: int
    known_by: frozenset[Reader]
    number: int


def cross_safely(crossed: Crossed, atoms: Iterable[Atom], fewest: int) -> bool:
    """Whether parts of both kinds can be told beside each other by these atoms."""
    return all(_crosses_safely(crossed, atom, fewest) for atom in atoms)


def _crosses_safely(crossed: Crossed, atom: Atom, fewest: int) -> bool:
    ones, others = ([*dict.fromkeys(key[at] for key in crossed)] for at in (0, 1))
    rows = [
        _Row(ones.index(one), others.index(other), known.known_by, number)
        for (one, other), teams in crossed.items()
        for known in teams
        if (number := known.amount(atom))
    ]
    readers = sorted({reader for row in rows for reader in row.known_by}, key=repr)
    return all(
        number == 0 or number >= fewest
        for many in range(TOGETHER + 1)
        for away in map(frozenset, combinations(readers, many))
        for number in _left(rows, away, len(ones), len(others))
    )


def _left(rows: Iterable[_Row], away: frozenset[Reader], ones: int, others: int) -> Iterator[int]:
    """What parts of a kind leave beside the other kind's, to whoever knows what is away."""
    table = [[0] * others for _ in range(ones)]
    for row in rows:
        if away.isdisjoint(row.known_by):
            table[row.one][row.other] += row.number
    yield from _beside(table)
    yield from _beside([*map(list, zip(*table, strict=True))])


def _beside(table: Sequence[Sequence[int]]) -> Iterator[int]:
    """Each part, and those in which some of the other kind lie, less all that lie within them."""
    sums = [sum(part) for part in table]
    within = [
        (sum(1 << at for at, number in enumerate(column) if number), sum(column))
        for column in zip(*table, strict=True)
    ]
    together = {1 << at for at in range(len(sums))}
    for where, _ in within:
        together |= {where | other for other in together} if where else set()
    for inside in together:
        taken = sum(number for where, number in within if not where & ~inside)
        yield sum(number for at, number in enumerate(sums) if inside >> at & 1) - taken
