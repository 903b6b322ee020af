"""When a later version may tell figures anew, so that no difference tells of a few (§4.7, R4.7.3).

Whoever keeps two versions takes one from the other. What is left is what came, left or changed
between them. So a later version tells a table anew only where each group of its rows, by the
versions that count them, stands against every reader, and every two of them (`readers`): those that
all count, those that only the earlier ones do, those that only the later ones do. Otherwise it
repeats the table.

Of each team only how many rows a count has is compared. A row that left and one that came in the
same team and the same count are taken for one that stayed: the count is the same in both versions,
and whoever knows the rows of the team knows both. Rows that went to another team or service are no
change of the whole: it is compared by itself.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from qa_api.rules.readers import Atom, Team, withstands
from qa_api.rules.unchanging import Unchanging

Holder: TypeAlias = tuple[str | None, str | None]
"""A team and the service that it belonged to; None is for rows that no team or service holds."""
Held: TypeAlias = Mapping[Holder, Mapping[Hashable, int]]
"""What each of them holds of each count."""
_ROWS: Final = "rows"


class Shown(Unchanging):
    """A part of what was told: these atoms, of the rows of these services.

    `middle_of` are the counts of each value of which a median alone was told. `services` None: of
    all. `apart_from`: without those of these, which were told by themselves.
    """

    atoms: tuple[Atom, ...]
    middle_of: tuple[Atom, ...] = ()
    services: frozenset[str] | None = None
    apart_from: frozenset[str] = frozenset()

    @property
    def tables(self) -> Sequence[Sequence[Atom]]:
        """The counts that may come and go by themselves, and those that do together."""
        alone = [[atom] for atom in self.atoms]
        return [*alone, self.middle_of] if self.middle_of else alone

    def counts(self, holder: Holder) -> bool:
        """Whether it counts what this team holds."""
        service = holder[1] or ""
        return service not in self.apart_from and (
            self.services is None or service in self.services
        )


def may_be_told_anew(versions: Sequence[Held], shown: Iterable[Shown], fewest: int) -> bool:
    """Whether the last of these versions may stand beside all the earlier ones.

    A table in which nothing changed says the same again.
    """
    holders = [*dict.fromkeys(holder for version in versions for holder in version)]
    return all(
        _withstands(versions, table, together, fewest)
        for part in shown
        for together in _taken_together([one for one in holders if part.counts(one)])
        for table in part.tables
    )


def _taken_together(holders: Sequence[Holder]) -> Iterator[Sequence[Sequence[Holder]]]:
    """The teams as they are, whatever service each was of, and all as one.

    Rows that only went to another service or another team came and left nowhere: among them the
    one that did change would not be seen.
    """
    yield [[one] for one in holders]
    by_team: dict[str | None, list[Holder]] = {}
    for one in holders:
        by_team.setdefault(one[0], []).append(one)
    yield [*by_team.values()]
    yield [holders]


def _withstands(
    versions: Sequence[Held],
    table: Sequence[Atom],
    together: Sequence[Sequence[Holder]],
    fewest: int,
) -> bool:
    groups: dict[frozenset[int], list[Team]] = {}
    changed = False
    for holders in together:
        held: Counter[frozenset[int]] = Counter()
        for atom in table:
            amounts = [
                sum(Team(one[1], version.get(one, {})).amount(atom) for one in holders)
                for version in versions
            ]
            changed = changed or len(set(amounts)) > 1
            for counted_by, rows in _by_version(amounts):
                held[counted_by] += rows
        for counted_by, rows in held.items():
            groups.setdefault(counted_by, []).append(Team(holders[-1][1], {_ROWS: rows}))
    rows_of_it = [Atom((_ROWS,))]
    return not changed or all(withstands(teams, rows_of_it, fewest) for teams in groups.values())


def _by_version(amounts: Sequence[int]) -> Iterator[tuple[frozenset[int], int]]:
    """The rows of a team by the versions that count them, as few coming and going as can be."""
    lower = 0
    for level in sorted(set(amounts)):
        if level > lower:
            counted_by = frozenset(at for at, amount in enumerate(amounts) if amount >= level)
            yield counted_by, level - lower
            lower = level
