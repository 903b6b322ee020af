"""R4.7.3: versions beside each other tell no more of a few than one of them alone.

Attacked by integer programming (SciPy's `milp`), as `test_recognising` attacks one version. The
attackers know their own rows in every version and, of all rows, how many each version counts that
others do not. The stories are of what happens between two reports: a few corrections, exchanges
within a team, cases that move, and now and then much. `./dev drill cells` attacks more.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from random import Random
from typing import Any, TypeAlias

import numpy as np
import pytest

from qa_api.rules.grouped import Grouped, atoms_of, joined
from qa_api.rules.readers import Atom
from qa_api.rules.versions import Held, Shown, may_be_told_anew
from tests.drill import SEED, share
from tests.rules.bounded import bounds_of
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

STORIES = share(5) or 300
MOST_ASKED = share(5) or 8
Key: TypeAlias = tuple[str, int]
"""A service and one of its teams."""
Rows: TypeAlias = Mapping[int, tuple[Key, int]]
"""By the number of each row, its team and its judgement."""
Version: TypeAlias = tuple[Rows, Grouped]
Life: TypeAlias = tuple[Key | None, ...]
"""The team in which each version counts a row of one judgement; None where it does not."""
MayBeTold: TypeAlias = Callable[[Sequence[Held], Iterable[Shown], int], bool]


def rows_of(table: Table) -> Rows:
    every = [
        (key, judgement)
        for key, counts in table.items()
        for judgement, count in enumerate(counts)
        for _ in range(count)
    ]
    return dict(enumerate(every))


def table_of(rows: Rows, keys: Iterable[Key]) -> Table:
    table: Table = {key: [0] * JUDGEMENTS for key in keys}
    for key, judgement in rows.values():
        table[key][judgement] += 1
    return table


def solid_table(chance: Random) -> Table:
    """Three or four services, of whose judgements most stand by themselves."""
    return {
        (f"s{service}", team): [chance.choice((0, 0, 5, 6, 8)), 7, 6, chance.choice((0, 5, 6))]
        for service in range(chance.randint(3, 4))
        for team in range(chance.randint(1, 2))
    }


# --- what happens between two versions ---


def corrected(rows: Rows, chance: Random, keys: Sequence[Key]) -> Rows:
    """Up to three are amended, come, leave, go to another team, or are taken for another one."""
    found, numbers = dict(rows), iter(range(max(rows, default=0) + 1, 100_000))
    for row in chance.sample(sorted(rows), min(len(rows), chance.randint(0, 3))):
        key, judgement = rows[row]
        match chance.randrange(5):
            case 0:
                found[row] = (key, chance.randrange(JUDGEMENTS))
            case 1:
                found[row] = (chance.choice(keys), judgement)
            case 2:
                del found[row]
            case 3:
                found[next(numbers)] = (key, judgement)
            case _:  # one is withdrawn, and one of the team and the judgement comes in
                del found[row]
                found[next(numbers)] = (key, judgement)
    return found


def with_many(rows: Rows, chance: Random, keys: Sequence[Key]) -> Rows:
    """As many come, go or are exchanged as a later version may tell of."""
    found, numbers = dict(rows), iter(range(max(rows, default=0) + 1, 100_000))
    for judgement in chance.sample(range(JUDGEMENTS), chance.randint(1, 2)):
        what = chance.randrange(3)
        for key in keys:
            own = [row for row, held in rows.items() if held == (key, judgement) and row in found]
            many = chance.choice((0, 3, 5, 6))
            if what:
                for row in chance.sample(own, min(len(own), many)):
                    del found[row]
            if what < 2:
                found |= {next(numbers): (key, judgement) for _ in range(many)}
    return found


def changed(rows: Rows, chance: Random, keys: Sequence[Key]) -> Rows:
    """What is between two reports: much, a few corrections, or both."""
    if chance.random() < 0.7:
        rows = with_many(rows, chance, keys)
    return corrected(rows, chance, keys) if chance.random() < 0.8 else rows


# --- what the versions tell ---


def held(rows: Rows) -> Held:
    found: dict[tuple[str | None, str | None], dict[Any, list[str]]] = {}
    for row, ((code, team), judgement) in rows.items():
        own = found.setdefault((f"{code}/{team}", code), {})
        own.setdefault(judgement, []).append(str(row))
    return found


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
    story: Sequence[Rows],
    only: Sequence[Sequence[str]],
    keys: Sequence[Key],
    may_be_told: MayBeTold = may_be_told_anew,
) -> list[Version]:
    """The versions that tell something new; what the others tell was told before."""
    told = told_by_each(story, only, keys, may_be_told)
    return [*{id(rows): (rows, found) for rows, found in told}.values()]


def told_by_each(
    story: Sequence[Rows],
    only: Sequence[Sequence[str]],
    keys: Sequence[Key],
    may_be_told: MayBeTold = may_be_told_anew,
) -> list[Version]:
    """The rows that each version counts, and how it shows them."""
    told: list[Version] = []
    shown: list[Grouped] = []
    for rows, services in zip(story, only, strict=True):
        bases = [*{id(basis): basis for basis, _ in told}.values(), rows]
        stands = told and not may_be_told([*map(held, bases)], told_of(shown), FEWEST)
        basis = told[-1][0] if stands else rows
        shown.append(shown_of(table_of(basis, keys), shown, services))
        told.append((basis, shown[-1]))
    return told


def by_count_alone(versions: Sequence[Held], shown: Iterable[Shown], fewest: int) -> bool:
    """The rule without rows: the first so many of each team and count are taken for the same."""
    numbered: list[Held] = [
        {
            (team, service): {
                count: [f"{team} {count} {at}" for at, _ in enumerate(rows)]
                for count, rows in counts.items()
            }
            for (team, service), counts in version.items()
        }
        for version in versions
    ]
    return may_be_told_anew(numbered, shown, fewest)


def always(_versions: Sequence[Held], _shown: Iterable[Shown], _fewest: int) -> bool:
    """No rule."""
    return True


# --- the attack ---


class Attacker:
    """Who knows some rows, and of all how many each group has; and keeps some of the versions."""

    def __init__(self, versions: Sequence[Version], known: Cell, keys: Sequence[Key]) -> None:
        lives: dict[tuple[int, int], list[Key | None]] = {}
        for at, (rows, _) in enumerate(versions):
            for row, (key, judgement) in rows.items():
                lives.setdefault((row, judgement), [None] * len(versions))[at] = key
        self.counted = Counter((tuple(life), j) for (_, j), life in lives.items())
        alone = {
            tuple(key if at in group else None for at in range(len(versions)))
            for group in {counted_by(life) for life, _ in self.counted}
            for key in keys
        }
        self.lives = sorted({*alone, *(life for life, _ in self.counted)}, key=repr)
        places = [(life, j) for life in self.lives for j in range(JUDGEMENTS)]
        self.at = {place: number for number, place in enumerate(places)}
        self.known, self.keys, self.many = known, keys, len(versions)
        self.facts = [*self._own(places), *self._how_many(places)]
        self.told = [
            [
                (
                    self.sum_of(
                        (life, j) for life, j in places if life[at] in teams and a <= j < b
                    ),
                    n,
                )
                for teams, (a, b), n in equations(table_of(rows, keys), found)
            ]
            for at, (rows, found) in enumerate(versions)
        ]

    def _own(self, places: Iterable[tuple[Life, int]]) -> Iterator[tuple[Any, int]]:
        for place in places:
            if not self.known.isdisjoint(place[0]):
                yield self.sum_of([place]), self.counted[place]

    def _how_many(self, places: Sequence[tuple[Life, int]]) -> Iterator[tuple[Any, int]]:
        groups: dict[frozenset[int], list[tuple[Life, int]]] = {}
        for place in places:
            groups.setdefault(counted_by(place[0]), []).append(place)
        for inside in groups.values():
            yield self.sum_of(inside), sum(self.counted[place] for place in inside)

    def sum_of(self, places: Iterable[tuple[Life, int]]) -> Any:
        row = np.zeros(len(self.at))
        for place in places:
            row[self.at[place]] = 1
        return row

    def width(self, aim: Any, versions: Iterable[int]) -> float:
        """How far apart the least and the most are, to who keeps these versions."""
        least, most = self.bounds(aim, versions)
        return most - least

    def bounds(self, aim: Any, versions: Iterable[int]) -> tuple[float, float]:
        rows = [*self.facts, *(fact for at in versions for fact in self.told[at])]
        counts = np.array([count for _, count in rows])
        return bounds_of(aim, [row for row, _ in rows], counts, counts)

    def few(self, chance: Random) -> list[tuple[Any, Any, str]]:
        """Counts of a few rows of others, of what came or left before those of a version: those of
        one judgement, and all the rows among which they are."""
        others = frozenset(self.keys) - self.known
        cells = {frozenset({key}) for key in others} | {others}
        cells |= {frozenset(one for one in others if one[0] == key[0]) for key in others}
        groups = {counted_by(life) for life in self.lives}
        sets = {str(sorted(group)): frozenset({group}) for group in groups} | {
            f"version {at}": frozenset(group for group in groups if at in group)
            for at in range(self.many)
        }
        found = []
        for name, chosen in sorted(sets.items()):
            for cell in sorted(cells, key=sorted):
                inside = [
                    life
                    for life in self.lives
                    if counted_by(life) in chosen and cell.issuperset(life_of(life))
                ]
                every = [(life, j) for life in inside for j in range(JUDGEMENTS)]
                for judgement in range(JUDGEMENTS):
                    places = [place for place in every if place[1] == judgement]
                    if 0 < sum(self.counted[place] for place in places) < FEWEST:
                        said = f"{name}: {sorted(cell)}, {judgement}"
                        found.append((self.sum_of(places), self.sum_of(every), said))
        chance.shuffle(found)
        changes = [one for one in found if not one[2].startswith("version")]
        return [*changes, *(one for one in found if one[2].startswith("version"))][:MOST_ASKED]


def counted_by(life: Life) -> frozenset[int]:
    """The versions that count it."""
    return frozenset(at for at, key in enumerate(life) if key is not None)


def life_of(life: Life) -> frozenset[Key]:
    """The teams that held it."""
    return frozenset(key for key in life if key is not None)


def known_better(
    versions: Sequence[Version], keys: Sequence[Key], chance: Random
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


def attacked(many: int, may_be_told: MayBeTold, stories: int, seed: str) -> list[str | None]:
    """What is known better, question by question, of so many stories with something told anew."""
    chance, told = Random(f"{seed} {many}"), 0
    found: list[str | None] = []
    while told < stories:
        solid = chance.random() < 0.6
        table = solid_table(chance) if solid else random_table(chance, chance.randint(2, 4))
        keys, story = sorted(table), [rows_of(table)]
        while len(story) < many:
            story.append(changed(story[-1], chance, keys))
        codes = sorted({code for code, _ in keys})
        only = [[code for code in codes if chance.random() < 0.6] for _ in story]
        versions = presented(story, only, keys, may_be_told)
        if len(versions) > 1:
            told += 1
            found += known_better(versions, keys, chance)
    return found


@pytest.mark.long
@pytest.mark.parametrize("many", [2, 3])
def test_versions_together_tell_no_more_of_a_few_than_one_of_them(
    many: int, record_property: Callable[[str, object], None]
) -> None:
    found = attacked(many, may_be_told_anew, STORIES, f"{SEED} versions")
    record_property("asked", len(found))
    record_property("wrong", sum(one is not None for one in found))
    assert [one for one in found if one] == []
    assert found


STRANGER: Sequence[Table] = [
    {(f"s{at}", 0): [0, 6, 6, 0] for at in range(3)},
    {("s0", 0): [0, 6, 5, 0], ("s1", 0): [0, 6, 6, 0], ("s2", 0): [0, 6, 6, 0]},
]


def test_the_attack_finds_the_one_audit_that_left_where_every_version_is_told_anew() -> None:
    keys = sorted(STRANGER[0])
    first = rows_of(STRANGER[0])
    left = min(row for row, held_so in first.items() if held_so == (("s0", 0), 2))
    second = {row: held_so for row, held_so in first.items() if row != left}
    versions = [(rows, shown_of(table_of(rows, keys))) for rows in (first, second)]
    assert any(known_better(versions, keys, Random(SEED)))
    assert len(presented([first, second], [[], []], keys)) == 1


@pytest.mark.long
@pytest.mark.parametrize(
    ("rule", "seed"),
    [
        pytest.param(always, "no rule 3", id="no rule"),
        pytest.param(by_count_alone, "counts 135", id="counts alone"),
    ],
)
def test_the_same_attack_finds_a_few_where_rows_are_not_compared(
    rule: MayBeTold, seed: str, record_property: Callable[[str, object], None]
) -> None:
    """Without a rule one question in ten, by counts alone one in two hundred: of these stories some
    in the suite, too."""
    stories = share(1) or 300
    found = attacked(3, rule, stories, seed)
    wrong = [one for one in found if one]
    record_property("asked", len(found))
    record_property("told", [f"known better without comparing rows: {len(wrong)}"])
    assert wrong


def test_what_a_version_told_the_next_ones_tell_again_while_it_withstands() -> None:
    """Services that submit late are told of as well, and take no place of another."""
    chance, again, anew = Random(f"{SEED} again"), 0, 0
    for _ in range(share(60) or 3000):
        table = solid_table(chance) if chance.random() < 0.5 else random_table(chance, 4)
        keys, story = sorted(table), [rows_of(table)]
        codes = sorted({code for code, _ in keys})
        late = chance.sample(codes, chance.randint(0, len(codes)))
        story += [changed(story[-1], chance, keys)]
        only = [[code for code in codes if code not in late], codes]
        first, then = told_by_each(story, only, keys)
        anew += first[0] is not then[0]
        again += bool(first[1].shown)
        told_again = (
            then[1].whole == first[1].whole
            and set(first[1].shown) <= set(then[1].shown)
            and (not first[1].shown or then[1].parts == first[1].parts)
        )
        assert told_again is withstands_now(first[1], table_of(then[0], keys)), (first, then)
        assert joined(then[1].whole, first[1].whole) == then[1].whole
    assert again
    assert anew


def withstands_now(found: Grouped, table: Table) -> bool:
    """Whether what was told so stands against whoever leads these teams and services."""
    services = frozenset(code for code, _ in table)
    told = [(services, run) for run in found.whole]
    if found.shown:
        parts = [frozenset({code}) for code in found.shown]
        told += [(part, run) for part in (*parts, services - {*found.shown}) for run in found.parts]
    return not any(leaves_few(table, codes, run) for codes, run in told)


def leaves_few(table: Table, codes: Collection[str], run: tuple[int, int]) -> bool:
    """Whether any one or two who lead teams leave few of such judgements in these services."""
    counts = {key: sum(row[slice(*run)]) for key, row in table.items() if key[0] in codes}
    knowing = [frozenset[Key](), *(frozenset({key}) for key in counts)]
    knowing += [frozenset(key for key in counts if key[0] == code) for code in codes]
    return any(
        0 < sum(count for key, count in counts.items() if key not in one | other) < FEWEST
        for one, other in combinations(knowing, 2)
    )


def test_of_cases_that_went_to_who_knows_much_less_is_told_than_before() -> None:
    """Two heads knew all but five of the outstanding; one of the others went to the second,
    and what is left are four."""
    first: Table = {
        (code, 0): [outstanding, 20, 20, 20]
        for code, outstanding in zip("abcd", (6, 6, 3, 2), strict=True)
    }
    before = rows_of(first)
    keys = sorted(first)
    went = min(row for row, held_so in before.items() if held_so == (("c", 0), 0))
    then = {**before, went: (("b", 0), 0)}
    versions = told_by_each([before, then, before], [["a"]] * 3, keys)
    assert [found.whole for _, found in versions] == [
        ((0, 1), (1, 2), (2, 3), (3, 4)),
        ((0, 2), (2, 3), (3, 4)),
        ((0, 2), (2, 3), (3, 4)),
    ]
    assert versions[1][0] is then


def test_of_a_team_whose_manager_knows_all_but_few_by_now_the_service_tells_less() -> None:
    """One of five that were inadequate went to another team of the service: the manager of the
    first knows four of what was told of their service."""
    one: Table = {(code, 0): [8, 7, 6, 6] for code in "abcd"} | {("a", 0): [8, 7, 6, 5]}
    first = one | {("a", 1): [0, 7, 6, 0]}
    before = rows_of(first)
    went = min(row for row, held_so in before.items() if held_so == (("a", 0), 3))
    then = {**before, went: (("a", 1), 3)}
    earlier, later = told_by_each([before, then], [["a"], [*"abcd"]], sorted(first))
    apart = ((0, 1), (1, 2), (2, 3), (3, 4))
    assert earlier[1] == Grouped(apart, apart, ("a",))
    assert later[1].whole == apart
    assert later[1].parts == ((0, 1), (1, 2), (2, 4))
    assert set(later[1].shown) == {*"abcd"}


# --- the rule ---

WHOLE = [Shown(tuple(Atom((at,)) for at in range(JUDGEMENTS)))]


def of_table(table: Table) -> Held:
    """The rows of each team and judgement, the first ones the same in every version."""
    return of_counts(
        {(f"{code}/{team}", code): dict(enumerate(row)) for (code, team), row in table.items()}
    )


def of_counts(counts: Mapping[tuple[str, str], Mapping[Any, int]]) -> Held:
    return {
        (team, service): {
            count: [f"{team} {count} {at}" for at in range(many)] for count, many in own.items()
        }
        for (team, service), own in counts.items()
    }


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
    assert may_be_told_anew([of_table(first), of_table(second)], WHOLE, FEWEST) is anew


def test_one_that_left_and_one_that_came_in_the_same_team_and_count_are_two_changes() -> None:
    first = of_table(STRANGER[0])
    exchanged = {key: {at: [*rows] for at, rows in own.items()} for key, own in first.items()}
    exchanged["s0/0", "s0"][2][0] = "another one"
    assert may_be_told_anew([first, first], WHOLE, FEWEST)
    assert not may_be_told_anew([first, exchanged], WHOLE, FEWEST)
    assert by_count_alone([first, exchanged], WHOLE, FEWEST)


def of_services(*counts: int) -> Held:
    """So many rows of one count, each service with a team of its own."""
    return of_counts({(f"t{at}", f"s{at}"): {"rows": count} for at, count in enumerate(counts)})


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
        return of_counts(
            {
                (f"t{at}", f"s{at}"): {"3 days": 12 - count, "4 days": count}
                for at, count in enumerate(changed)
            }
        )

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
    before = of_counts({(f"{one}/1", one): {"good": 6, "bad": 6} for one in "abc"})
    others: Held = {key: counts for key, counts in before.items() if key[1] != "a"}
    shown = [Shown((Atom(("good",)), Atom(("bad",))))]
    good, bad = before["a/1", "a"]["good"], [*before["a/1", "a"]["bad"]]
    only_moved: Held = {**others, holder: {"good": good, "bad": bad}}
    assert may_be_told_anew([before, only_moved], shown, FEWEST)
    amended: Held = {**others, holder: {"good": [*good, bad[0]], "bad": bad[1:]}}
    assert not may_be_told_anew([before, amended], shown, FEWEST)


def test_whoever_came_to_a_team_after_a_case_had_left_it_does_not_know_that_one() -> None:
    """Seven rows of one team are gone in the end; one of them was another team's in between."""
    shown = [Shown((Atom(("rows",)),))]
    stay: Held = {
        (f"s{at}/1", f"s{at}"): {"rows": [f"{at} {row}" for row in range(9)]} for at in range(3)
    }
    gone = [f"gone {at}" for at in range(6)]
    first: Held = {**stay, ("a/1", "a"): {"rows": ["moves", *gone]}}
    moved: Held = {**stay, ("a/1", "a"): {"rows": gone}, ("b/1", "b"): {"rows": ["moves"]}}
    assert may_be_told_anew([first, moved], shown, FEWEST)
    assert may_be_told_anew([first, stay], shown, FEWEST)
    assert not may_be_told_anew([first, moved, stay], shown, FEWEST)
