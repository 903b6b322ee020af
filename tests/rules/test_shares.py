"""R4.7.3: how a share is told, and how sure it is."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.decision import RuleRefused
from qa_api.rules.intervals import Interval
from qa_api.rules.policy import Policy
from qa_api.rules.policy_keys import policy_from_values
from qa_api.rules.shares import (
    Share,
    ShownAs,
    counted,
    hundredths,
    is_narrow,
    percent,
    rate_of_all,
    share_of_all,
    share_of_sample,
    share_to_the_nearest,
    to_the_nearest,
)

POLICY = Policy(version=2, effective_from=date(2020, 1, 1))
samples = st.integers(0, 200).flatmap(
    lambda of: st.tuples(
        st.integers(0, of), st.just(of), st.one_of(st.none(), st.integers(of, 500))
    )
)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (0, ShownAs.COUNTS),
        (9, ShownAs.COUNTS),
        (10, ShownAs.OUT_OF),
        (29, ShownAs.OUT_OF),
        (30, ShownAs.SHARE),
    ],
)
def test_below_ten_there_are_counts_below_thirty_k_of_n_then_a_share(
    of: int, expected: ShownAs
) -> None:
    for told in (share_of_all(of, of, POLICY), share_of_sample(of, of, POLICY)):
        assert told.shown_as is expected
        assert (told.value is not None) == ("%" in told.sentence) == (expected is ShownAs.SHARE)


def test_the_steps_are_the_policys() -> None:
    policy = replace(POLICY, figure_out_of_from=3, figure_share_from=6)
    assert [share_of_all(1, of, policy).shown_as for of in (2, 3, 5, 6)] == [
        ShownAs.COUNTS,
        ShownAs.OUT_OF,
        ShownAs.OUT_OF,
        ShownAs.SHARE,
    ]
    with pytest.raises(RuleRefused, match="figure_out_of_from") as refused:
        policy_from_values(3, date(2026, 1, 1), {"figure_out_of_from": 31})
    assert refused.value.field == "figure_out_of_from"


@pytest.mark.parametrize(
    ("count", "of", "population", "sentence"),
    [
        (0, 0, None, "There was nothing to count."),
        (5, 6, None, "5 counted among 6: too few to say, fewer than 10."),
        (8, 21, None, "8 of 21; likely between 4 and 13 of 21."),
        (7, 15, None, "7 of 15; likely between 3 and 11 of 15. That is too few to say."),
        (2, 25, None, "2 of 25; likely between 0 and 7 of 25."),
        (0, 20, None, "0 of 20; likely between 0 and 4 of 20."),
        (20, 20, None, "20 of 20; likely between 16 and 20 of 20."),
        (12, 40, None, "30% (12 of 40); likely between 18% and 46%."),
        (12, 40, 48, "30% (12 of 40); of all 48 likely between 25% and 36%."),
        (8, 21, 30, "8 of 21; of all 30 likely between 9 and 15 of 30."),
        (0, 250, None, "0% (0 of 250); likely between 0% and 2%."),
        (1, 250, None, "0.4% (1 of 250); likely between 0.07% and 3%."),
        (199, 200, None, "99.5% (199 of 200); likely between 97% and 99.92%."),
        (200, 200, None, "100% (200 of 200); likely between 98% and 100%."),
        (999, 1000, 1000, "99.9% (999 of 1000). Everything was counted: no interval."),
        (12, 40, 40, "30% (12 of 40). Everything was counted: no interval."),
    ],
)
def test_a_sentence_says_what_it_is_and_whether_it_is_enough(
    count: int, of: int, population: int | None, sentence: str
) -> None:
    assert share_of_sample(count, of, POLICY, population).sentence == sentence


PER_CENT = re.compile(r"([\d.]+)%")


def per_cents(told: Share) -> list[float]:
    return [float(one) for one in PER_CENT.findall(told.sentence)]


@given(st.integers(30, 20_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_only_nought_is_told_as_nought_and_only_all_as_all_and_bounds_go_outwards(
    given_: tuple[int, int],
) -> None:
    count, of = given_
    for told in (share_of_sample(count, of, POLICY), rate_of_all(count, of, POLICY)):
        share, low, high = per_cents(told)
        assert (share == 0, share == 100) == (count == 0, count == of)
        assert abs(share - 100 * count / of) <= 0.5
        assert told.interval is not None
        assert low <= 100 * told.interval.low + 1e-6 < low + 1
        assert high - 1 < 100 * told.interval.high - 1e-6 <= high
        assert (low == 0) == (count == 0)
        assert (high == 100) == (count == of)


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0, "0%"),
        (0.005, "0.5%"),
        (0.0051, "1%"),
        (1 / 100_000, "0.001%"),
        (0.994, "99%"),
        (0.995, "99.5%"),
        (0.9999, "99.99%"),
        (1, "100%"),
        (-0.2, "0%"),
        (1.3, "100%"),
    ],
)
def test_a_share_has_as_many_decimals_as_tell_it_from_nought_and_all(
    share: float, told: str
) -> None:
    assert percent(share) == told


def test_hundredths_go_outwards_too_and_stay_where_they_are_whole() -> None:
    assert hundredths(-0.081, 0.412) == (-9, 42)
    assert hundredths(0.29, 0.57) == (29, 57)


@pytest.mark.parametrize(
    ("count", "of", "enough", "sentence"),
    [
        (0, 0, False, "There was nothing to count."),
        (0, 1, True, "0 counted among 1. Everybody was counted."),
        (
            5,
            12,
            True,
            (
                "5 of 12. Everybody was counted; the rate behind it, which chance moves from year"
                " to year, is likely between 2 and 9 of 12."
            ),
        ),
        (
            0,
            10_000,
            True,
            (
                "0% (0 of 10000). Everybody was counted; the rate behind it, which chance moves"
                " from year to year, is likely between 0% and 1%."
            ),
        ),
    ],
)
def test_what_was_counted_in_full_is_never_too_few_and_has_a_rate_behind_it(
    count: int, of: int, enough: bool, sentence: str
) -> None:
    told = rate_of_all(count, of, POLICY)
    assert (told.enough, told.sentence) == (enough, sentence)
    assert (told.interval is None) == (of < 10)


@pytest.mark.parametrize(
    ("count", "of", "sentence"),
    [
        (0, 0, "There was nothing to count."),
        (1, 5, "At most 2 counted among 5: too few to say, fewer than 10."),
        (9, 10, "At least 8 of 10; likely between 4 and 10 of 10. That is too few to say."),
        (4, 15, "About 5 of 15, to the nearest 5; likely between 1 and 11 of 15. That is too few"),
        (41, 60, "About 67% (40 of 60, to the nearest 5); likely between 50% and 81%."),
        (99, 100, "98% or more (at least 98 of 100); likely between 92% and 100%."),
        (2, 100, "2% or less (at most 2 of 100); likely between 0% and 8%."),
    ],
)
def test_a_rounded_count_says_that_it_is_one(count: int, of: int, sentence: str) -> None:
    told = share_to_the_nearest(count, of, POLICY, 5)
    assert told.sentence.startswith(sentence)
    assert told.count == to_the_nearest(count, 5)


@given(st.integers(2, 9).flatmap(lambda step: st.tuples(st.just(step), st.integers(1, 40))))
def test_all_counts_that_are_told_alike_are_told_in_the_same_words_and_lie_within_them(
    given_: tuple[int, int],
) -> None:
    """So no more is told than the rounded count, and what is told is true of each."""
    step, times = given_
    of = step * times
    for count in range(of + 1):
        told = share_to_the_nearest(count, of, POLICY, step)
        assert told == share_to_the_nearest(told.count, of, POLICY, step)
        if told.interval is not None:
            exact = share_of_sample(count, of, POLICY).interval
            assert exact is not None
            assert told.interval.low <= exact.low <= exact.high <= told.interval.high
        if said := re.match(r"(?:.*?\()?[Aa]t (least|most) (\d+) ", told.sentence):
            bound = int(said[2])
            assert count >= bound if said[1] == "least" else count <= bound
            assert bound not in {0, of}


def test_how_far_bounds_may_be_apart_is_the_policys() -> None:
    strict = replace(POLICY, figure_widest_interval=20)
    assert share_of_sample(12, 40, POLICY).enough
    assert not share_of_sample(12, 40, strict).enough
    assert share_of_sample(12, 40, strict).sentence.endswith("That is too few to say.")


def test_bounds_just_as_far_apart_as_the_policy_has_it_are_near_enough() -> None:
    policy = replace(POLICY, figure_widest_interval=50)
    assert is_narrow(Interval(0.25, 0.75), policy)
    assert not is_narrow(Interval(0.25, 0.7501), policy)


def test_nothing_and_a_few_of_a_sample_say_nothing_and_all_there_is_says_enough() -> None:
    assert not share_of_sample(5, 6, POLICY).enough
    for nothing in (
        share_of_all(0, 0, POLICY),
        share_of_sample(0, 0, POLICY),
        share_of_sample(0, 0, POLICY, population=0),
    ):
        assert (nothing.enough, nothing.sentence) == (False, "There was nothing to count.")
    for one in (share_of_all(1, 1, POLICY), share_of_sample(1, 1, POLICY, population=1)):
        assert one.enough
        assert one.sentence == "1 counted among 1. Everything was counted: no interval."


def test_one_of_a_thing_is_said_in_the_singular() -> None:
    told = [counted(number, "audit") for number in (0, 1, 2)]
    assert told == ["0 audits", "1 audit", "2 audits"]


@given(samples)
def test_an_interval_holds_the_share_and_stays_within_nought_and_one(
    given_: tuple[int, int, int | None],
) -> None:
    count, of, population = given_
    told = share_of_sample(count, of, POLICY, population)
    if told.interval is None:
        assert of < POLICY.figure_out_of_from or of == population
    else:
        assert 0 <= told.interval.low <= told.interval.high <= 1
        if population is None or 2 * of <= population:
            assert told.interval.low - 1e-12 <= count / of <= told.interval.high + 1e-12


def test_the_more_of_a_population_was_seen_the_narrower_the_interval() -> None:
    widths = []
    for population in (None, 1000, 100, 80, 60, 45, 41):
        interval = share_of_sample(12, 40, POLICY, population).interval
        assert interval is not None
        widths.append(interval.width)
    assert widths == sorted(widths, reverse=True)


def test_what_was_counted_in_full_has_no_interval_and_says_so() -> None:
    told = share_of_all(18, 21, POLICY)
    assert (told.interval, told.enough) == (None, True)
    assert told.sentence == "18 of 21. Everything was counted: no interval."
