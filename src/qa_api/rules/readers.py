"""What readers who know rows of their own learn from a published figure (§4.7, R4.7.3).

A reader is a set of rows: all that one person knows, or the rows of a post, whoever is in it. A
head of service knows the rows of their service, a manager those of their team; somebody with two
posts knows those of both, and whoever audited elsewhere those audits too. Two of them may put
together what they know. A published figure withstands them if it, and what remains of it when any
one or two of them take theirs away, is nothing or at least the policy's minimum.

Rows that the same readers know need not be told apart, so they are counted together (`Known`).

Figures are told apart here by their atoms: sums of counts that lie apart. If every atom withstands,
whatever is worked out from what is shown by adding and subtracting is a sum of atoms, and
withstands as well.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from itertools import combinations
from math import inf
from typing import Final, TypeAlias

from qa_api.rules.unchanging import Unchanging

Cell: TypeAlias = Hashable
"""Whatever names a count."""
Reader: TypeAlias = Hashable
"""Whatever names a person or a post."""
Readers: TypeAlias = frozenset[Reader]
Holder: TypeAlias = tuple[str | None, str | None]
"""A team and the service that it belongs to; None is for rows that no team or service holds."""
TOGETHER: Final = 2
"""So many readers may put together what they know."""


class Atom(Unchanging):
    """What some counts leave of others: `plus` less `minus`.

    It counts rows, so it is never less than nothing; but for the difference of two counts of which
    neither need lie within the other.
    """

    plus: tuple[Cell, ...]
    minus: tuple[Cell, ...] = ()


class Known(Unchanging):
    """How many rows of each count the same readers know."""

    known_by: Readers
    counts: Mapping[Cell, int]

    def amount(self, atom: Atom) -> int:
        """How many of an atom."""
        held = self.counts
        return sum(held.get(one, 0) for one in atom.plus) - sum(
            held.get(one, 0) for one in atom.minus
        )


def posts(holder: Holder) -> Readers:
    """Who manages the team and who heads its service, whoever they are."""
    return frozenset(
        (post, code)
        for post, code in zip(("team", "service"), holder, strict=True)
        if code is not None
    )


def withstands(known: Collection[Known], atoms: Iterable[Atom], fewest: int) -> bool:
    """Whether each atom of these rows stands against every reader, and every two of them."""
    return all(_withstands(known, atom, fewest) for atom in atoms)


def _withstands(known: Collection[Known], atom: Atom, fewest: int) -> bool:
    rows = Counter[Readers]()
    for one in known:
        if amount := one.amount(atom):
            rows[one.known_by] += amount
    return unknown_to_any_two(rows, fewest)


def unknown_to_any_two(rows: Mapping[Readers, int], fewest: int) -> bool:
    """Whether what readers leave over of some rows, each one and each two, is nothing or enough.

    `rows`: how many are known to which readers; or by how many one count exceeds another there.
    """
    total = sum(rows.values())
    if fewest <= 1 or not any(rows.values()):
        return True
    own = _own(rows)
    if min(rows.values()) < 0:
        left = (total - known for known in (0, *_together(own, rows, -inf)))
        return not any(0 < abs(amount) < fewest for amount in left)
    if total < fewest:
        return False
    many = sorted(own.values(), reverse=True)
    if total - sum(many[:TOGETHER]) >= fewest:
        return True
    return not any(0 < total - known < fewest for known in _together(own, rows, total - fewest))


def know_all_but_not(rows: Collection[Readers], others: Collection[Readers]) -> bool:
    """Whether nobody, or one reader, or two together, know all of some rows, but not all others.

    Of each row, who knows it.
    """
    known_by, others_by = frozenset(rows), frozenset(others)
    readers = sorted({reader for one in known_by for reader in one}, key=repr)
    return any(
        not any(away.isdisjoint(one) for one in known_by)
        and any(away.isdisjoint(one) for one in others_by)
        for many in range(TOGETHER + 1)
        for away in map(frozenset, combinations(readers, many))
    )


def _own(rows: Mapping[Readers, int]) -> Mapping[frozenset[int], int]:
    """What each reader knows, once where several know the same: the places of it, and how much."""
    knows: dict[Reader, list[int]] = {}
    for at, readers in enumerate(rows):
        for reader in readers:
            knows.setdefault(reader, []).append(at)
    numbers = [*rows.values()]
    return {places: sum(numbers[at] for at in places) for places in map(frozenset, knows.values())}


def _together(
    own: Mapping[frozenset[int], int], rows: Mapping[Readers, int], enough: float
) -> Iterator[int]:
    """How much each reader and each two know, where it is more than `enough`."""
    numbers = [*rows.values()]
    by_amount = sorted(own.items(), key=lambda one: -one[1])
    yield from (amount for _, amount in by_amount if amount > enough)
    for (one, amount), (other, beside) in combinations(by_amount, TOGETHER):
        if amount + beside > enough:
            yield amount + beside - sum(numbers[at] for at in one & other)
