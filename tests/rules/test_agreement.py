"""R4.5.4: agreement on an ordinal scale, and how sure it is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.agreement import Agreement, Pair, Withheld, agreement, pairs_needed
from qa_api.rules.coefficients import ac2, alpha, kappa, ordinal_alpha, table_of, weighted_kappa
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import KappaWeights
from qa_api.rules.shares import ShownAs

POLICY = Policy(version=2, effective_from=date(2020, 1, 1))
POINTS = 4
pairs = st.lists(st.builds(Pair, st.integers(1, 4), st.integers(1, 4)), min_size=2, max_size=80)
weights = st.sampled_from(list(KappaWeights))


def judged(*found: tuple[int, int], times: int = 1, policy: Policy = POLICY) -> Agreement:
    return agreement([Pair(*each) for each in found] * times, POINTS, policy)


def test_direction_is_the_moderators_against_the_auditors() -> None:
    figures = judged((1, 1), (2, 1), (2, 3), (1, 3), (4, 4), times=12)
    assert (figures.exact.count, figures.within_one.count, figures.pairs) == (24, 48, 60)
    assert figures.raised is not None
    assert figures.lowered is not None
    assert (figures.raised.count, figures.lowered.count) == (12, 24)


def test_an_auditor_who_judged_everything_the_same_is_not_said_to_agree_with_certainty() -> None:
    """Kappa is then nought whatever the moderators judge, and pairs are not 'alike'."""
    figures = judged((2, 1), (2, 2), (2, 3), times=20)
    assert (figures.kappa.value, figures.kappa.interval, figures.kappa.enough) == (0, None, False)
    told = "0.00, but these pairs vary too little to say how sure that is."
    assert figures.kappa.sentence == told
    assert figures.sentence.endswith(
        " How far they agree beyond chance, these pairs vary too little to say."
    )
    alike = judged((1, 1), (2, 2), times=30)
    assert alike.kappa.enough
    assert alike.kappa.sentence == "1.00 for all 60 pairs alike: there is no interval to state."


def test_nobody_is_sent_to_a_figure_that_is_not_told() -> None:
    for found in (((1, 2), (2, 3)), ((1, 1), (2, 2))):
        figures = agreement([Pair(*each) for each in found] * 30, POINTS, POLICY, nearest=5)
        assert figures.ac2.value is None
        assert "Agreement beyond chance is not told" in figures.sentence
        assert "AC2" not in figures.sentence


# Worked by hand on three points: 4 agree, 1 is one rank apart, 1 is two ranks apart.
SIX = [Pair(1, 1), Pair(1, 1), Pair(2, 2), Pair(3, 3), Pair(1, 2), Pair(1, 3)]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    # Expected disagreement over 36 pairs of margins (4,1,1) and (2,2,2):
    # linear 4(2+4) + 1(2+2) + 1(4+2) = 34; quadratic 4(2+8) + 1(2+2) + 1(8+2) = 54.
    [
        (KappaWeights.LINEAR, 1 - Fraction(3 * 6, 34)),
        (KappaWeights.QUADRATIC, 1 - Fraction(5 * 6, 54)),
    ],
)
def test_weighted_kappa_is_what_a_person_works_out(
    chosen: KappaWeights, expected: Fraction
) -> None:
    assert weighted_kappa(table_of(SIX), chosen) == expected


@pytest.mark.long
@given(pairs)
def test_the_figures_add_up(found: Sequence[Pair]) -> None:
    figures = agreement([*found] * 60, POINTS, POLICY)
    assert figures.raised is not None
    assert figures.lowered is not None
    counted = figures.exact.count + figures.raised.count + figures.lowered.count
    assert counted == figures.pairs == len(found) * 60
    assert figures.exact.count <= figures.within_one.count <= figures.pairs


@pytest.mark.long
@given(pairs, weights)
def test_coefficients_are_one_exactly_where_everybody_agrees(
    found: Sequence[Pair], chosen: KappaWeights
) -> None:
    table = table_of(found)
    alike = all(pair.auditor == pair.moderator for pair in found)
    assert (ac2(table, POINTS, chosen).value == 1) == alike
    for exact in (weighted_kappa(table, chosen), ordinal_alpha(table)):
        if exact is None:
            assert len({rank for ranks in table for rank in ranks}) == 1
        else:
            assert exact <= 1
            assert (exact == 1) == alike


@given(pairs, weights)
def test_coefficients_treat_both_alike_and_know_only_the_order(
    found: Sequence[Pair], chosen: KappaWeights
) -> None:
    table = table_of(found)
    swapped = table_of([Pair(p.moderator, p.auditor) for p in found])
    turned = table_of([Pair(5 - p.auditor, 5 - p.moderator) for p in found])
    for other in (swapped, turned):
        assert weighted_kappa(other, chosen) == weighted_kappa(table, chosen)
        assert ordinal_alpha(other) == ordinal_alpha(table)
        wanted = ac2(table, POINTS, chosen)
        assert ac2(other, POINTS, chosen).value == pytest.approx(wanted.value)
        assert ac2(other, POINTS, chosen).error == pytest.approx(wanted.error, abs=1e-9)


def test_the_error_of_alpha_is_that_of_leaving_each_pair_out() -> None:
    found = alpha(table_of(SIX))
    each = [ordinal_alpha(table_of([*SIX[:at], *SIX[at + 1 :]])) for at in range(len(SIX))]
    values = [float(one) for one in each if one is not None]
    mean = sum(values) / 6
    assert found is not None
    assert found.error**2 == pytest.approx(sum((one - mean) ** 2 for one in values) * 5 / 6)


def test_below_the_minimum_there_is_only_exact_and_within_one_with_their_intervals() -> None:
    figures = judged((1, 1), (2, 2), (2, 3), times=13)
    assert (figures.pairs, figures.minimum_pairs) == (39, 60)
    assert figures.withheld is Withheld.TOO_FEW_PAIRS
    assert figures.raised is figures.lowered is None
    for each in (figures.kappa, figures.ac2, figures.alpha):
        assert (each.value, each.interval, each.enough) == (None, None, False)
        assert each.withheld is Withheld.TOO_FEW_PAIRS
        assert each.sentence == "Too few to say: 39 pairs, and it takes 60."
    assert figures.exact.count == 26
    assert figures.exact.interval is not None
    assert figures.within_one.count == 39
    assert figures.sentence == (
        "Auditor and moderator gave the same judgement: 67% (26 of 39); likely between 50% and "
        "80%. Agreement beyond chance is told from 60 pairs on."
    )


def test_of_fewer_than_ten_pairs_there_are_counts_only() -> None:
    figures = judged((1, 1), times=9)
    assert figures.exact.shown_as is ShownAs.COUNTS
    assert figures.exact.interval is None
    assert "too few to say" in figures.sentence


def test_policy_raises_the_minimum_and_cannot_lower_it_below_what_the_interval_needs() -> None:
    for chosen, least in ((KappaWeights.LINEAR, 60), (KappaWeights.QUADRATIC, 120)):
        policy = replace(POLICY, agreement_kappa_weights=chosen)
        assert pairs_needed(replace(policy, agreement_minimum_pairs=2)) == least
        assert pairs_needed(replace(policy, agreement_minimum_pairs=200)) == 200


def test_an_interval_too_wide_says_so_and_policy_sets_how_wide() -> None:
    found = [(1, 1), (2, 2), (2, 3), (3, 2), (3, 3), (1, 2)]
    wide = judged(*found, times=10, policy=replace(POLICY, figure_widest_interval=10))
    narrow = judged(*found, times=10)
    assert (wide.kappa.enough, narrow.kappa.enough) == (False, True)
    assert wide.kappa.sentence.startswith("Too few to say: 0.")
    assert narrow.kappa.interval == wide.kappa.interval
    assert wide.sentence.endswith("these pairs are too few to say.")
    assert "Beyond chance they agree by 0." in narrow.sentence


def test_where_nearly_everything_has_one_judgement_ac2_is_to_be_read() -> None:
    """90 % agreement, and still a kappa that says much less than AC2."""
    figures = judged(*[(2, 2)] * 51, (1, 2), (2, 1), (2, 3), (3, 3), (1, 1), (2, 1), *[(2, 2)] * 4)
    assert figures.exact.count / figures.pairs > 0.9
    assert figures.kappa.value is not None
    assert figures.ac2.value is not None
    assert figures.kappa.value < 0.7
    assert figures.ac2.value > 0.9
    assert figures.sentence.endswith("read AC2 rather than kappa.")


def test_kappa_says_nothing_where_everything_was_judged_the_same() -> None:
    figures = judged((2, 2), times=60)
    assert (figures.exact.count, figures.withheld) == (60, None)
    assert figures.kappa.value is figures.alpha.value is None
    assert figures.kappa.withheld is figures.alpha.withheld is Withheld.NO_VARIATION
    assert figures.ac2.value == 1


def test_full_agreement_has_no_interval() -> None:
    figures = judged((1, 1), (2, 2), (3, 3), times=20)
    for each in (figures.kappa, figures.ac2, figures.alpha):
        assert (each.value, each.interval) == (1, None)
        assert "there is no interval to state" in each.sentence


def test_the_weights_are_the_policys_and_are_said() -> None:
    quadratic = replace(POLICY, agreement_kappa_weights=KappaWeights.QUADRATIC)
    figures = agreement(SIX * 20, POINTS, quadratic)
    wanted = kappa(table_of(SIX * 20), KappaWeights.QUADRATIC)
    assert wanted is not None
    assert figures.weights is KappaWeights.QUADRATIC
    assert figures.kappa.value == wanted.value
    assert figures.explanation.facts["weights"] == "quadratic"


def test_the_explanation_names_what_the_figures_rest_on() -> None:
    found = judged((1, 1), (2, 2), (2, 3), times=20).explanation
    assert (found.rule, found.policy_version) == ("moderation_agreement", 2)
    wanted = {
        "pairs": 60,
        "minimum_pairs": 60,
        "weights": "linear",
        "widest_interval_hundredths": POLICY.figure_widest_interval,
    }
    assert found.facts == wanted
    rounded = agreement(VARIED, POINTS, POLICY, nearest=2).explanation
    assert rounded.facts == {**wanted, "counts_to_the_nearest": 2}


def test_without_pairs_there_is_nothing_to_say_and_the_sentence_says_so() -> None:
    figures = judged()
    assert (figures.pairs, figures.withheld) == (0, Withheld.TOO_FEW_PAIRS)
    assert "same judgement: there was nothing to count. Agreement" in figures.sentence


def test_a_coefficient_that_is_told_has_its_interval_and_full_agreement_says_enough() -> None:
    told = agreement(VARIED, POINTS, POLICY).kappa
    assert told.interval is not None
    assert told.value is not None
    assert told.interval.low < told.value < told.interval.high
    assert told.enough
    assert judged((1, 1), (2, 2), times=30).kappa.enough
    assert not judged((2, 2), times=60).kappa.enough, "chance alone would agree as well"


@pytest.mark.parametrize(("of_one", "mostly"), [(89, False), (90, True), (91, True)])
def test_from_three_quarters_of_one_judgement_on_kappa_is_not_to_be_read(
    of_one: int, mostly: bool
) -> None:
    """120 judgements of 60 pairs, which disagree about as little as those can."""
    ranks = [2] * of_one + [1] * (60 - of_one // 2) + [3] * (60 - (of_one + 1) // 2)
    figures = judged(*zip(ranks[::2], ranks[1::2], strict=True))
    assert figures.pairs == 60
    assert figures.kappa.value is not None
    assert figures.sentence.endswith("read AC2 rather than kappa.") is mostly


# --- where no pair is to be worked out: counts to the nearest five, coefficients in tenths ---

VARIED = [Pair(*each) for each in [(1, 1), (2, 2), (2, 3), (3, 2), (3, 3), (4, 4)] * 10]
NAMES = ("kappa", "ac2", "alpha")


@pytest.mark.parametrize("nearest", [2, 5])
def test_in_tenths_a_coefficient_is_rounded_and_its_interval_is_as_wide_or_wider(
    nearest: int,
) -> None:
    exactly = agreement(VARIED, POINTS, POLICY)
    rounded = agreement(VARIED, POINTS, POLICY, nearest=nearest)
    for name in NAMES:
        was, told = getattr(exactly, name), getattr(rounded, name)
        assert told.value == round(was.value, 1)
        assert told.interval.low <= was.interval.low < told.interval.low + 0.1
        assert told.interval.high - 0.1 < was.interval.high <= told.interval.high
        assert (told.withheld, told.enough) == (None, was.enough)
        low, high = told.interval.low, told.interval.high
        assert (low, high) == (round(low, 1), round(high, 1))
        assert told.sentence == f"{told.value}, likely between {low} and {high}."


def test_in_tenths_too_wide_an_interval_still_says_too_little() -> None:
    strict = replace(POLICY, figure_widest_interval=10)
    told = agreement(VARIED, POINTS, strict, nearest=5).kappa
    assert not told.enough
    assert told.value is not None
    assert told.sentence.startswith(f"Too few to say: {told.value},")


@pytest.mark.parametrize(
    "one_differs",
    [
        [Pair(1, 1), Pair(2, 2)] * 29 + [Pair(1, 2), Pair(2, 1)],  # told as all of them
        [Pair(1, 2), Pair(2, 1)] * 29 + [Pair(1, 1), Pair(2, 2)],  # told as none of them
        [Pair(1, 1), Pair(2, 2)] * 30,
        [Pair(2, 2)] * 60,
    ],
    ids=["nearly all alike", "nearly none alike", "all alike", "all of one judgement"],
)
def test_no_coefficient_tells_of_the_few_pairs_that_a_rounded_count_hides(
    one_differs: list[Pair],
) -> None:
    figures = agreement(one_differs, POINTS, POLICY, nearest=5)
    assert figures.exact.count in {0, 60}
    for name in NAMES:
        told = getattr(figures, name)
        assert (told.value, told.interval, told.enough) == (None, None, False)
        assert told.withheld is Withheld.SMALL_CELLS


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            [Pair(rank, rank) for rank in (1, 2, 3)] * 20,
            (
                "96% or more (at least 58 of 60); likely between 88% and 100%. Agreement beyond"
                " chance is not told: hardly any pair differs, or none, and it would tell of single"
                " ones."
            ),
        ),
        (
            [Pair(1, 2), Pair(2, 3), Pair(3, 1)] * 20,
            (
                "4% or less (at most 2 of 60); likely between 0% and 12%. Agreement beyond chance"
                " is not told: hardly any pair agrees, or none, and it would tell of single ones."
            ),
        ),
    ],
    ids=["all agree, of three judgements", "none agree"],
)
def test_what_is_said_of_all_and_of_none_is_true_and_tells_neither(
    found: list[Pair], said: str
) -> None:
    figures = agreement(found, POINTS, POLICY, nearest=5, alike="Auditor and standard agree")
    assert figures.sentence == f"Auditor and standard agree: {said}"
    for name in NAMES:
        assert getattr(figures, name).sentence.startswith("Not told: hardly any pair")
    constant = agreement([Pair(2, 1), Pair(2, 2), Pair(2, 3)] * 20, POINTS, POLICY, nearest=5)
    assert constant.kappa.sentence == (
        "Not told: pairs vary too little, and it would tell of single ones."
    )
    nearly = agreement([*found[2:], Pair(1, 1), Pair(1, 2)], POINTS, POLICY, nearest=5)
    assert nearly.exact == figures.exact, "one or two beside it are told alike"


def test_whoever_is_told_each_pair_reads_of_full_agreement_and_of_none_what_is_true() -> None:
    in_full = judged((1, 1), (2, 2), (3, 3), times=20)
    assert in_full.sentence.endswith(
        "Beyond chance they agree by 1.00 for all 60 pairs alike: there is no interval to state."
    )
    of_one = judged((2, 2), times=60)
    assert of_one.sentence.endswith(
        "Everything has one judgement, and chance alone would agree as well."
    )
    never = judged((1, 3), (3, 1), times=30)
    assert never.sentence.endswith(
        "How far they agree beyond chance, these pairs vary too little to say."
    )


def test_in_tenths_too_few_pairs_stay_too_few() -> None:
    few = agreement(VARIED[:55], POINTS, POLICY, nearest=5)
    assert few.kappa == agreement(VARIED[:55], POINTS, POLICY).kappa
    assert few.kappa.withheld is Withheld.TOO_FEW_PAIRS


@pytest.mark.parametrize("nearest", [1, 5])
def test_agreement_as_chance_would_give_it_is_nought_and_never_less_than_nought(
    nearest: int,
) -> None:
    """A little below what chance gives: people read 0.0, not -0.0."""
    by_chance = [Pair(*each) for each in product((1, 2, 3, 4), repeat=2)] * 63
    figures = agreement([*by_chance, Pair(1, 4)], POINTS, POLICY, nearest=nearest)
    assert figures.kappa.value == pytest.approx(0, abs=0.005)
    assert not figures.kappa.sentence.startswith("-")
    assert nearest == 1 or str(figures.kappa.value) == "0.0"
    assert "They agree no more often than by chance: 0.0" in figures.sentence
