"""R4.4.4: who of the open children was looked at, and what is told of it to whom.

The attackers are each head of service and team manager with their own rows, and each two of them:
what is told are equations to them (SciPy's `milp`). A part that is listed has at least one child.
Of several versions they know beside that who came and who went, though not whether these were
audited.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random
from typing import Any, Final

import numpy as np
import pytest

from qa_api.rules.caseload_coverage import Coverage, Group, Part, coverage
from qa_api.rules.intervals import wilson
from qa_api.rules.policy import Policy
from tests.drill import SEED, share
from tests.rules.bounded import width_of

TABLES: Final = share(12) or 200
MOST_ASKED: Final = share(12) or 60
"""Of so many small figures of each table the bounds are sought."""


def group(
    team: str,
    children: int,
    audited: int,
    status: str = "cin",
    system: str = "mosaic",
    **strata: str,
) -> Group:
    return Group(system, team, f"service-of-{team[0]}", status, strata, children, audited)


def parts(found: Coverage, by: str) -> dict[str | None, Part]:
    return {part.value: part for part in found.parts if part.by == by}


def test_each_team_status_and_stratum_has_its_share_and_its_interval(policy: Policy) -> None:
    groups = [
        group("a1", 40, 10, "cin", age="0-4"),
        group("a1", 20, 2, "cp", age="5-9"),
        group("b1", 60, 30, "cin"),
    ]
    found = coverage(groups, policy, in_full=True)
    assert found.whole is not None
    assert (found.whole.count, found.whole.of) == (42, 120)
    teams = parts(found, "team")
    shares = {code: (one.share.count, one.share.of) for code, one in teams.items()}
    assert shares == {"a1": (12, 60), "b1": (30, 60)}
    assert teams["a1"].share.interval == wilson(12, 60)
    assert set(parts(found, "status")) == {"cin", "cp"}
    ages = parts(found, "strata.age")
    assert {code: one.share.of for code, one in ages.items()} == {
        None: 60,
        "0-4": 40,
        "5-9": 20,
    }


def test_to_whom_a_child_of_a_team_is_kept_from_no_kind_of_child_is_told(policy: Policy) -> None:
    groups = [
        group("a1", 40, 10, "cin", age="0-4"),
        group("b1", 60, 30, "cp", "eclipse", age="5-9"),
    ]
    found = coverage(groups, policy, in_full=True)
    kept = found.by_team()
    assert {part.by for part in found.parts} == {"system", "team", "status", "strata.age"}
    assert {part.by for part in kept.parts} == {"system", "team"}
    assert kept.whole == found.whole
    assert parts(kept, "team") == parts(found, "team")


def test_whoever_may_list_the_children_is_told_of_few_as_well(policy: Policy) -> None:
    groups = [group("a1", 3, 1), group("b1", 40, 12)]
    in_full = coverage(groups, policy, in_full=True)
    assert {code: one.share.of for code, one in parts(in_full, "team").items()} == {
        "a1": 3,
        "b1": 40,
    }


def test_nobody_else_is_told_of_a_few_nor_of_what_they_leave_over(policy: Policy) -> None:
    few = group("a1", 30, 2)
    others = [group("b1", 60, 20), group("c1", 60, 20)]
    found = coverage([few, *others], policy, in_full=False)
    # The whole less two shown teams would be the third: one more goes, so that the rest is not few.
    assert "a1" not in parts(found, "team")
    assert len(parts(found, "team")) < 2
    alone = coverage([group("a1", 3, 1)], policy, in_full=False)
    assert (alone.whole, alone.parts) == (None, ())


def test_systems_are_parts_where_there_are_several(policy: Policy) -> None:
    groups = [group("a1", 40, 12), group("b1", 40, 20), group("c1", 40, 20, system="liquid")]
    assert "system" not in {part.by for part in coverage(groups[:2], policy, in_full=True).parts}
    found = parts(coverage(groups, policy, in_full=True), "system")
    assert {code: one.share.of for code, one in found.items()} == {
        "mosaic": 80,
        "liquid": 40,
    }
    few = [*groups[:2], group("c1", 2, 0, system="liquid")]
    assert parts(coverage(few, policy, in_full=False), "system") == {}


def test_what_changed_by_a_few_is_not_told(policy: Policy) -> None:
    then = [group("a1", 60, 20), group("b1", 60, 20), group("c1", 60, 20), group("d1", 60, 20)]

    def after(*changed: Group) -> Coverage:
        kept = {one.team: one for one in then} | {one.team: one for one in changed}
        before = coverage(then, policy, in_full=False).told(then)
        return coverage([*kept.values()], policy, in_full=False, before=[before])

    assert after().whole is not None, "nothing changed"
    for one in (group("a1", 59, 20), group("a1", 59, 19), group("a1", 60, 21)):
        assert after(one).whole is None, "one child less, or one audit more"
    # One team has one less and another one more: the sum is what it was, and its parts are not.
    assert after(group("a1", 59, 20), group("b1", 61, 20)).whole is None
    more = [group(team, 90, 40) for team in ("a1", "b1", "c1")]
    told = after(*more)
    assert told.whole is not None
    assert set(parts(told, "team")) == {"a1", "b1", "c1", "d1"}
    # Of one team one child came: it is in the whole alone, and another with it.
    fewer = parts(after(*more, group("d1", 61, 20)), "team")
    assert "d1" not in fewer
    assert len(fewer) < len(then) - 1


# --- attacks ---


Cell = tuple[int, int]
"""A group, and whether its audited (0) or its other children (1)."""


def random_table(chance: Random) -> list[Group]:
    """Teams of a few children here and there, or of some in every status and age."""
    found = []
    sparse = chance.random() < 0.5
    for service in range(chance.randint(2, 4)):
        for team in range(chance.randint(1, 3)):
            system = chance.choice(("liquid", "mosaic", "mosaic"))
            for status in ("cin", "cp", "lac"):
                for age in ("young", "old"):
                    children = chance.randint(8, 40)
                    if sparse:
                        children = chance.choice((0, 1, 2, 4, children))
                    if children:
                        audited = chance.randint(0, min(children, 12))
                        strata, name = {"age": age}, f"s{service}"
                        found.append(
                            Group(system, f"{name}t{team}", name, status, strata, children, audited)
                        )
    return found


def value(each: Group, by: str) -> str | None:
    own = {"system": each.system, "team": each.team, "status": each.status}
    return own.get(by, each.strata.get("age"))


KINDS: Final = ("system", "team", "status", "strata.age")


def members(groups: Sequence[Group], by: str, code: str | None) -> list[int]:
    return [at for at, each in enumerate(groups) if value(each, by) == code]


def count(groups: Sequence[Group], cell: Cell) -> int:
    at, kind = cell
    return groups[at].children - groups[at].audited if kind else groups[at].audited


def figures(groups: Sequence[Group], found: Coverage) -> Iterator[tuple[list[Cell], int]]:
    """What is told: which audited and which other children each figure counts, and how many."""
    told: list[tuple[list[int], int, int]] = []
    if found.whole is not None:
        told.append(([*range(len(groups))], found.whole.count, found.whole.of))
    for part in found.parts:
        those = members(groups, part.by, part.value)
        told.append((those, part.share.count, part.share.of))
    for those, audited, children in told:
        yield [(at, 0) for at in those], audited
        yield [(at, 1) for at in those], children - audited


def listed(groups: Sequence[Group], found: Coverage) -> Iterator[list[Cell]]:
    """The children of each part that is listed, unless it is told to have none: there is one."""
    for part in found.parts:
        if part.share.of:
            yield [(at, kind) for at in members(groups, part.by, part.value) for kind in (0, 1)]


MOST: Final = 10_000
"""More than any sum of children that is asked about, so that it is no bound."""


class Attacker:
    """Somebody with equations between whole numbers, who asks between which bounds a sum lies."""

    def __init__(self) -> None:
        self.places: dict[Any, int] = {}
        self.equations: list[tuple[Mapping[int, int], float]] = []

    def knows(self, summed: Mapping[Any, int], count: int) -> None:
        places = {self._place(name): sign for name, sign in summed.items()}
        self.equations.append((places, count))

    def knows_of_some(self, summed: Iterable[Any]) -> None:
        """That the sum is one at least."""
        self.knows({**dict.fromkeys(summed, 1), ("more than one", len(self.equations)): -1}, 1)

    def _place(self, name: Any) -> int:
        return self.places.setdefault(name, len(self.places))

    def width(self, names: Sequence[Any]) -> float:
        """How far apart the least and the most are that the sum can be."""
        aim = np.zeros(max(len(self.places), 1) + len(names))
        for name in names:
            aim[self._place(name)] = 1
        rows = np.zeros((len(self.equations), len(aim)))
        for row, (summed, _) in zip(rows, self.equations, strict=True):
            for place, sign in summed.items():
                row[place] = sign
        exactly = np.array([count for _, count in self.equations])
        return width_of(aim, rows, exactly, exactly, MOST)


def readers(groups: Sequence[Group]) -> list[frozenset[int]]:
    """Nobody, each head and manager, and each two of them: the groups that they know."""
    alone = {
        frozenset(at for at, one in enumerate(groups) if one.service == s.service) for s in groups
    }
    alone |= {frozenset(members(groups, "team", each.team)) for each in groups}
    every = sorted(alone, key=sorted)
    return [frozenset(), *every, *(one | other for one, other in combinations(every, 2))]


def small(groups: Sequence[Group], known: frozenset[int], fewest: int) -> Iterator[list[Cell]]:
    """What of others is few: of the parts of every kind, without what the reader knows."""
    for by in KINDS:
        for code in sorted({value(each, by) or "" for each in groups}):
            for kind in (0, 1):
                cells = [(at, kind) for at in members(groups, by, code) if at not in known]
                if 0 < sum(count(groups, cell) for cell in cells) < fewest:
                    yield cells


@pytest.mark.parametrize("table", range(TABLES))
def test_nobody_who_knows_rows_of_their_own_works_out_few_of_anothers(
    policy: Policy, table: int, record_property: Callable[[str, object], None]
) -> None:
    chance, fewest = Random(f"{SEED} coverage {table}"), policy.small_cell_minimum
    groups = random_table(chance)
    found = coverage(groups, policy, in_full=False)
    asked = [(known, cells) for known in readers(groups) for cells in small(groups, known, fewest)]
    for known, cells in chance.sample(asked, min(len(asked), MOST_ASKED)):
        width = attacker_of(groups, found, known).width(cells)
        assert width >= fewest, f"{sorted(known)} know {cells} of {groups}"
    record_property("asked", len(asked))


def attacker_of(groups: Sequence[Group], found: Coverage, known: frozenset[int]) -> Attacker:
    """Who knows all of these groups, what is told, and which parts are listed."""
    attacker = Attacker()
    for summed, number in figures(groups, found):
        attacker.knows(dict.fromkeys(summed, 1), number)
    for cells in listed(groups, found):
        attacker.knows_of_some(cells)
    for at in known:
        for kind in (0, 1):
            attacker.knows({(at, kind): 1}, count(groups, (at, kind)))
    return attacker


@pytest.mark.parametrize("by", ["status", "strata.age", "team"])
def test_a_part_of_one_child_is_not_listed(policy: Policy, by: str) -> None:
    """Seven parts of one audited child each leave seven of seven: listed, each would be known."""

    def named(code: str, children: int, audited: int) -> Group:
        if by == "team":
            return Group("mosaic", code, f"service-of-{code}", "cin", {}, children, audited)
        own = {"status": code} if by == "status" else {"age": code}
        return group("a1", children, audited, **own)

    rare = [named(f"rare-{at}", 1, 1) for at in range(7)]
    common = [named(f"common-{at}", 60, 15) for at in range(2)]
    groups, fewest = [*common, *rare], policy.small_cell_minimum
    found = coverage(groups, policy, in_full=False)
    assert found.whole is not None
    assert {part.value for part in found.parts if part.by == by} == {"common-0", "common-1"}
    for at in range(len(common), len(groups)):
        assert attacker_of(groups, found, frozenset()).width([(at, 0)]) >= fewest
    # The attack knows what a list tells: with their codes in it each is one child, audited.
    attacker = attacker_of(groups, found, frozenset())
    for at in range(len(common), len(groups)):
        attacker.knows_of_some([(at, 0), (at, 1)])
    assert attacker.width([(len(common), 0)]) == 0


def changed(groups: Sequence[Group], chance: Random) -> list[Group]:
    """The same groups later: of some a few children came, went or were audited, or many."""
    more = chance.choice((0, 20))  # so many that all of it can be told
    found = []
    for each in groups:
        most = chance.choice((0, 0, 0, 1, 2, 30))
        audited = max(each.audited + chance.randint(-most, most), 0) + more
        others = max(each.children - each.audited + chance.randint(-most, most), 0) + more
        found.append(replace(each, children=audited + others, audited=audited))
    return found


MOVED: Final = {"came": 1, "went": -1}


class Versions:
    """What was told first, what is told now, and who came and went between the two."""

    def __init__(self, then: Sequence[Group], now: Sequence[Group], policy: Policy) -> None:
        first = coverage(then, policy, in_full=False)
        second = coverage(now, policy, in_full=False, before=[first.told(then)])
        self.is_told = second.whole is not None
        self.told = [(then, first), (now, second)]
        self.then, self.now = then, now

    def moved(self, how: str, cell: Cell) -> int:
        """How many of a group came, or went."""
        return max(MOVED[how] * (count(self.now, cell) - count(self.then, cell)), 0)

    def attacker(self, known: frozenset[int]) -> Attacker:
        """Who knows all of these groups, of the others how many came and went, and both versions.

        Not whether those were audited.
        """
        found = Attacker()
        for version, (groups, shown) in enumerate(self.told):
            for summed, number in figures(groups, shown):
                found.knows({(version, *cell): 1 for cell in summed}, number)
            for cells in listed(groups, shown):
                found.knows_of_some((version, *cell) for cell in cells)
        for at in range(len(self.then)):
            for how in MOVED:
                both = {(how, at, kind): 1 for kind in (0, 1)}
                found.knows(both, sum(self.moved(how, (at, kind)) for kind in (0, 1)))
            for kind in (0, 1):
                then, now = {(0, at, kind): -1}, {(1, at, kind): 1}
                found.knows(then | now | {("came", at, kind): -1, ("went", at, kind): 1}, 0)
                if at in known:
                    found.knows(now, count(self.now, (at, kind)))
                    for how in MOVED:
                        found.knows({(how, at, kind): 1}, self.moved(how, (at, kind)))
        return found

    def few(self, known: frozenset[int], fewest: int) -> Iterator[tuple[str, list[int]]]:
        """Of which parts a few were audited of those who came, or went; and not all of them."""
        for by in KINDS:
            for code in sorted({value(each, by) or "" for each in self.then}):
                at = [one for one in members(self.then, by, code) if one not in known]
                for how in MOVED:
                    audited, others = (
                        sum(self.moved(how, (one, kind)) for one in at) for kind in (0, 1)
                    )
                    if 0 < audited < fewest and others:
                        yield how, at


@pytest.mark.parametrize("table", range(TABLES))
def test_nobody_works_out_whether_the_few_who_came_or_went_were_audited(
    policy: Policy, table: int, record_property: Callable[[str, object], None]
) -> None:
    chance, fewest = Random(f"{SEED} versions {table}"), policy.small_cell_minimum
    then = random_table(chance)
    now = changed(then, chance)
    versions = Versions(then, now, policy)
    known = readers(then)
    asked = [(own, few) for own in known for few in versions.few(own, fewest)]
    for own, (how, at) in chance.sample(asked, min(len(asked), MOST_ASKED)):
        width = versions.attacker(own).width([(how, one, 0) for one in at])
        assert width >= 1, f"{sorted(own)} know who {how} of {at}: {then}, {now}"
    record_property("asked", len(asked) if versions.is_told else 0)


def test_the_attack_finds_what_two_systems_and_two_versions_give_away() -> None:
    """An attack that never succeeds would show nothing."""
    attacker = Attacker()
    attacker.knows({"mosaic": 1, "liquid": 1}, 40)
    attacker.knows({"mosaic": 1}, 38)
    assert attacker.width(["liquid"]) == 0
    attacker.knows({"mosaic": 1, "went": -1}, 37)
    assert attacker.width(["went"]) == 0
    assert attacker.width(["somebody else"]) == MOST
