"""Which of several linked counts are shown, so that nobody is recognised (§4.7, R4.7.3).

Counts are linked where one is counted within another: audits done among those due. What is shown
cuts them into atoms: each count less the shown counts within it. A count is shown if every atom
then withstands every reader (`readers`); where it does not it is left out, by itself. Parts of the
whole, such as services, show one choice of counts, or nothing.

Counts may cross, as closures that were exempt and those without an audit do. Where readers know how
they hang together, one of them less the other tells what they have in common, or nearly. So beside
each other they count as told apart: what is in both cuts them too (`Crossing`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final, TypeAlias

from qa_api.rules.grouped import Parts, shown_parts
from qa_api.rules.readers import Atom, Cell, Known, withstands
from qa_api.rules.unchanging import Unchanging

Tree: TypeAlias = Mapping[Cell, Cell | None]
"""Each count and the one within which it is counted; counts within the same one lie apart."""


class Crossing(Unchanging):
    """Counts that overlap, and what follows from them, or nearly, once all of them are told."""

    counts: tuple[Cell, ...]
    tell: tuple[Cell, ...]
    """In the trees too, within what they are parts of; never shown by themselves."""


class Family(Unchanging):
    """Linked counts, the most wanted first, and every way in which they lie within each other."""

    cells: tuple[Cell, ...]
    trees: tuple[Tree, ...]
    crossings: tuple[Crossing, ...] = ()
    differing: tuple[Cell, ...] = ()
    """Counts any of which may lie within any other, though nothing says so: it depends on what else
    there is. Beside each other both are told only if one less the other is of nobody or enough."""

    @property
    def counted(self) -> tuple[Cell, ...]:
        """Those that may be shown, and those that follow from them."""
        return (*self.cells, *dict.fromkeys(one for each in self.crossings for one in each.tell))


class Counts(Unchanging):
    """Which counts are shown of the whole, which of its parts, and of which parts."""

    whole: tuple[Cell, ...]
    parts: tuple[Cell, ...] = ()
    shown: tuple[str, ...] = ()


NOTHING_YET: Final = Counts(())


def shown_counts(
    family: Family,
    parts: Parts,
    fewest: int,
    before: Counts = NOTHING_YET,
    only: Collection[str] | None = None,
) -> Counts:
    """The counts that can be shown of a whole and its parts.

    `parts` hold every row of the whole; `only` says which of them may be shown. `before` is what
    every earlier version together has shown: what is shown now must withstand beside it too.
    """
    every = [team for teams in parts.values() for team in teams]
    whole: list[Cell] = []
    for cell in (*family.cells, *family.cells):  # a nought may follow what it is counted within
        if cell in whole or not _says_of_enough(family, cell, whole, every):
            continue
        more = [*whole, cell]
        beside = [more] if cell in before.whole else [more, [*before.whole, *more]]
        if all(withstands(every, atoms(family, cells), fewest) for cells in beside):
            whole = more
    again = [cell for cell in whole if cell in before.parts]
    choices = [Counts(tuple(whole))]
    for many in range(len(whole), -1, -1):
        told = [*whole[:many], *(cell for cell in again if cell not in whole[:many])]
        known = atoms(family, [*before.parts, *told])
        shown = shown_parts(parts, known, fewest, only, before.shown)
        choices.append(Counts(tuple(whole), tuple(told), shown))
    return max(choices, key=lambda one: _how_much(one, before))


def _how_much(told: Counts, before: Counts) -> tuple[bool, int]:
    """What was told of parts is told again, if it can be; then most is told of most."""
    again = set(before.shown).issubset(told.shown) and set(before.parts).issubset(told.parts)
    return again, len(told.parts) * len(told.shown)


def _says_of_enough(
    family: Family, cell: Cell, shown: Collection[Cell], every: Sequence[Known]
) -> bool:
    """Whether it is no nought, or what it is counted within is shown: a nought of a hidden few
    would tell what all of them were."""
    if any(team.amount(Atom((cell,))) for team in every):
        return True
    above = [tree[cell] for tree in family.trees if cell in tree]
    return all(one is None or one in shown for one in above)


def atoms(family: Family, shown: Iterable[Cell]) -> list[Atom]:
    """Each shown count less the nearest shown counts within it, in every tree."""
    told = frozenset(shown)
    follow = (one.tell for one in family.crossings if told.issuperset(one.counts))
    told = told.union(*follow)
    differing = combinations([cell for cell in family.differing if cell in told], 2)
    found = [atom for tree in family.trees for atom in _atoms_of_tree(tree, told)]
    return list(dict.fromkeys([*found, *(Atom((one,), (other,)) for one, other in differing)]))


def _atoms_of_tree(tree: Tree, told: Collection[Cell]) -> Sequence[Atom]:
    within = {cell: _nearest(tree, cell, told) for cell in tree if cell in told}
    return [
        Atom((cell,), tuple(part for part, above in within.items() if above == cell))
        for cell in within
    ]


def _nearest(tree: Tree, cell: Cell, told: Collection[Cell]) -> Cell | None:
    """The nearest shown count within which it is counted."""
    above = tree[cell]
    while above is not None and above not in told:
        above = tree[above]
    return above
