"""R4.7.3: teams side by side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.funnels import ALL_THE_SAME, SAID, Part, Standing, funnel, said, standing
from qa_api.rules.intervals import Interval

parts = st.lists(
    st.integers(1, 60).flatmap(lambda of: st.builds(Part, st.integers(0, of), st.just(of))),
    min_size=1,
    max_size=20,
)


def test_a_team_far_from_the_others_stands_out_and_a_small_one_does_not() -> None:
    found = [Part(3, 30), Part(4, 40), Part(3, 30), Part(5, 50), Part(20, 40), Part(1, 3)]
    drawn = funnel(found, overdispersion=False)
    out = [standing(*each) for each in zip(found, drawn.inner, drawn.outer, strict=True)]
    assert out[4] is Standing.FAR_ABOVE
    assert out[5] is Standing.WITHIN
    assert out.count(Standing.WITHIN) == 5
    assert set(SAID) == set(Standing)


def test_of_teams_that_are_all_the_same_nothing_is_said_of_chance() -> None:
    for count in (0, 1):
        found = [Part(count * of, of) for of in (3, 20, 40)]
        drawn = funnel(found)
        stands = [standing(*each) for each in zip(found, drawn.inner, drawn.outer, strict=True)]
        assert {said(each, drawn.target) for each in stands} == {ALL_THE_SAME}
    assert {said(each, 0.3) for each in Standing} == {*SAID.values()}


def test_below_is_told_from_above() -> None:
    found = [Part(30, 40), Part(31, 40), Part(29, 40), Part(18, 40)]
    drawn = funnel(found, overdispersion=False)
    assert standing(found[3], drawn.inner[3], drawn.outer[3]) is Standing.BELOW


@pytest.mark.parametrize(
    ("count", "stands"),
    [
        (9, Standing.FAR_BELOW),
        (10, Standing.BELOW),  # a share on a bound is not beyond it
        (19, Standing.BELOW),
        (20, Standing.WITHIN),
        (40, Standing.WITHIN),
        (41, Standing.ABOVE),
        (50, Standing.ABOVE),
        (51, Standing.FAR_ABOVE),
    ],
)
def test_a_part_stands_out_beyond_its_inner_bounds_and_far_out_beyond_the_outer(
    count: int, stands: Standing
) -> None:
    assert standing(Part(count, 100), Interval(0.2, 0.4), Interval(0.1, 0.5)) is stands


@pytest.mark.parametrize("bound", [0.1 + 0.2, 0.3 - 1e-16])
def test_a_share_on_a_bound_is_not_beyond_it_whatever_the_arithmetic_leaves(bound: float) -> None:
    """0.1 + 0.2 is a little more than 0.3 to a computer."""
    for bounds in (Interval(bound, 0.9), Interval(0.1, bound)):
        assert standing(Part(3, 10), bounds, bounds) is Standing.WITHIN


@pytest.mark.long
@given(parts)
def test_bounds_lie_about_the_share_of_all_together(found: list[Part]) -> None:
    drawn = funnel(found)
    for inner, outer in zip(drawn.inner, drawn.outer, strict=True):
        assert 0 <= outer.low <= inner.low <= drawn.target <= inner.high <= outer.high <= 1


def test_the_fewer_the_wider() -> None:
    drawn = funnel([Part(2, 10), Part(4, 20), Part(8, 40), Part(16, 80)])
    widths = [bound.width for bound in drawn.inner]
    assert widths == sorted(widths, reverse=True)


def test_what_all_share_singles_out_nobody() -> None:
    found = [Part(1, 40), Part(15, 45), Part(2, 42), Part(20, 50), Part(1, 38), Part(14, 44)]
    plain, wide = funnel(found, overdispersion=False), funnel(found)
    assert plain.spread is not None
    assert plain.spread > 1
    assert (plain.between, wide.between > 0) == (0, True)
    outside = [standing(*each) for each in zip(found, plain.inner, plain.outer, strict=True)]
    within = [standing(*each) for each in zip(found, wide.inner, wide.outer, strict=True)]
    assert set(outside) > {Standing.WITHIN}
    assert set(within) == {Standing.WITHIN}


@pytest.mark.parametrize("count", [0, 20])
def test_where_nothing_varies_nobody_stands_out(count: int) -> None:
    found = [Part(count, 20)] * 3
    drawn = funnel(found)
    assert drawn.spread is None
    stands = [standing(*each) for each in zip(found, drawn.inner, drawn.outer, strict=True)]
    assert set(stands) == {Standing.WITHIN}
