"""R4.7.3: several domains beside each other tell nobody of a few, by integer programming.

Each audit has a judgement in each of its domains. Readers know their own rows over all domains, so
what one domain tells of others' rows could narrow what another does. The attackers are those of
`test_recognising`: heads, managers, people who know rows here and there, each two of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from random import Random
from typing import Any, Final, TypeAlias

import numpy as np
import pytest

from qa_api.rules.figure_families import COMPLETED, completed_family
from qa_api.rules.grouped import grouped
from qa_api.rules.judged_counts import judged
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.linked_counts import shown_counts
from qa_api.rules.readers import Known, posts
from tests.drill import SEED, share
from tests.rules.bounded import width_of
from tests.rules.test_recognising import Cell, People, random_people, readers

TABLES: Final = share(12) or 300
FEWEST: Final = 5
MOST_TRIED: Final = share(4) or 6
JUDGEMENTS: Final = 3
DOMAINS: Final = (judged(JudgedOn("scale", 1, "safety")), judged(JudgedOn("scale", 1, "voice")))
NOT_JUDGED: Final = -1
OTHERS: Final = (NOT_JUDGED, NOT_JUDGED)

Profile: TypeAlias = tuple[int, ...]
"""The judgement of each domain, 0 the best; or that a tool does not have the domain."""
Table: TypeAlias = dict[tuple[str, int], dict[Profile, int]]
"""By service and team, how many audits have each profile."""
Told: TypeAlias = tuple[Cell, frozenset[Profile], int]
"""The teams and the profiles that a figure counts, and what it says."""


@cache
def profiles(*, tools: int) -> Sequence[Profile]:
    """Where there are several tools, one lacks the second domain and one has another two."""
    second = range(NOT_JUDGED if tools > 1 else 0, JUDGEMENTS)
    of_others = [OTHERS] if tools > 1 else []
    return [*product(range(JUDGEMENTS), second), *of_others]


def random_table(chance: Random, tools: int) -> Table:
    """Services of one to three teams, of few audits or many, mostly good; or no tool but one."""
    table: Table = {}
    of_second_tool = chance.choice((0, 1, 12))
    for service in range(chance.randint(3, 5)):
        for team in range(chance.randint(1, 3)):
            own = table[f"s{service}", team] = dict.fromkeys(profiles(tools=tools), 0)
            for _ in range(chance.choice((3, 12, 30))):
                safety = chance.choices(range(JUDGEMENTS), (12, 6, chance.choice((1, 4))))[0]
                own[safety, chance.choice((safety, chance.randrange(JUDGEMENTS)))] += 1
            if tools > 1:
                own[OTHERS] += chance.choice((8, 20))
                for _ in range(chance.randint(0, of_second_tool)):
                    own[chance.randrange(JUDGEMENTS), NOT_JUDGED] += 1
    return table


def counting(domain: int, first: int, last: int, tools: int) -> frozenset[Profile]:
    """The profiles that a run of judgements of a domain counts."""
    return frozenset(one for one in profiles(tools=tools) if first <= one[domain] < last)


def told(table: Table, people: People, tools: int, *, held: bool = True) -> Iterator[Told]:
    """What is told; unless `held`, each domain by itself."""
    every = profiles(tools=tools)
    judged_in = {one: counting(at, 0, JUDGEMENTS, tools) for at, one in enumerate(DOMAINS)}
    totals: Mapping[Any, frozenset[Profile]] = {COMPLETED: frozenset(every), **judged_in}
    cells: dict[Any, frozenset[Profile]] = dict(totals)
    for at in range(len(DOMAINS)):
        for judgement in range(JUDGEMENTS):
            cells[at, judgement] = counting(at, judgement, judgement + 1, tools)
    parts: dict[str, list[Known]] = {}
    for (service, team), rows in table.items():
        known_by = posts((f"{service}/{team}", service)) | {
            who for who, own in people.items() if (service, team) in own
        }
        counts = {name: sum(rows[one] for one in of) for name, of in cells.items()}
        parts.setdefault(service, []).append(Known(known_by, counts))
    whole = frozenset(table)
    families = [completed_family(DOMAINS)] if held else [completed_family([d]) for d in DOMAINS]
    for family in families:
        found = shown_counts(family, parts, FEWEST)
        shown = [(whole, found.whole), *((of_service(table, s), found.parts) for s in found.shown)]
        for teams, names in shown:
            for name in names:
                if name in totals:
                    yield teams, totals[name], amount(table, teams, totals[name])
        for at, domain in enumerate(DOMAINS):
            if domain in found.whole and (held or domain in family.cells):
                shown_in = found.shown if domain in found.parts else ()
                yield from told_of(table, parts, at, shown_in, tools)


def told_of(
    table: Table, parts: Mapping[str, Sequence[Known]], at: int, only: Sequence[str], tools: int
) -> Iterator[Told]:
    found = grouped(parts, [(at, one) for one in range(JUDGEMENTS)], FEWEST, only=only)
    runs = [(frozenset(table), found.whole)]
    runs += [(of_service(table, code), found.parts) for code in found.shown]
    for teams, own in runs:
        for first, last in own:
            counted = counting(at, first, last, tools)
            yield teams, counted, amount(table, teams, counted)


def of_service(table: Table, code: str) -> Cell:
    return frozenset(key for key in table if key[0] == code)


def amount(table: Table, teams: Cell, counted: frozenset[Profile]) -> int:
    return sum(table[key][one] for key in teams for one in counted)


class Attacker:
    """Somebody who knows all rows of some teams, and what is told, and asks for bounds."""

    def __init__(self, table: Table, figures: Sequence[Told], known: Cell, tools: int) -> None:
        self.at = {
            place: number for number, place in enumerate(product(table, profiles(tools=tools)))
        }
        rows = [self._of(teams, counted) for teams, counted, _ in figures]
        amounts = [float(many) for *_, many in figures]
        for key in known:
            for one, many in table[key].items():
                rows.append(self._of(frozenset({key}), frozenset({one})))
                amounts.append(float(many))
        self.rows, self.amounts = np.array(rows), np.array(amounts)

    def _of(self, teams: Cell, counted: frozenset[Profile]) -> Any:
        row = np.zeros(len(self.at))
        for place in product(teams, counted):
            row[self.at[place]] = 1
        return row

    def width(self, teams: Cell, counted: frozenset[Profile]) -> float:
        """How far apart the least and the most are that such rows of these teams can be."""
        return width_of(self._of(teams, counted), self.rows, self.amounts, self.amounts)


def small_rows(table: Table, known: Cell, chance: Random, tools: int) -> Sequence[tuple[Cell, Any]]:
    """The few of others: of one judgement of a domain, of one profile, of one tool."""
    wanted = {frozenset({one}) for one in profiles(tools=tools)}
    wanted |= {counting(at, j, j + 1, tools) for at in (0, 1) for j in range(JUDGEMENTS)}
    wanted |= {counting(1, NOT_JUDGED, 0, tools) - {OTHERS}} if tools > 1 else set()
    teams = {of_service(table, service) for service, _ in table} | {frozenset(table) - known}
    found = [
        (of, one)
        for of in sorted(teams, key=sorted)
        if of and not of & known
        for one in sorted(wanted, key=sorted)
        if 0 < amount(table, of, one) < FEWEST
    ]
    return chance.sample(found, min(len(found), MOST_TRIED))


def keys_of(table: Table) -> dict[tuple[str, int], list[int]]:
    return {key: [*rows.values()] for key, rows in table.items()}


def attack(chance: Random, tables: int, tools: int, *, held: bool = True) -> Iterator[float]:
    """The bounds of others' few, table by table."""
    for _ in range(tables):
        table = random_table(chance, tools)
        people = random_people(keys_of(table), chance)
        figures = [*told(table, people, tools, held=held)]
        for known in readers(keys_of(table), chance, people):
            attacker = Attacker(table, figures, known, tools)
            for teams, counted in small_rows(table, known, chance, tools):
                yield attacker.width(teams, counted)


@pytest.mark.long
@pytest.mark.parametrize("tools", [1, 2])
def test_nobody_who_knows_rows_over_all_domains_works_out_a_few_others(
    tools: int, record_property: Callable[[str, object], None]
) -> None:
    chance, asked = Random(f"{SEED} domains {tools}"), 0
    for asked, width in enumerate(attack(chance, max(TABLES // 2, 1), tools), 1):
        assert width >= FEWEST, f"bounds number {asked}"
    record_property("asked", asked)
    record_property("wrong", 0)
    assert asked


@pytest.mark.long
def test_the_attack_finds_what_domains_give_away_that_are_held_by_themselves() -> None:
    """Audits judged in one domain less those judged in another are those of one tool."""
    widths = attack(Random("by themselves"), 200, tools=2, held=False)
    assert any(width == 0 for width in widths)
