"""R4.4.4: who of the open children was looked at, and what is told of it to whom."""

from collections.abc import Iterator, Sequence
from random import Random

import numpy as np
import pytest

from qa_api.rules.caseload_coverage import Coverage, Group, Part, coverage
from qa_api.rules.intervals import wilson
from qa_api.rules.policy import Policy
from tests.drill import SEED, share

TABLES = share(12) or 200


def group(team: str, children: int, audited: int, status: str = "cin", **strata: str) -> Group:
    return Group(team, f"service-of-{team[0]}", status, strata, children, audited)


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
    shares = {code: (one.share.count, one.share.of) for code, one in teams.items() if one.share}
    assert shares == {"a1": (12, 60), "b1": (30, 60)}
    share_of_a1 = teams["a1"].share
    assert share_of_a1 is not None
    assert share_of_a1.interval == wilson(12, 60)
    assert set(parts(found, "status")) == {"cin", "cp"}
    ages = parts(found, "strata.age")
    assert {code: one.share and one.share.of for code, one in ages.items()} == {
        None: 60,
        "0-4": 40,
        "5-9": 20,
    }


def test_whoever_may_list_the_children_is_told_of_few_as_well(policy: Policy) -> None:
    groups = [group("a1", 3, 1), group("b1", 40, 12)]
    in_full = coverage(groups, policy, in_full=True)
    assert all(part.share is not None for part in in_full.parts)


def test_nobody_else_is_told_of_a_few_nor_of_what_they_leave_over(policy: Policy) -> None:
    few = group("a1", 30, 2)
    others = [group("b1", 60, 20), group("c1", 60, 20)]
    found = coverage([few, *others], policy, in_full=False)
    assert parts(found, "team")["a1"].share is None
    # The whole less two shown teams would be the third: one more goes, so that the rest is not few.
    assert sum(part.share is not None for part in parts(found, "team").values()) < 2
    alone = coverage([group("a1", 3, 1)], policy, in_full=False)
    assert alone.whole is None
    assert all(part.share is None for part in alone.parts)


Row = tuple[str, str, str]
"""A team, a status and an age."""


def random_table(chance: Random) -> list[Group]:
    found = []
    for service in range(chance.randint(2, 4)):
        for team in range(chance.randint(1, 3)):
            for status in ("cin", "cp", "lac"):
                for age in ("young", "old"):
                    children = chance.choice((0, 1, 2, 4, chance.randint(0, 40)))
                    if children:
                        audited = chance.randint(0, children)
                        strata = {"age": age}
                        name = f"s{service}"
                        found.append(
                            Group(f"{name}t{team}", name, status, strata, children, audited)
                        )
    return found


def figures(groups: Sequence[Group], found: Coverage) -> Iterator[tuple[list[int], int]]:
    """What is told: which audited and which other children each figure counts, and how many."""
    told: list[tuple[list[int], int, int]] = []
    if found.whole is not None:
        told.append(([*range(len(groups))], found.whole.count, found.whole.of))
    for part in found.parts:
        if part.share is not None:
            those = [
                at
                for at, each in enumerate(groups)
                if {"team": each.team, "status": each.status}.get(part.by, each.strata.get("age"))
                == part.value
            ]
            told.append((those, part.share.count, part.share.of))
    for those, audited, children in told:
        yield [2 * at for at in those], audited
        yield [2 * at + 1 for at in those], children - audited


@pytest.mark.parametrize("table", range(TABLES))
def test_nobody_who_knows_rows_of_their_own_works_out_few_of_anothers(
    policy: Policy, table: int
) -> None:
    from scipy.optimize import LinearConstraint, milp

    chance = Random(f"{SEED} coverage {table}")
    groups = random_table(chance)
    found = coverage(groups, policy, in_full=False)
    truth = [n for each in groups for n in (each.audited, each.children - each.audited)]
    told = list(figures(groups, found))
    matrix = np.array([[float(at in those) for at in range(len(truth))] for those, _ in told])
    for service in sorted({each.service or "" for each in groups}):
        own = [at for at, each in enumerate(groups) if each.service == service]
        known = {2 * at + kind for at in own for kind in (0, 1)}
        low = np.array([float(n) if at in known else 0.0 for at, n in enumerate(truth)])
        high = np.array([float(n) if at in known else np.inf for at, n in enumerate(truth)])
        exactly = [float(count) for _, count in told]
        for team in sorted({each.team for each in groups if each.service != service}):
            for kind in (0, 1):
                cells = [2 * at + kind for at, each in enumerate(groups) if each.team == team]
                if not 0 < sum(truth[at] for at in cells) < policy.small_cell_minimum:
                    continue
                aim = np.array([float(at in cells) for at in range(len(truth))])
                bounds = [
                    milp(
                        sign * aim,
                        constraints=LinearConstraint(matrix, exactly, exactly) if told else (),
                        integrality=np.ones(len(truth)),
                        bounds=(low, high),
                    )
                    for sign in (1, -1)
                ]
                if bounds[1].success:  # else it is not bounded at all
                    assert bounds[0].fun < -bounds[1].fun, f"{service} works out {team}"
