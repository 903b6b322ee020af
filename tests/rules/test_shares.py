"""R4.7.3: how a share is told, and how sure it is."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.decision import RuleRefused
from qa_api.rules.intervals import Interval
from qa_api.rules.policy import Policy
from qa_api.rules.policy_keys import policy_from_values
from qa_api.rules.shares import ShownAs, counted, is_narrow, share_of_all, share_of_sample

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
        (12, 40, None, "30% (12 of 40); likely between 18% and 45%."),
        (12, 40, 48, "30% (12 of 40); likely between 25% and 35%."),
        (12, 40, 40, "30% (12 of 40). Everything was counted: no interval."),
    ],
)
def test_a_sentence_says_what_it_is_and_whether_it_is_enough(
    count: int, of: int, population: int | None, sentence: str
) -> None:
    assert share_of_sample(count, of, POLICY, population).sentence == sentence


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
