"""When a later version may tell figures anew, so that no difference tells of a few (§4.7, R4.7.3).

Whoever keeps two versions takes one from the other. What is left is what came, left or changed
between them. So a later version tells a table anew only where each group of its rows, by the
versions that count them, stands against every reader, and every two of them (`readers`): those that
all count, those that only the earlier ones do, those that only the later ones do. Otherwise it
repeats the table.

Rows are compared one by one. One that left and one that came in the same team and the same count
are two rows, though the count is the same; one that only went to another team or service changed
nothing in the whole.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from qa_api.rules.readers import Atom, Holder, Readers, posts, unknown_to_any_two
from qa_api.rules.unchanging import Unchanging

Row: TypeAlias = str
"""Whatever names a row; the same in every version."""
Held: TypeAlias = Mapping[Holder, Mapping[Hashable, Collection[Row]]]
"""Which rows each team holds of each count."""
KnownBy: TypeAlias = Mapping[Row, Readers]
"""The people who know each row, whichever team holds it."""
_EVER: Final = -1


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


def may_be_told_anew(
    versions: Sequence[Held], shown: Iterable[Shown], fewest: int, people: KnownBy | None = None
) -> bool:
    """Whether the last of these versions may stand beside all the earlier ones.

    A table in which nothing changed says the same again. Beside `people`, whoever leads the team
    that holds a row knows it, and whoever heads its service.
    """
    known_by = _known_by(versions, people or {})
    by_count = [_by_count(version) for version in versions]
    return all(
        _withstands(by_count, part, table, known_by, fewest)
        for part in shown
        for table in part.tables
    )


_ByCount: TypeAlias = Mapping[Hashable, Sequence[tuple[Holder, Collection[Row]]]]


def _by_count(version: Held) -> _ByCount:
    found: dict[Hashable, list[tuple[Holder, Collection[Row]]]] = {}
    for holder, counts in version.items():
        for count, rows in counts.items():
            found.setdefault(count, []).append((holder, rows))
    return found


def _withstands(
    versions: Sequence[_ByCount],
    part: Shown,
    table: Iterable[Atom],
    known_by: KnownBy,
    fewest: int,
) -> bool:
    every = frozenset(range(len(versions)))
    groups: dict[frozenset[int], Counter[Readers]] = {}
    for atom in table:
        amounts = [_amounts(version, part, atom) for version in versions]
        for row in {row for each in amounts for row in each}:
            for counted_by, times in _by_version([each[row] for each in amounts]):
                groups.setdefault(counted_by, Counter())[known_by[row]] += times
    changed = groups.keys() - {every}
    return not changed or all(unknown_to_any_two(group, fewest) for group in groups.values())


def _amounts(version: _ByCount, part: Shown, atom: Atom) -> Counter[Row]:
    """How often each row is counted: once, or for the rows that the atom takes off never."""
    found = Counter[Row]()
    for counts, often in ((atom.plus, 1), (atom.minus, -1)):
        for count in counts:
            for holder, rows in version.get(count, ()):
                if part.counts(holder):
                    for row in rows:
                        found[row] += often
    return found


def _by_version(amounts: Sequence[int]) -> Iterator[tuple[frozenset[int], int]]:
    """The versions that count a row, and how often."""
    lower = 0
    for level in sorted(set(amounts)):
        if level > lower:
            yield (
                frozenset(at for at, amount in enumerate(amounts) if amount >= level),
                level - lower,
            )
            lower = level


# --- who knows which rows ---


def _known_by(versions: Sequence[Held], people: KnownBy) -> KnownBy:
    """Who knows each row: by the team that held it in each version, and by all of them.

    A version that does not count a row knows it where the one before did, or else the next. In each
    post there may be somebody else at each version, and somebody who was there all the time.
    """
    held = [_holders_of(version) for version in versions]
    found: dict[Row, Readers] = {}
    for row in {row for each in held for row in each}:
        at = [each.get(row, frozenset[Holder]()) for each in held]
        last = next(holders for holders in at if holders)
        readers = set(people.get(row, ()))
        for version, holders in enumerate(at):
            last = holders or last
            readers.update(
                (post, when) for one in last for post in posts(one) for when in (version, _EVER)
            )
        found[row] = frozenset(readers)
    return found


def _holders_of(version: Held) -> Mapping[Row, frozenset[Holder]]:
    found: dict[Row, set[Holder]] = {}
    for holder, counts in version.items():
        for rows in counts.values():
            for row in rows:
                found.setdefault(row, set()).add(holder)
    return {row: frozenset(holders) for row, holders in found.items()}
