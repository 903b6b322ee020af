"""Of which parts of a caseload the coverage can be told, so that nobody is recognised (R4.7.3).

Several tables stand beside each other: by team, by status, by each stratum, by case system. A team
may lie within a system, and a status within a team, so one table less another can tell of a few
though each withstands by itself. Therefore tables are laid along axes. What is shown along one axis
cuts the children into atoms: those that are the same in all of it. All that can be worked out from
one axis is a sum of its atoms, so each atom must withstand every reader (`readers`).

Where there are children in every combination of atoms of several axes, whoever they are that a
reader knows, nothing less than an atom follows from all axes together either: what is added to one
combination by an atom is added to all others of that atom. (A sum of functions of each axis that is
nowhere negative is, each shifted by its least value, a sum of functions that are nowhere negative.)
Parts that would break that appear in the whole alone.

What was told before stays known. Who came and who went since are cut by all that is shown, and each
atom of them must withstand as well: one child less tells nobody whether that child was audited.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from math import prod
from typing import Final, TypeAlias

from qa_api.rules.open_groups import ATOMS, Change, Group, Led, held_by_teams, kinds_of
from qa_api.rules.readers import TOGETHER, withstands
from qa_api.rules.unchanging import Unchanging

Part: TypeAlias = tuple[str, str]
"""A kind of part, and its code."""
Axes: TypeAlias = tuple[tuple[Part, ...], ...]
"""The parts that are shown, by the axis that they lie along."""
Place: TypeAlias = tuple[str | None, ...]
"""An atom of an axis: of each kind the shown part, or None for all others."""
TWO_AXES: Final = 2
_KEPT: Final = 8
_LAST: Final = "system"
"""The kind of part that is told last, if what else is told leaves room for it."""


class Told(Unchanging):
    """What a coverage that was told before was counted from, and of which parts it was told."""

    groups: tuple[Group, ...]
    parts: frozenset[Part]


def tellable(
    groups: Sequence[Group], fewest: int, before: Iterable[Told] = (), led: Led = ()
) -> frozenset[Part] | None:
    """The parts of which the coverage can be told beside the whole; None: not even the whole.

    Teams first, and of each kind the largest first, so that the same parts are told day by day. A
    kind of part lies along the axis on which most of it can be shown.
    """
    choice = _Choice(groups, fewest, [*before], led)
    axes: Axes = ()
    if not choice.withstands(axes):
        return None
    for by in sorted(kinds_of(groups), key=lambda kind: (kind == _LAST, kind != "team", kind)):
        found = [choice.with_most(axes, at, by) for at in range(len(axes) + 1)]
        axes = max(found, key=lambda one: sum(map(len, one)))
    return frozenset(part for axis in axes for part in axis)


class _Choice:
    """What is asked of every choice of parts."""

    def __init__(
        self, groups: Sequence[Group], fewest: int, before: Sequence[Told], led: Led
    ) -> None:
        self._counted = _Counted(groups, fewest, led)
        changes = [Change.between(told.groups, groups) for told in before]
        self._moved = [
            _Counted(side, fewest, led) for one in changes for side in (one.came, one.went) if side
        ]
        self._before = [told.parts for told in before]
        self._groups, self._fewest, self._led = groups, fewest, led
        self._left: dict[frozenset[Part], _Counted] = {}

    def with_most(self, axes: Axes, at: int, by: str) -> Axes:
        """These axes, with as many parts of a kind along one of them, or along another."""
        sizes: Counter[str] = Counter()
        for group in self._groups:
            sizes[group.code(by)] += group.children
        for code in sorted(sizes, key=lambda code: (-sizes[code], code)):
            axis = axes[at] if at < len(axes) else ()
            more = (*axes[:at], (*axis, (by, code)), *axes[at + 1 :])
            if self.withstands(more):
                axes = more
        return axes

    def withstands(self, axes: Axes) -> bool:
        """Whether nothing follows that tells of a few: of the children, or of who came or went."""
        shown = tuple(part for axis in axes for part in axis)
        return (
            self._counted.withstand(axes)
            and all(moved.withstand((shown,)) for moved in self._moved)
            and all(self._beside(earlier, axes, shown) for earlier in self._before)
        )

    def _beside(self, earlier: frozenset[Part], axes: Axes, shown: Collection[Part]) -> bool:
        """Whether what is left withstands whoever takes away the parts that were told before.

        All of them, or those of one kind: parts of several kinds may be everybody together.
        """
        gone = earlier.difference(shown)
        kinds = {by for by, _ in shown}
        taken = {gone, *(frozenset(part for part in gone if part[0] == by) for by in kinds)}
        return all(self._without(parts).withstand(axes) for parts in taken if parts)

    def _without(self, parts: frozenset[Part]) -> "_Counted":
        if parts not in self._left:
            left = [one for one in self._groups if not any(one.code(by) == c for by, c in parts)]
            self._left[parts] = _Counted(left, self._fewest, self._led)
        return self._left[parts]


class _Counted:
    """Some children, and where they lie along each axis that was asked about."""

    def __init__(self, groups: Sequence[Group], fewest: int, led: Led) -> None:
        self._groups, self._fewest, self._led = groups, fewest, led
        self._services = {group.team: group.service for group in groups}
        self._codes: dict[str, list[str]] = {}
        self._places: dict[tuple[Part, ...], list[Place]] = {}
        self._standing: dict[tuple[Part, ...], bool] = {}

    def withstand(self, axes: Axes) -> bool:
        """Whether every atom of each axis does, and axes cross everywhere."""
        along = all(self._withstand_along(axis) for axis in axes or ((),))
        return along and (len(axes) < TWO_AXES or self._cross_everywhere(axes))

    def _withstand_along(self, axis: tuple[Part, ...]) -> bool:
        if axis not in self._standing:
            atoms: dict[Place, list[Group]] = {}
            for group, place in zip(self._groups, self._along(axis), strict=True):
                atoms.setdefault(place, []).append(group)
            self._standing[axis] = all(
                withstands(held_by_teams(atom, self._led), ATOMS, self._fewest)
                for atom in atoms.values()
            )
        return self._standing[axis]

    def _along(self, axis: tuple[Part, ...]) -> list[Place]:
        """The atom that each group is in."""
        if axis not in self._places:
            if len(self._places) > _KEPT:  # a place for each group is much to keep
                self._places.clear()
            told: dict[str, set[str]] = {}
            for by, code in axis:
                told.setdefault(by, set()).add(code)
            columns = [
                [code if code in codes else None for code in self._codes_of(by)]
                for by, codes in told.items()
            ]
            self._places[axis] = [*zip(*columns, strict=True)] or [()] * len(self._groups)
        return self._places[axis]

    def _codes_of(self, by: str) -> list[str]:
        if by not in self._codes:
            self._codes[by] = [group.code(by) for group in self._groups]
        return self._codes[by]

    def _cross_everywhere(self, axes: Axes) -> bool:
        """Whether somebody is in every combination of atoms, also without whom two readers know.

        An atom that the two know all of is no unknown, so it needs nobody in its combinations.
        """
        places = [self._along(axis) for axis in axes]
        crossed = [*zip(*places, strict=True)]
        if len({*crossed}) < prod(len({*one}) for one in places):
            return False
        in_all: dict[tuple[Place, ...], set[str]] = {}
        in_one: dict[tuple[int, Place], set[str]] = {}
        for group, at in zip(self._groups, crossed, strict=True):
            in_all.setdefault(at, set()).add(group.team)
            for atom in enumerate(at):
                in_one.setdefault(atom, set()).add(group.team)
        return not any(
            all(in_one[atom] - known for atom in enumerate(at))
            for at, there in in_all.items()
            for known in _known_by_two(there, self._services, self._led)
            if there <= known
        )


def _known_by_two(
    teams: Collection[str], services: Mapping[str, str | None], led: Led
) -> Iterator[set[str]]:
    """Whose rows two readers of these teams or of their services know: never those of three, but
    where one of them leads teams of several."""
    several = [{*own} for own in led if not own.isdisjoint(teams)]
    if len({services[team] or team for team in teams}) > TOGETHER and not several:
        return
    readers = [*({team} for team in sorted(teams)), *several]
    for service in sorted({own for team in teams if (own := services[team]) is not None}):
        readers.append({team for team, own in services.items() if own == service})
    for one, other in combinations_with_replacement(readers, TOGETHER):
        yield one | other
