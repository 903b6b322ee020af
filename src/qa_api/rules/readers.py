"""What readers who know rows of their own learn from a published figure (§4.7, R4.7.3).

A head of service knows the rows of their service, a team manager those of their team, and two of
them may put together what they know. A published figure withstands them if it, and what remains of
it when any one or two of them take theirs away, is nothing or at least the policy's minimum.

Figures are told apart here by their atoms: sums of counts that lie apart. If every atom withstands,
whatever is worked out from what is shown by adding and subtracting is a sum of atoms, and
withstands as well.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final, TypeAlias

from qa_api.rules.unchanging import Unchanging

Cell: TypeAlias = Hashable
"""Whatever names a count."""
TOGETHER: Final = 2
"""So many readers may put together what they know."""


class Atom(Unchanging):
    """What some counts leave of others: `plus` less `minus`; it counts rows, so it is never less
    than nothing."""

    plus: tuple[Cell, ...]
    minus: tuple[Cell, ...] = ()


class Team(Unchanging):
    """The counts of the rows that one team holds, and the service that it belongs to.

    Rows that no service or team holds are a team of their own, with None as its service.
    """

    service: str | None
    counts: Mapping[Cell, int]

    def amount(self, atom: Atom) -> int:
        """What the team holds of an atom."""
        held = self.counts
        return sum(held.get(one, 0) for one in atom.plus) - sum(
            held.get(one, 0) for one in atom.minus
        )


def withstands(teams: Sequence[Team], atoms: Iterable[Atom], fewest: int) -> bool:
    """Whether each atom over these teams stands against every reader, and every two of them."""
    return all(
        _withstands([(team.service, team.amount(atom)) for team in teams], fewest) for atom in atoms
    )


def _withstands(held: Iterable[tuple[str | None, int]], fewest: int) -> bool:
    """The same of one atom, of which each team holds so many."""
    own = [(service, count) for service, count in held if count]
    total = sum(count for _, count in own)
    if fewest <= 1 or not total:
        return True
    if total < fewest:
        return False
    by_service = Counter[str]()
    for service, count in own:
        if service is not None:
            by_service[service] += count
    readers: list[tuple[str | None, bool, int]] = [
        (service, True, count) for service, count in by_service.items()
    ]
    readers += [(service, False, count) for service, count in own]
    most = sorted((count for *_, count in readers), reverse=True)[:TOGETHER]
    if total - sum(most) >= fewest:
        return True
    return all(
        not 0 < total - sum(count for *_, count in known) < fewest
        for many in range(1, TOGETHER + 1)
        for known in combinations(readers, many)
        if not _one_knows_the_other(known)
    )


def _one_knows_the_other(known: Sequence[tuple[str | None, bool, int]]) -> bool:
    """Whether a head and a manager of the same service stand here: the head knows both."""
    if len(known) < TOGETHER:
        return False
    (one, heads_one, _), (other, heads_other, _) = known
    return one is not None and one == other and heads_one != heads_other
