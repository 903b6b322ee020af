"""R4.4.4: how many to draw for a share to be known so closely, against statsmodels."""

import pytest

from qa_api.rules.decision import Explanation, RuleRefused
from qa_api.rules.intervals import of_share, wilson
from qa_api.rules.sample_size import SampleSize, sample_for, width_of


def size(population: int, width: int, expected: int = 50) -> SampleSize:
    return sample_for(population, width, expected_percent=expected, policy_version=1)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
def test_the_width_is_that_of_statsmodels(share: float) -> None:
    from statsmodels.stats.proportion import proportion_confint

    for sample in (20, 60, 140, 400):
        low, high = proportion_confint(share * sample, sample, alpha=0.05, method="wilson")
        assert width_of(share, sample) == pytest.approx(high - low, abs=1e-9, rel=0)


def test_in_a_large_population_it_is_the_smallest_that_statsmodels_finds_narrow_enough() -> None:
    from statsmodels.stats.proportion import proportion_confint

    def width(sample: int, percent: int) -> float:
        counted = sample * percent / 100
        low, high = proportion_confint(counted, sample, alpha=0.05, method="wilson")
        return float(high - low)

    for wanted in (5, 10, 20, 30):
        for percent in (10, 30, 50):
            found = size(10**9, wanted, percent).sample
            assert width(found, percent) <= wanted / 100 + 1e-6
            assert width(found - 1, percent) > wanted / 100 - 1e-6


@pytest.mark.parametrize(
    ("population", "wanted", "sample"),
    # For a half the formula gives n = z² N (1 - w²) / (w² (N - 1) + z² (1 - w²)), by hand and up.
    [(50, 20, 33), (1_000, 10, 276), (1_204, 10, 290), (10_000, 5, 1_330), (1_000_000, 10, 381)],
)
def test_answers_worked_out_by_hand(population: int, wanted: int, sample: int) -> None:
    found = size(population, wanted)
    assert found.sample == sample
    assert found.explanation.facts["sample"] == sample
    assert f"Draw {sample} of {population}" in found.sentence


def test_the_interval_that_is_stated_then_is_no_wider_whatever_the_share_turns_out_to_be() -> None:
    looked_at = 0
    for population in (40, 150, 600, 2_000):
        for wanted in (10, 20, 40):
            sample = size(population, wanted).sample
            if 2 * sample > population:
                continue  # then an exact interval is stated, which holds whole children
            for counted in range(sample + 1):
                interval = of_share(counted, sample, population)
                assert interval is not None
                assert interval.width <= wanted / 100 + 1e-9
                looked_at += 1
    assert looked_at > 800


def test_a_smaller_population_takes_no_larger_sample_and_a_closer_look_no_smaller_one() -> None:
    sizes = [size(population, 10).sample for population in range(1, 400)]
    assert sizes == sorted(sizes)
    assert [size(500, wanted).sample for wanted in range(1, 100)] == sorted(
        (size(500, wanted).sample for wanted in range(1, 100)), reverse=True
    )


def test_where_fewer_would_not_say_it_all_are_looked_at() -> None:
    found = size(6, 1)
    assert (found.sample, found.width) == (6, 0.0)
    assert found.sentence == "Look at all 6: fewer would not say it within 1 points."
    assert (size(1, 50).sample, size(1, 50).width) == (1, 0.0)


def test_of_nobody_nothing_is_drawn() -> None:
    with pytest.raises(RuleRefused) as refused:
        size(0, 10)
    assert (refused.value.code, refused.value.clause) == ("nobody", "§4.4, R4.4.4")


def test_of_two_one_says_no_more_than_one_of_many() -> None:
    """Who draws one has not drawn more than one, however few there are."""
    assert width_of(0.5, 1, 2) == width_of(0.5, 1)


def test_it_is_told_how_wide_the_interval_will_be_and_how_likely_each_is_drawn() -> None:
    found = sample_for(50, 20, expected_percent=30, policy_version=7)
    assert found.explanation == Explanation(
        "sample_size",
        "§4.4, R4.4.4",
        7,
        facts={
            "population": 50,
            "wanted_width_percent": 20,
            "expected_percent": 30,
            "sample": 31,
            "width_percent": 20,
            "widest_percent": 22,
            "interval": "Wilson's of 95 %, corrected for a finite population",
            "chance": "62%",
        },
    )
    assert found.width == width_of(0.3, 31, 50) <= 0.2 < width_of(0.3, 30, 50)


def test_it_is_the_width_of_the_interval_that_shares_have() -> None:
    for population in (None, 300):
        for counted in (0, 7, 30, 59):
            interval = wilson(counted, 60, population)
            if interval.low > 0 and interval.high < 1:  # bounds are cut off at 0 and 1
                width = width_of(counted / 60, 60, population)
                assert interval.width == pytest.approx(width, abs=1e-12)


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (50, "no more than 20 points apart whatever share is found."),
        (10, "no more than 20 points apart if 10% is found, as expected; if more is found, up to "),
        (90, "no more than 20 points apart if 90% is found, as expected; if less is found, up to "),
    ],
)
def test_the_sentence_says_how_wide_the_bounds_become_if_another_share_is_found(
    expected: int, said: str
) -> None:
    found = size(300, 20, expected)
    assert said in found.sentence
    widest = max(
        interval.width
        for counted in range(found.sample + 1)
        if (interval := of_share(counted, found.sample, 300)) is not None
    )
    promised = found.explanation.facts["widest_percent"]
    assert isinstance(promised, int)
    assert 100 * widest <= promised < 100 * widest + 2
    assert expected == 50 or promised > 20
    assert (str(promised) in found.sentence.partition("up to ")[2]) == (expected != 50)


def test_between_the_expected_share_and_the_nearer_end_the_bounds_are_as_close_as_wanted() -> None:
    looked_at = 0
    for population, wanted, expected in ((300, 20, 10), (300, 10, 10), (1_000, 10, 20)):
        sample = size(population, wanted, expected).sample
        for counted in range(sample * expected // 100 + 1):
            interval = of_share(counted, sample, population)
            assert interval is not None
            assert interval.width <= wanted / 100 + 1e-9
            looked_at += 1
    assert looked_at > 20
