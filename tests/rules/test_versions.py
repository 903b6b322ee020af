"""R4.7.3: versions beside each other tell no more of a few than one of them alone.

Attacked by integer programming (SciPy's `milp`), as `test_recognising` attacks one version. The
attackers know their own rows in every version and, of all rows, how many each version counts that
others do not. `./dev drill cells` attacks more.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, TypeAlias

import numpy as np
import pytest

from qa_api.rules.grouped import Grouped, atoms_of, joined
from qa_api.rules.readers import Atom
from qa_api.rules.versions import Held, Shown, may_be_told_anew
from tests.drill import SEED, share
from tests.rules.test_recognising import (
    FEWEST,
    JUDGEMENTS,
    Cell,
    Table,
    equations,
    random_table,
    readers,
    shown_of,
)

STORIES = share(6) or 120
MOST_ASKED = share(5) or 8
Row: TypeAlias = tuple[int, tuple[str, int], int]
"""Its number, its service and team, its judgement; amended it is another row."""
Rows: TypeAlias = frozenset[Row]
Version: TypeAlias = tuple[Rows, Grouped]
Group: TypeAlias = frozenset[int]
"""The rows that these versions count."""


def rows_of(table: Table) -> Rows:
    numbers = iter(range(10_000))
    return frozenset(
        (next(numbers), key, judgement)
        for key, counts in table.items()
        for judgement, count in enumerate(counts)
        for _ in range(count)
    )


def table_of(rows: Rows, keys: Iterable[tuple[str, int]]) -> Table:
    table: Table = {key: [0] * JUDGEMENTS for key in keys}
    for _, key, judgement in rows:
        table[key][judgement] += 1
    return table


def changed(rows: Rows, chance: Random, keys: Sequence[tuple[str, int]]) -> Rows:
    """A few are amended, come or leave; or as many as a later version may tell of."""
    numbers = iter(range(max((row[0] for row in rows), default=0) + 1, 100_000))
    found = set(rows)
    if chance.random() < 0.6:
        for row in chance.sample(sorted(rows), min(len(rows), chance.randint(0, 2))):
            found.remove(row)
            if chance.random() < 0.5:
                found.add((next(numbers), row[1], chance.randrange(JUDGEMENTS)))
    if chance.random() < 0.7:
        for judgement in chance.sample(range(JUDGEMENTS), chance.randint(1, 2)):
            for key in keys:
                found |= {(next(numbers), key, judgement) for _ in range(chance.choice((0, 3, 6)))}
    return frozenset(found)


def held(table: Table) -> Held:
    return {(f"{code}/{team}", code): dict(enumerate(row)) for (code, team), row in table.items()}


def told_of(versions: Sequence[Grouped]) -> Iterator[Shown]:
    """What these versions told of the authority, of each service, and what those leave over."""
    yield Shown(tuple(atoms_of(range(JUDGEMENTS), joined(*(one.whole for one in versions)))))
    if shown := [one for one in versions if one.shown]:
        parts = tuple(atoms_of(range(JUDGEMENTS), joined(*(one.parts for one in shown))))
        services = frozenset(code for one in shown for code in one.shown)
        for code in services:
            yield Shown(parts, services=frozenset({code}))
        yield Shown(parts, apart_from=services)


def presented(
    story: Sequence[Rows], only: Sequence[Sequence[str]], keys: Sequence[tuple[str, int]]
) -> list[Version]:
    """The versions that tell something new; what the others tell was told before."""
    told: list[Version] = []
    shown: list[Grouped] = []
    for rows, services in zip(story, only, strict=True):
        bases = [*dict.fromkeys(basis for basis, _ in told), rows]
        tables = [held(table_of(basis, keys)) for basis in bases]
        stands = told and not may_be_told_anew(tables, told_of(shown), FEWEST)
        basis = told[-1][0] if stands else rows
        shown.append(shown_of(table_of(basis, keys), shown, services))
        told.append((basis, shown[-1]))
    return told


class Attacker:
    """Who knows some rows, and of all how many each group has; and keeps some of the versions."""

    def __init__(self, versions: Sequence[Version], known: Cell, keys: Sequence[Any]) -> None:
        every = frozenset(row for rows, _ in versions for row in rows)
        self.group_of = {
            row: frozenset(at for at, (rows, _) in enumerate(versions) if row in rows)
            for row in every
        }
        counted = Counter((self.group_of[row], row[1], row[2]) for row in every)
        self.groups = sorted(set(self.group_of.values()), key=sorted)
        places = [(g, key, j) for g in self.groups for key in keys for j in range(JUDGEMENTS)]
        self.at = {place: number for number, place in enumerate(places)}
        self.counted, self.known, self.keys = counted, known, keys
        self.facts: list[tuple[np.ndarray[Any, Any], int]] = []
        for place in places:
            if place[1] in known:
                self.facts.append((self.sum_of([place]), counted[place]))
        for group in self.groups:
            inside = [place for place in places if place[0] == group]
            self.facts.append((self.sum_of(inside), sum(counted[place] for place in inside)))
        self.told = [
            [
                (
                    self.sum_of(
                        (g, key, j)
                        for g in self.groups
                        if at in g
                        for key in teams
                        for j in range(start, end)
                    ),
                    count,
                )
                for teams, (start, end), count in equations(table_of(rows, keys), found)
            ]
            for at, (rows, found) in enumerate(versions)
        ]

    def sum_of(self, places: Iterable[tuple[Group, tuple[str, int], int]]) -> Any:
        row = np.zeros(len(self.at))
        for place in places:
            row[self.at[place]] = 1
        return row

    def width(self, aim: Any, versions: Iterable[int]) -> float:
        """How far apart the least and the most are, to who keeps these versions."""
        least, most = self.bounds(aim, versions)
        return most - least

    def bounds(self, aim: Any, versions: Iterable[int]) -> tuple[float, float]:
        from scipy.optimize import Bounds, LinearConstraint, milp

        rows = [*self.facts, *(fact for at in versions for fact in self.told[at])]
        counts = np.array([count for _, count in rows])
        asked: dict[str, Any] = {
            "constraints": LinearConstraint(np.array([row for row, _ in rows]), counts, counts),
            "integrality": np.ones(len(aim)),
            "bounds": Bounds(0, 500),
        }
        least, most = milp(aim, **asked), milp(-aim, **asked)
        assert least.success
        assert most.success
        return float(least.fun), float(-most.fun)

    def few(self, chance: Random) -> list[tuple[Any, Any, str]]:
        """Counts of a few rows of others, of a version, or of what came or left: those of one
        judgement, and all the rows among which they are."""
        whole = frozenset(self.keys) - self.known
        cells = {frozenset({key}) for key in whole} | {whole}
        cells |= {frozenset(one for one in whole if one[0] == key[0]) for key in whole}
        sets: Mapping[str, list[Group]] = {str(sorted(one)): [one] for one in self.groups} | {
            f"version {at}": [one for one in self.groups if at in one]
            for at in range(len(self.told))
        }
        found = []
        for name, groups in sets.items():
            for cell in sorted(cells, key=sorted):
                for judgement in range(JUDGEMENTS):
                    places = [(group, key, judgement) for group in groups for key in cell]
                    if 0 < sum(self.counted[place] for place in places) < FEWEST:
                        said = f"{name}: {sorted(cell)}, {judgement}"
                        every = [(g, key, j) for g, key, _ in places for j in range(JUDGEMENTS)]
                        found.append((self.sum_of(places), self.sum_of(every), said))
        return chance.sample(found, min(len(found), MOST_ASKED))


def known_better(
    versions: Sequence[Version], keys: Sequence[tuple[str, int]], chance: Random
) -> Iterator[str | None]:
    """How a few were judged, known nearer from all versions than from the one that tells most.

    Nearer also than it is for how many they are: that so few changed is no judgement of them.
    """
    every = range(len(versions))
    for known in readers(table_of(versions[0][0], keys), chance):
        attacker = Attacker(versions, known, keys)
        for aim, among, said in attacker.few(chance):
            width = attacker.width(aim, every)
            alone = float(FEWEST)
            if width < FEWEST:
                _, most = attacker.bounds(among, every)
                alone = min(most, *(attacker.width(aim, [at]) for at in every))
            found = f"{sorted(known)} know {said} to {width}, not {alone}: {versions}"
            yield found if width < min(FEWEST, alone) else None


@pytest.mark.long
@pytest.mark.parametrize("many", [2, 3])
def test_versions_together_tell_no_more_of_a_few_than_one_of_them(
    many: int, record_property: Callable[[str, object], None]
) -> None:
    chance, asked, anew = Random(f"{SEED} {many} versions"), 0, 0
    for _ in range(max(STORIES // 2, 1)):
        table = random_table(chance, chance.randint(2, 4))
        keys, rows = sorted(table), rows_of(table)
        story = [rows]
        while len(story) < many:
            story.append(changed(story[-1], chance, keys))
        only = [
            [code for code in sorted({k for k, _ in keys}) if chance.random() < 0.6] for _ in story
        ]
        versions = [*{rows: (rows, found) for rows, found in presented(story, only, keys)}.values()]
        anew += len(versions) - 1
        for better in known_better(versions, keys, chance) if len(versions) > 1 else ():
            assert better is None
            asked += 1
    record_property("asked", asked)
    record_property("anew", anew)
    record_property("wrong", 0)
    assert asked
    assert anew


STRANGER: Sequence[Table] = [
    {(f"s{at}", 0): [0, 6, 6, 0] for at in range(3)},
    {("s0", 0): [0, 6, 5, 0], ("s1", 0): [0, 6, 6, 0], ("s2", 0): [0, 6, 6, 0]},
]


def test_the_attack_finds_the_one_audit_that_left_where_every_version_is_told_anew() -> None:
    keys = sorted(STRANGER[0])
    first = rows_of(STRANGER[0])
    second = first - {next(row for row in sorted(first) if row[1:] == (("s0", 0), 2))}
    versions = [(rows, shown_of(table_of(rows, keys))) for rows in (first, second)]
    assert any(known_better(versions, keys, Random(SEED)))
    only: list[list[str]] = [[], []]
    assert len({rows for rows, _ in presented([first, second], only, keys)}) == 1


# --- the rule ---

WHOLE = [Shown(tuple(Atom((at,)) for at in range(JUDGEMENTS)))]


@pytest.mark.parametrize(
    ("came", "anew"),
    [
        pytest.param({}, True, id="nothing"),
        pytest.param({"s0": 1}, False, id="one"),
        pytest.param({"s0": 5}, True, id="five of one reader, who knows them"),
        pytest.param({"s0": 5, "s1": 1}, False, id="one beside five that a reader knows"),
        pytest.param({"s0": 9, "s1": 9, "s2": 4}, False, id="four that two readers leave over"),
        pytest.param({"s0": 6, "s1": 6, "s2": 6}, True, id="six of each of three"),
        pytest.param({"s0": -1, "s1": 1}, False, id="one that left and one that came elsewhere"),
    ],
)
def test_a_change_is_told_if_it_stands_against_readers(came: dict[str, int], anew: bool) -> None:
    first = STRANGER[0]
    second = {key: [row[0], row[1] + came.get(key[0], 0), *row[2:]] for key, row in first.items()}
    assert may_be_told_anew([held(first), held(second)], WHOLE, FEWEST) is anew


def of_services(*counts: int) -> Held:
    """So many rows of one count, each service with a team of its own."""
    return {(f"t{at}", f"s{at}"): {"rows": count} for at, count in enumerate(counts)}


def test_a_few_that_three_versions_together_would_tell_of_are_not_told() -> None:
    """Some come, then all the others but one leave: the one that stays throughout would be known,
    as what the first and the last have more together than the one between them."""
    first, both, last = (
        of_services(6, 6, 6, 0, 0, 0, 1),
        of_services(6, 6, 6, 6, 6, 6, 1),
        of_services(0, 0, 0, 6, 6, 6, 1),
    )
    shown = [Shown((Atom(("rows",)),))]
    assert may_be_told_anew([first, both], shown, FEWEST)
    assert may_be_told_anew([both, last], shown, FEWEST)
    assert not may_be_told_anew([first, both, last], shown, FEWEST)


def test_a_service_that_was_told_of_stands_by_itself_and_so_does_what_is_left_over() -> None:
    """Seven of each of four services came, and three of one more: all in all enough."""
    first, then = of_services(*[9] * 5), of_services(16, 16, 16, 16, 12)
    rows = (Atom(("rows",)),)
    assert may_be_told_anew([first, then], [Shown(rows)], FEWEST)
    few = Shown(rows, services=frozenset({"s4"}))
    assert not may_be_told_anew([first, then], [few], FEWEST)
    left = Shown(rows, apart_from=frozenset({"s0", "s1", "s2"}))
    assert not may_be_told_anew([first, then], [left], FEWEST)


def test_a_median_is_told_anew_if_enough_of_its_values_changed() -> None:
    def spans(*changed: int) -> Held:
        return {
            (f"t{at}", f"s{at}"): {"3 days": 12 - count, "4 days": count}
            for at, count in enumerate(changed)
        }

    middle = [Shown((), (Atom(("3 days",)), Atom(("4 days",))))]
    assert may_be_told_anew([spans(0, 0, 0), spans(6, 6, 6)], middle, FEWEST)
    assert not may_be_told_anew([spans(0, 0, 0), spans(1, 1, 1)], middle, FEWEST)
    assert not may_be_told_anew([spans(0, 0, 0), spans(1, 0, 0)], middle, FEWEST)


@pytest.mark.parametrize(
    "holder",
    [
        pytest.param(("a/1", "d"), id="a team moved to another service"),
        pytest.param(("d/9", "d"), id="cases went to another service"),
        pytest.param(("a/9", "a"), id="cases went to another team"),
    ],
)
def test_who_only_went_elsewhere_hides_nobody_that_changed(holder: tuple[str, str]) -> None:
    """Twelve audits of a team went elsewhere, and one of them was amended from bad to good."""
    before: Held = {(f"{one}/1", one): {"good": 6, "bad": 6} for one in "abc"}
    others = {key: counts for key, counts in before.items() if key[1] != "a"}
    shown = [Shown((Atom(("good",)), Atom(("bad",))))]
    only_moved: Held = {**others, holder: {"good": 6, "bad": 6}}
    assert may_be_told_anew([before, only_moved], shown, FEWEST)
    amended: Held = {**others, holder: {"good": 7, "bad": 5}}
    assert not may_be_told_anew([before, amended], shown, FEWEST)
