"""R4.7.3: who knows some rows works out nobody else's few, by integer programming (SciPy's `milp`).

The attackers are each head of service and team manager with their own rows, people who know rows
here and there, each two of them, and whoever keeps every version. They know the rule's form, so
what is shown are equations to them. The suite attacks 20 tables, `./dev drill cells` 500.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from random import Random
from typing import Final, TypeAlias

import numpy as np
import pytest

from qa_api.rules.grouped import Grouped, Runs, grouped
from qa_api.rules.readers import Known, posts
from tests.drill import SEED, share
from tests.rules.bounded import width_of

TABLES: Final = share(20) or 500
JUDGEMENTS: Final = 4
FEWEST: Final = 5
MOST_TRIED: Final = share(4) or 6
"""Of so many small cells of each table each reader's bounds are sought."""

Table: TypeAlias = dict[tuple[str, int], list[int]]
"""By service and team, the judgements, best first."""
Cell: TypeAlias = frozenset[tuple[str, int]]
"""The teams whose audits of one judgement a cell counts: one, or those of a service."""
People: TypeAlias = Mapping[str, Cell]
"""Whose rows some people know besides."""


def random_table(chance: Random, services: int) -> Table:
    """Services of one to three teams, of few audits or many, mostly good."""
    return {
        (f"s{service}", team): [
            chance.choice((0, 0, 1, 2, 3, chance.randint(0, most))) for most in (6, 25, 18, 8)
        ]
        for service in range(services)
        for team in range(chance.randint(1, 3))
    }


def random_people(table: Table, chance: Random) -> People:
    """Managers of two teams, auditors of some rows of several services."""
    return {
        f"person {at}": frozenset(chance.sample(sorted(table), min(len(table), 1 + at % 3)))
        for at in range(5)
    }


def shown_of(
    table: Table,
    before: Sequence[Grouped] = (),
    only: Sequence[str] = (),
    people: People | None = None,
) -> Grouped:
    parts: dict[str, list[Known]] = {}
    for (service, team), row in table.items():
        besides = {who for who, rows in (people or {}).items() if (service, team) in rows}
        known_by = posts((f"{service}/{team}", service)) | besides
        parts.setdefault(service, []).append(Known(known_by, dict(enumerate(row))))
    return grouped(parts, range(JUDGEMENTS), FEWEST, before, only or None)


def equations(table: Table, found: Grouped) -> Iterator[tuple[Cell, tuple[int, int], int]]:
    """What is shown: the teams, the judgements and the count of every figure."""
    figures: list[tuple[Cell, Runs]] = [(frozenset(table), found.whole)]
    figures += [
        (frozenset(key for key in table if key[0] == code), found.parts) for code in found.shown
    ]
    for teams, runs in figures:
        for first, last in runs:
            yield teams, (first, last), sum(sum(table[key][first:last]) for key in teams)


class Attacker:
    """Somebody who knows some rows and every version, and asks for the bounds of a cell."""

    def __init__(self, versions: Sequence[tuple[Table, Grouped]], known: Cell) -> None:
        """The versions from the first on; from each to the next audits were only added."""
        first = versions[0][0]
        self.at = {
            (version, key, judgement): place
            for place, (version, key, judgement) in enumerate(
                (version, key, judgement)
                for version in range(len(versions))
                for key in first
                for judgement in range(JUDGEMENTS)
            )
        }
        rows, low, high = [], [], []

        def require(places: Mapping[int, int], least: float, most: float) -> None:
            row = np.zeros(len(self.at))
            for place, sign in places.items():
                row[place] = sign
            rows.append(row)
            low.append(least)
            high.append(most)

        for version, (table, found) in enumerate(versions):
            for teams, (start, end), count in equations(table, found):
                summed = {self.at[version, k, j]: 1 for k in teams for j in range(start, end)}
                require(summed, count, count)
            for key in known:
                for judgement, count in enumerate(table[key]):
                    require({self.at[version, key, judgement]: 1}, count, count)
            if version:
                for key in first:
                    for j in range(JUDGEMENTS):
                        now, before = self.at[version, key, j], self.at[version - 1, key, j]
                        require({now: 1, before: -1}, 0, np.inf)
        self.constraints = (np.array(rows), np.array(low), np.array(high))

    def width(self, version: int, cell: Cell, judgement: int) -> float:
        """How far apart the least and the most are that the cell can be."""
        aim = np.zeros(len(self.at))
        for key in cell:
            aim[self.at[version, key, judgement]] = 1
        return width_of(aim, *self.constraints)


def readers(table: Table, chance: Random, people: People | None = None) -> list[Cell]:
    """Nobody, each head, manager and person, and pairs of them: the rows that they know."""
    codes = {service for service, _ in table}
    alone: list[Cell] = [frozenset(key for key in table if key[0] == code) for code in codes]
    alone += [frozenset({key}) for key in table]
    alone += (people or {}).values()
    alone = sorted(set(alone), key=sorted)
    pairs = [one | other for one, other in combinations(alone, 2)]
    known = [frozenset[tuple[str, int]](), *alone, *pairs]
    return chance.sample(known, min(len(known), share(8) or 12))


def small_cells(table: Table, known: Cell, chance: Random) -> list[tuple[Cell, int]]:
    """The cells of others that tell of few: of a service, and of a team."""
    codes = {service for service, _ in table}
    cells = {frozenset(key for key in table if key[0] == code) for code in codes}
    cells |= {frozenset({key}) for key in table}
    found = [
        (cell, judgement)
        for cell in sorted(cells, key=sorted)
        if not cell & known
        for judgement in range(JUDGEMENTS)
        if 0 < sum(table[key][judgement] for key in cell) < FEWEST
    ]
    return chance.sample(found, min(len(found), MOST_TRIED))


def attack(
    versions: Sequence[tuple[Table, Grouped]],
    chance: Random,
    widths: list[float],
    least: int = FEWEST,
    people: People | None = None,
) -> None:
    for known in readers(versions[0][0], chance, people):
        attacker = Attacker(versions, known)
        for version, (table, _) in enumerate(versions):
            for cell, judgement in small_cells(table, known, chance):
                width = attacker.width(version, cell, judgement)
                widths.append(width)
                said = f"{sorted(known)} know {sorted(cell)}, {judgement}: {versions}"
                assert width >= least, said


@pytest.mark.parametrize("services", [2, 3, 4, 6])
def test_nobody_works_out_a_small_cell_alone_or_in_pairs(
    services: int, record_property: Callable[[str, object], None]
) -> None:
    chance, widths = Random(f"{SEED} {services}"), list[float]()
    for _ in range(max(TABLES // 4, 1)):
        table = random_table(chance, services)
        attack([(table, shown_of(table))], chance, widths)
    record_property("asked", len(widths))
    record_property("wrong", 0)
    assert widths


@pytest.mark.long
def test_nobody_who_knows_rows_here_and_there_works_out_a_small_cell(
    record_property: Callable[[str, object], None],
) -> None:
    chance, widths = Random(f"{SEED} people"), list[float]()
    for _ in range(max(TABLES // 5, 1)):
        table = random_table(chance, chance.randint(3, 6))
        people = random_people(table, chance)
        attack([(table, shown_of(table, people=people))], chance, widths, people=people)
    record_property("asked", len(widths))
    record_property("wrong", 0)
    assert widths


@pytest.mark.long
@pytest.mark.parametrize("changed", ["who is shown", "audits were added"])
def test_nobody_works_out_a_small_cell_over_versions(
    changed: str, record_property: Callable[[str, object], None]
) -> None:
    """Where nothing changed between them the bounds stay as wide. Where audits were added, how many
    is told, so the bounds of few can be narrower, but no cell is known."""
    chance, widths = Random(f"{SEED} {changed}"), list[float]()
    for _ in range(max(TABLES // 4, 1)):
        services = chance.randint(3, 5)
        versions: list[tuple[Table, Grouped]] = []
        table = random_table(chance, services)
        for _ in range(2):
            told = [f"s{at}" for at in range(services) if chance.random() < 0.6]
            versions.append((table, shown_of(table, [one for _, one in versions], told)))
            if changed == "audits were added":
                table = {
                    key: [count + chance.choice((0, 0, 0, 1, 2)) for count in row]
                    for key, row in table.items()
                }
        attack(versions, chance, widths, 1 if changed == "audits were added" else FEWEST)
    record_property("asked", len(widths))
    record_property("wrong", 0)
    assert widths


def test_the_attack_finds_what_hiding_single_cells_gives_away() -> None:
    """An attack that never succeeds would show nothing: the whole and one row give two of these."""
    table: Table = {("s0", 0): [9, 9, 9, 9], ("s1", 0): [9, 9, 9, 2]}
    apart = tuple((at, at + 1) for at in range(JUDGEMENTS))
    attacker = Attacker([(table, Grouped(apart))], frozenset({("s0", 0)}))
    assert attacker.width(0, frozenset({("s1", 0)}), 3) == 0


def test_the_attack_knows_a_cell_no_nearer_than_it_is_told() -> None:
    """Of both services' audits that are left to them, 6 and 6, the first can have 0 to 5 of one
    judgement, twice told as once: the solver's short cut said 4 of both versions together."""
    table: Table = {
        ("s0", 0): [0, 0, 2, 3],
        ("s1", 0): [1, 0, 3, 3],
        ("s2", 0): [0, 0, 5, 3],
        ("s3", 0): [1, 0, 16, 2],
        ("s3", 1): [3, 2, 1, 2],
    }
    first = shown_of(table)
    assert first == Grouped(((0, 3), (3, 4)), ((0, 4),), ("s3", "s2", "s1", "s0"))
    second = shown_of(table, [first], ["s3", "s1"])
    known = frozenset({("s2", 0), ("s3", 0), ("s3", 1)})
    for versions in ([(table, first)], [(table, second)], [(table, first), (table, second)]):
        assert Attacker(versions, known).width(0, frozenset({("s0", 0)}), 2) == FEWEST
