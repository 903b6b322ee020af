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

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from math import prod
from typing import Final, TypeAlias

from qa_api.rules.open_groups import ATOMS, Change, Group, held_by_teams, kinds_of
from qa_api.rules.readers import TOGETHER, withstands
from qa_api.rules.unchanging import Unchanging

Part: TypeAlias = tuple[str, str]
"""A kind of part, and its code."""
Axes: TypeAlias = tuple[tuple[Part, ...], ...]
"""The parts that are shown, by the axis that they lie along."""
Place: TypeAlias = tuple[str | None, ...]
"""An atom of an axis: of each kind the shown part, or None for all others."""
_LAST: Final = "system"
"""The kind of part that is told last, if what else is told leaves room for it."""


class Told(Unchanging):
    """What a coverage that was told before was counted from, and of which parts it was told."""

    groups: tuple[Group, ...]
    parts: frozenset[Part]


def tellable(
    groups: Sequence[Group], fewest: int, before: Iterable[Told] = ()
) -> frozenset[Part] | None:
    """The parts of which the coverage can be told beside the whole; None: not even the whole.

    Teams first, and of each kind the largest first, so that the same parts are told day by day. A
    kind of part lies along the axis on which most of it can be shown.
    """
    choice = _Choice(groups, fewest, [*before])
    axes: Axes = ()
    if not choice.withstands(axes):
        return None
    for by in sorted(kinds_of(groups), key=lambda kind: (kind == _LAST, kind != "team", kind)):
        found = [choice.with_most(axes, at, by) for at in range(len(axes) + 1)]
        axes = max(found, key=lambda one: sum(map(len, one)))
    return frozenset(part for axis in axes for part in axis)


class _Choice:
    """What is asked of every choice of parts."""

    def __init__(self, groups: Sequence[Group], fewest: int, before: Sequence[Told]) -> None:
        self._groups, self._fewest = groups, fewest
        self._before = [told.parts for told in before]
        changes = [Change.between(told.groups, groups) for told in before]
        self._moved = [side for one in changes for side in (one.came, one.went)]

    def with_most(self, axes: Axes, at: int, by: str) -> Axes:
        """These axes, with as many parts of a kind along one of them, or along another."""
        sizes: dict[str, int] = {}
        for group in self._groups:
            sizes[group.code(by)] = sizes.get(group.code(by), 0) + group.children
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
            self._along(self._groups, axes)
            and all(self._along(moved, (shown,)) for moved in self._moved)
            and all(self._beside(earlier, axes, shown) for earlier in self._before)
        )

    def _along(self, groups: Sequence[Group], axes: Axes) -> bool:
        every_atom = all(
            withstands(held_by_teams(atom), ATOMS, self._fewest)
            for axis in axes or ((),)
            for atom in _atoms(groups, axis)
        )
        return every_atom and (len(axes) < 2 or _cross_everywhere(groups, axes))

    def _beside(self, earlier: Collection[Part], axes: Axes, shown: Collection[Part]) -> bool:
        """Whether what is left withstands whoever takes away the parts that were told before."""
        gone = frozenset(earlier).difference(shown)
        left = [one for one in self._groups if not any(one.code(by) == code for by, code in gone)]
        return not gone or self._along(left, axes)


def _atoms(groups: Iterable[Group], axis: Collection[Part]) -> Iterable[Sequence[Group]]:
    """The children that are the same in all that is shown along an axis."""
    place = _Places(axis)
    atoms: dict[Place, list[Group]] = {}
    for group in groups:
        atoms.setdefault(place.of(group), []).append(group)
    return atoms.values()


class _Places:
    """Where along an axis a group lies."""

    def __init__(self, axis: Iterable[Part]) -> None:
        self._codes: dict[str, set[str]] = {}
        for by, code in axis:
            self._codes.setdefault(by, set()).add(code)

    def of(self, group: Group) -> Place:
        """The atom that it is in."""
        own = ((group.code(by), told) for by, told in self._codes.items())
        return tuple(code if code in told else None for code, told in own)


def _cross_everywhere(groups: Sequence[Group], axes: Axes) -> bool:
    """Whether there is somebody in every combination of atoms, also without whom two readers know.

    An atom that the two know all of is no unknown, so it needs nobody in its combinations.
    """
    places = [_Places(axis) for axis in axes]
    services = {group.team: group.service for group in groups}
    combined: dict[tuple[Place, ...], set[str]] = {}
    teams: list[dict[Place, set[str]]] = [{} for _ in axes]
    for group in groups:
        at = tuple(place.of(group) for place in places)
        combined.setdefault(at, set()).add(group.team)
        for atoms, atom in zip(teams, at, strict=True):
            atoms.setdefault(atom, set()).add(group.team)
    if len(combined) < prod(map(len, teams)):
        return False
    return not any(
        all(atoms[atom] - known for atoms, atom in zip(teams, at, strict=True))
        for at, there in combined.items()
        for known in _known_by_two(there, services)
        if there <= known
    )


def _known_by_two(teams: Collection[str], services: Mapping[str, str | None]) -> Iterator[set[str]]:
    """Whose rows two readers of these teams or of their services know: never those of three."""
    if len({services[team] or team for team in teams}) > TOGETHER:
        return
    readers = [{team} for team in sorted(teams)]
    for service in sorted({own for team in teams if (own := services[team]) is not None}):
        readers.append({team for team, own in services.items() if own == service})
    for one, other in combinations_with_replacement(readers, TOGETHER):
        yield one | other
