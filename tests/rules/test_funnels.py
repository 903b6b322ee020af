"""R4.7.3: teams side by side."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import comb
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qa_api.rules.funnels import (
    ALL_THE_SAME,
    INNER_TAIL,
    OUTER_TAIL,
    SAID,
    Funnel,
    Part,
    Standing,
    funnel,
    said,
    side_by_side,
    standing,
)
from qa_api.rules.intervals import Interval

parts = st.lists(
    st.integers(1, 60).flatmap(lambda of: st.builds(Part, st.integers(0, of), st.just(of))),
    min_size=1,
    max_size=20,
)

FAR = {Standing.FAR_ABOVE, Standing.FAR_BELOW}


def stands(found: list[Part]) -> list[Standing]:
    drawn = side_by_side(found)
    return [standing(*each) for each in zip(found, drawn.inner, drawn.outer, strict=True)]


def tails(part: Part, found: list[Part]) -> tuple[Fraction, Fraction]:
    """How likely so few, and so many, are when the cases of the whole are dealt out by lot."""
    count, of = sum(each.count for each in found), sum(each.of for each in found)
    ways = [comb(count, x) * comb(of - count, part.of - x) for x in range(part.of + 1)]
    whole = comb(of, part.of)
    few, many = sum(ways[: part.count + 1]), sum(ways[part.count :])
    return Fraction(few, whole), Fraction(many, whole)


def alike(random: Random, sizes: range, share: float, teams: int) -> list[Part]:
    each = [random.choice(sizes) for _ in range(teams)]
    return [Part(sum(random.random() < share for _ in range(of)), of) for of in each]


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
@pytest.mark.parametrize("bounds_of", [funnel, side_by_side], ids=["published", "told"])
@given(found=parts)
def test_bounds_lie_about_the_share_of_all_together(
    bounds_of: Callable[[Sequence[Part]], Funnel], found: list[Part]
) -> None:
    drawn = bounds_of(found)
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


@pytest.mark.parametrize("others", [5, 20, 200])
def test_a_single_case_is_neither_far_above_nor_far_below(others: int) -> None:
    for count in (0, 1):
        found = [Part(1 - count, 1)] + [Part(count, 1)] * others
        assert set(stands(found)) == {Standing.WITHIN}


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        # Of 1,000 by one in ten: none of 40 has 1.4 %, of 60 0.15 %, of 70 0.05 %.
        (Part(0, 20), Standing.WITHIN),
        (Part(0, 40), Standing.BELOW),
        (Part(0, 60), Standing.BELOW),
        (Part(0, 70), Standing.FAR_BELOW),
        (Part(2, 2), Standing.WITHIN),
        (Part(3, 3), Standing.FAR_ABOVE),
        (Part(10, 30), Standing.FAR_ABOVE),
        (Part(9, 30), Standing.ABOVE),
        (Part(7, 30), Standing.ABOVE),
        (Part(6, 30), Standing.WITHIN),
    ],
)
def test_few_cases_are_told_as_exactly_as_many(part: Part, expected: Standing) -> None:
    rest, of = 100 - part.count, 1000 - part.of
    others = [Part(rest // 5, of // 5)] * 4
    others.append(Part(rest - 4 * (rest // 5), of - 4 * (of // 5)))
    assert stands([part, *others])[0] is expected


@pytest.mark.long
@given(parts)
def test_what_is_said_never_contradicts_the_exact_tail(found: list[Part]) -> None:
    drawn = side_by_side(found)
    assume(drawn.target not in (0, 1))
    edge = 1 + Fraction(1, 10**6)
    for part, stood in zip(found, stands(found), strict=True):
        few, many = tails(part, found)
        if stood is Standing.WITHIN:
            continue
        limit = Fraction(OUTER_TAIL if stood in FAR else INNER_TAIL) * edge
        assert (few if stood in {Standing.BELOW, Standing.FAR_BELOW} else many) <= limit
    if not drawn.between:
        for part, stood in zip(found, stands(found), strict=True):
            assert stood in FAR or min(tails(part, found)) * edge > Fraction(OUTER_TAIL)


def test_what_all_share_singles_out_nobody_where_it_is_told_either() -> None:
    found = [Part(1, 40), Part(15, 45), Part(2, 42), Part(20, 50), Part(1, 38), Part(14, 44)]
    assert set(stands(found)) == {Standing.WITHIN}


def test_thousands_of_cases_are_asked_exactly_too() -> None:
    found = [Part(2_000, 20_000)] * 4 + [Part(1_700, 20_000), Part(1, 1)]
    drawn = side_by_side(found)
    assert (drawn.inner[5].low, drawn.inner[5].high) == (0, 1)
    assert drawn.outer[0].low > 0.08


@pytest.mark.long
@pytest.mark.parametrize("share", [0.05, 0.2, 0.95])
@pytest.mark.parametrize("sizes", [range(1, 7), range(2, 11), range(10, 26)])
def test_of_teams_that_are_alike_no_more_stand_out_than_is_said(sizes: range, share: float) -> None:
    """ADR 84: 300 charts of 26 teams. Bounds by the normal distribution had up to 2.3 % far."""
    random = Random(84)
    told = [each for _ in range(300) for each in stands(alike(random, sizes, share, 26))]
    assert sum(each in FAR for each in told) <= 0.002 * len(told)
    assert sum(each is not Standing.WITHIN for each in told) <= 0.05 * len(told)


@pytest.mark.long
@pytest.mark.parametrize(("share", "least"), [(0.1, 0.6), (0.2, 0.9)])
def test_a_team_of_thirty_at_three_times_the_share_is_found(share: float, least: float) -> None:
    """ADR 84: 73 and 99 of a hundred; by the normal distribution 81 and 99."""
    random = Random(84)
    charts = 200
    found = 0
    for _ in range(charts):
        odd = alike(random, range(30, 31), 3 * share, 1)
        told = stands([*odd, *alike(random, range(10, 31), share, 20)])
        found += told[0] in {Standing.ABOVE, Standing.FAR_ABOVE}
    assert found >= least * charts
