"""§4.7, R4.7.3: which of the Board's counts lie within which."""

from qa_api.rules.figure_families import FAMILIES, THEMED, completed_family, theme_counts
from qa_api.rules.judged_counts import judged
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.metrics import COMPLETED, Counted

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
