"""R4.4.4, R4.7.3: which parts of a caseload are told, in examples that can be worked out by hand.

Five is the fewest. A team's manager knows what the team holds, and two managers tell each other.
"""

from collections.abc import Iterable

import pytest

from qa_api.rules.coverage_parts import Part, Told, tellable
from qa_api.rules.open_groups import Group

FEWEST = 5


def group(
    team: str,
    children: int,
    audited: int,
    status: str = "cin",
    *,
    service: str | None = None,
    system: str = "mosaic",
    age: str | None = None,
) -> Group:
    """Each team is of a service of its own unless one is named."""
    strata = {} if age is None else {"age": age}
    return Group(system, team, service or f"of {team}", status, strata, children, audited)


def teams(**children: int) -> list[Group]:
    """Of each team a third was audited."""
    return [group(team, number, number // 3) for team, number in children.items()]


def told(groups: Iterable[Group], *before: Told) -> frozenset[Part]:
    found = tellable([*groups], FEWEST, before)
    assert found is not None
    return found


def shown(by: str, found: Iterable[Part]) -> set[str]:
    return {code for kind, code in found if kind == by}


THEN = teams(a=100, b=90, c=80, d=70, f=60, g=50, e=3)


def test_the_largest_teams_are_told_and_enough_left_over_that_no_two_managers_know_the_rest() -> (
    None
):
    """Less d and f, g and e are left: 53. Were g told or d, two could leave e alone, who has 3."""
    assert shown("team", told(THEN)) == {"a", "b", "c"}


def test_the_same_is_told_again_where_nothing_changed() -> None:
    first = told(THEN)
    assert told(THEN, Told(tuple(THEN), first)) == first


def test_a_team_that_grew_is_not_told_in_place_of_one_that_was_told_before() -> None:
    """Less c, which was told, d, g and e would be left: less d and g, the three of e."""
    now = [*(one for one in THEN if one.team != "f"), *teams(f=200)]
    assert shown("team", told(now)) == {"f", "a", "b"}
    before = Told(tuple(THEN), told(THEN))
    assert shown("team", told(now, before)) == {"a", "b", "c"}


# --- which kinds of parts ---


def test_teams_are_told_before_ages() -> None:
    """b has three who are young: with a, f and g by themselves they would be left over."""
    young = [group(team, 40, 13, age="young") for team in ("a", "f", "g")]
    old = [group(team, 40, 13, age="old") for team in ("b", "c", "d", "e")]
    found = told([*young, *old, group("b", 3, 0, age="young")])
    assert shown("team", found)
    assert not shown("strata.age", found)
    assert shown("strata.age", told([*young, *old])) == {"young", "old"}


def test_case_systems_are_told_last() -> None:
    """All of the other system are c's: told first, they would leave no room for a."""
    groups = [group("a", 30, 10), group("b", 20, 10), group("d", 1, 1), group("e", 30, 5)]
    found = told([*groups, group("c", 5, 5, system="liquid")])
    assert shown("team", found) == {"a"}
    assert not shown("system", found)


# --- several tables that cross ---

SIX = ("a", "b", "c", "d", "e", "f")


def by_status(*with_few: str, without: str = "") -> list[Group]:
    """Teams with many of one status and three each of `with_few`, of whom none was audited."""
    many = [group(team, 30, 10) for team in SIX]
    few = [group(team, 3, 0, status) for team in SIX for status in with_few]
    return [one for one in (*many, *few) if (one.team, one.status) != (without, with_few[-1])]


def test_statuses_are_told_beside_teams_of_which_each_has_few_of_a_status() -> None:
    """Team by team three would be few. Told is how many each team has, and how many each status.

    Along the axis of the teams one status could be told, along one of its own all three.
    """
    found = told(by_status("cp", "lac"))
    assert shown("team", found) == {*SIX}
    assert shown("status", found) == {"cin", "cp", "lac"}


def test_a_status_that_a_team_has_nobody_of_is_not_told_beside_the_team() -> None:
    """Else whoever knows how many the others have at least would know more of these."""
    found = told(by_status("cp", "lac", without="f"))
    assert shown("team", found) == {*SIX}
    assert shown("status", found) == {"cin"}


FOUR = ("a1", "a2", "a3", "a4")


def crossing(*with_few: Group) -> list[Group]:
    """Four large teams with three of a status each; four small teams that are not told apart."""
    large = [group(team, 30, 10) for team in FOUR]
    small = [group(team, 20, 7) for team in ("b1", "c", "e")]
    return [
        *large,
        *(group(team, 3, 0, "cp") for team in FOUR),
        *small,
        group("d", 1, 0),
        *with_few,
    ]


@pytest.mark.parametrize(
    ("with_few", "statuses"),
    [
        ([group(team, 3, 0, "cp") for team in ("b1", "c", "e")], {"cin", "cp"}),
        # Two managers know all of this status in the teams that are not told apart.
        ([group(team, 3, 0, "cp") for team in ("b1", "c")], set()),
        # So do a head of service, of b1 and b2, and a manager.
        (
            [
                group("b1", 3, 0, "cp"),
                group("b2", 3, 0, "cp", service="of b1"),
                group("c", 3, 0, "cp"),
            ],
            set(),
        ),
    ],
    ids=["three know it", "two managers", "a head and a manager"],
)
def test_statuses_are_told_unless_two_readers_know_all_of_one_in_the_teams_that_are_not(
    with_few: list[Group], statuses: set[str]
) -> None:
    found = told(crossing(*with_few))
    assert shown("team", found) == {*FOUR}
    assert shown("status", found) == statuses
