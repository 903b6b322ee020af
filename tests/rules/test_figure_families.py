"""§4.7, R4.7.3: which of the Board's counts lie within which."""

from collections.abc import Collection

import pytest

from qa_api.rules.figure_families import (
    CLOSINGS,
    CLOSINGS_ESCALATED,
    FAMILIES,
    THEMED,
    closings_withstand,
    completed_family,
    theme_counts,
)
from qa_api.rules.grouped import Parts
from qa_api.rules.judged_counts import judged
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.metrics import COMPLETED, Counted
from qa_api.rules.readers import Cell, Known, posts

WHOLE, OTHER = judged(JudgedOn("ofsted", 1)), judged(JudgedOn("ofsted", 2))
VOICE, SAFETY = judged(JudgedOn("ofsted", 1, "voice")), judged(JudgedOn("ofsted", 1, "safety"))


def test_an_audit_is_judged_as_a_whole_on_one_scale_and_in_several_domains() -> None:
    """Counts of one tree lie apart, so that what they leave of their whole is a count too."""
    family = completed_family([WHOLE, VOICE, OTHER, SAFETY])
    apart = [[one for one in tree if one != COMPLETED] for tree in family.trees]
    assert [WHOLE, OTHER] in apart
    assert [VOICE] in apart
    assert [SAFETY] in apart
    assert all({tree[one] for one in tree} == {None, COMPLETED} for tree in family.trees)


def test_a_count_of_a_family_stands_in_a_tree_of_it_below_what_it_is_counted_within() -> None:
    for family in (*FAMILIES, completed_family([WHOLE, VOICE])):
        assert set(family.counted) == {cell for tree in family.trees for cell in tree}
        assert len(set(family.counted)) == len(family.counted)
        for tree in family.trees:
            assert {within for within in tree.values() if within is not None} <= set(tree)


def test_the_counts_of_a_theme_are_parts_of_those_of_all_in_their_order() -> None:
    of_theme = theme_counts("neglect")
    assert len(of_theme) == len(THEMED)
    for part, whole in zip(of_theme, THEMED, strict=True):
        assert isinstance(whole, Counted)
        assert (part.source, part.dated) == (whole.source, whole.dated)
        assert part.filters == {**whole.filters, "theme": "neglect"}


CLOSURES, AUDITED, NOT_AUDITED, EXEMPT = CLOSINGS
FEWEST = 5


def closed(audited: int, exempt: int, needed: int, escalated: int) -> Parts:
    """Cases that closed in three teams alike: audited, without one needed none, needed one; and
    the escalations of them. None that needed no audit had one."""
    not_audited = exempt + needed
    counts = (audited + not_audited, audited, not_audited, exempt, exempt, needed, escalated)
    held: dict[Cell, int] = dict(zip(CLOSINGS_ESCALATED, counts, strict=True))
    return {"fast": [Known(posts((team, "fast")), held) for team in ("one", "two", "three")]}


@pytest.mark.parametrize(
    ("parts", "told", "stands"),
    [
        pytest.param(closed(20, 20, 20, 20), CLOSINGS, True, id="many of each"),
        pytest.param(closed(20, 20, 20, 20), (), True, id="by themselves"),
        pytest.param(closed(0, 0, 0, 0), CLOSINGS, True, id="nothing closed"),
        pytest.param(closed(20, 20, 1, 1), (), False, id="few escalations, nothing beside"),
        pytest.param(closed(20, 20, 1, 1), CLOSINGS, False, id="few escalations"),
        pytest.param(closed(20, 20, 20, 19), (), True, id="not as many, and nothing beside"),
        pytest.param(closed(20, 20, 20, 19), (AUDITED,), False, id="one without is known"),
        pytest.param(closed(20, 20, 19, 20), (AUDITED,), False, id="one of an earlier closing"),
        pytest.param(
            closed(20, 1, 20, 20), (NOT_AUDITED,), False, id="less escalations few are exempt"
        ),
        pytest.param(closed(20, 1, 20, 20), (AUDITED,), True, id="of those exempt nothing follows"),
        pytest.param(closed(20, 1, 20, 20), (CLOSURES, AUDITED), False, id="they are what is left"),
        pytest.param(
            closed(1, 20, 20, 20), (CLOSURES, EXEMPT), False, id="few are neither exempt nor raised"
        ),
        pytest.param(closed(1, 20, 20, 20), (CLOSURES,), True, id="nor told apart from the exempt"),
        pytest.param(
            closed(1, 20, 20, 20),
            (EXEMPT, NOT_AUDITED),
            True,
            id="of those audited nothing is told",
        ),
    ],
)
def test_escalations_of_closings_are_told_beside_closings_where_nobody_is_known_by_a_difference(
    parts: Parts, told: Collection[Counted], stands: bool
) -> None:
    """C4: each case that closed without an audit it needed raises one."""
    assert closings_withstand(parts, told, FEWEST) is stands


def test_escalations_of_closings_are_told_from_as_many_cases_on_as_anything_is() -> None:
    for needed, stands in ((0, True), (1, False), (2, True)):
        parts = closed(20, 20, needed, needed)
        teams = parts["fast"][:2]
        assert closings_withstand({"fast": teams}, (), 2) is stands, needed
