"""R4.4.4: what a team holds of some children, and who came and who went between two counts."""

from dataclasses import replace

from qa_api.rules.open_groups import ATOMS, Change, Group, held_by_teams, kinds_of
from qa_api.rules.readers import Known, posts, withstands

YOUNG = Group("mosaic", "a1", "service-a", "cin", {"age": "0-4"}, children=40, audited=10)
OLD = replace(YOUNG, strata={"age": "5-9"}, children=20, audited=2)
ELSEWHERE = replace(YOUNG, team="b1", service=None, children=7, audited=0)


def test_a_team_holds_what_all_its_groups_hold() -> None:
    assert held_by_teams([YOUNG, OLD, ELSEWHERE]) == [
        Known(posts(("a1", "service-a")), {"audited": 12, "others": 48}),
        Known(posts(("b1", None)), {"audited": 0, "others": 7}),
    ]


def test_whoever_leads_several_teams_knows_the_children_of_all_of_them() -> None:
    each = [
        replace(YOUNG, team=f"{code}1", service=code, children=children, audited=0)
        for code, children in (("a", 5), ("b", 5), ("c", 5), ("d", 2))
    ]
    assert withstands(held_by_teams(each), ATOMS, 5)
    known = held_by_teams(each, [frozenset({"a1", "b1"})])
    assert not withstands(known, ATOMS, 5), "with a colleague they leave two"


def test_a_group_is_of_one_part_of_each_kind_and_of_none_where_nothing_was_said() -> None:
    kinds = ("system", "team", "status", "strata.age", "strata.need")
    assert [YOUNG.code(kind) for kind in kinds] == ["mosaic", "a1", "cin", "0-4", ""]
    several = [YOUNG, replace(ELSEWHERE, system="liquid", strata={"need": "high"})]
    assert kinds_of(several) == ["system", "team", "status", "strata.age", "strata.need"]
    assert kinds_of([YOUNG]) == ["team", "status", "strata.age"]


def test_where_nothing_changed_nobody_came_and_nobody_went() -> None:
    assert Change.between([YOUNG, OLD], [OLD, YOUNG]) == Change((), ())


def test_who_came_and_who_went_is_told_group_by_group() -> None:
    then, now = [YOUNG, OLD], [replace(YOUNG, children=43, audited=11), ELSEWHERE]
    changed = Change.between(then, now)
    assert changed.came == (replace(YOUNG, children=3, audited=1), ELSEWHERE)
    assert changed.went == (OLD,)
    back = Change.between(now, then)
    assert (back.came, back.went) == (changed.went, changed.came)


def test_who_was_audited_went_from_the_others_and_came_to_the_audited() -> None:
    changed = Change.between([YOUNG], [replace(YOUNG, audited=13)])
    assert changed.came == (replace(YOUNG, children=3, audited=3),)
    assert changed.went == (replace(YOUNG, children=3, audited=0),)
