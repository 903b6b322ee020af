"""R4.5.4: agreement on an ordinal scale."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.agreement import Agreement, Pair, Withheld, agreement, weighted_kappa
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import KappaWeights

POLICY = replace(Policy(version=2, effective_from=date(2020, 1, 1)), agreement_minimum_pairs=2)
pairs = st.lists(st.builds(Pair, st.integers(1, 4), st.integers(1, 4)), min_size=2, max_size=80)
weights = st.sampled_from(list(KappaWeights))


def judged(*found: tuple[int, int]) -> Agreement:
    return agreement([Pair(*each) for each in found], POLICY)


def test_direction_is_the_moderators_against_the_auditors() -> None:
    figures = judged((1, 1), (2, 1), (2, 3), (1, 3), (4, 4))
    assert (figures.exact, figures.within_one) == (2, 4)
    assert (figures.raised, figures.lowered) == (1, 2)


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
    assert weighted_kappa(SIX, chosen) == expected


@given(pairs)
def test_the_figures_add_up(found: Sequence[Pair]) -> None:
    figures = agreement(found, POLICY)
    assert figures.exact is not None
    assert figures.within_one is not None
    assert figures.raised is not None
    assert figures.lowered is not None
    assert figures.exact + figures.raised + figures.lowered == figures.pairs == len(found)
    assert figures.exact <= figures.within_one <= figures.pairs


@given(pairs, weights)
def test_kappa_is_one_exactly_where_everybody_agrees(
    found: Sequence[Pair], chosen: KappaWeights
) -> None:
    kappa = weighted_kappa(found, chosen)
    if kappa is None:
        assert len({rank for pair in found for rank in (pair.auditor, pair.moderator)}) == 1
    else:
        assert kappa <= 1
        assert (kappa == 1) == all(pair.auditor == pair.moderator for pair in found)


@given(pairs, weights)
def test_kappa_treats_both_alike_and_knows_only_the_order(
    found: Sequence[Pair], chosen: KappaWeights
) -> None:
    kappa = weighted_kappa(found, chosen)
    assert weighted_kappa([Pair(p.moderator, p.auditor) for p in found], chosen) == kappa
    turned = [Pair(5 - p.auditor, 5 - p.moderator) for p in found]
    assert weighted_kappa(turned, chosen) == kappa


def test_below_the_minimum_there_is_no_figure() -> None:
    policy = replace(POLICY, agreement_minimum_pairs=20)
    figures = agreement([Pair(1, 1)] * 19, policy)
    assert figures.pairs == 19
    assert figures.exact is figures.within_one is figures.raised is figures.lowered is None
    assert figures.weighted_kappa is None
    assert figures.withheld is figures.kappa_withheld is Withheld.TOO_FEW_PAIRS
    assert agreement([Pair(1, 1)] * 20, policy).exact == 20


def test_kappa_says_nothing_where_everything_was_judged_the_same() -> None:
    figures = judged((2, 2), (2, 2))
    assert figures.exact == 2
    assert figures.withheld is None
    assert figures.weighted_kappa is None
    assert figures.kappa_withheld is Withheld.NO_VARIATION


def test_the_weights_are_the_policys_and_are_said() -> None:
    quadratic = replace(POLICY, agreement_kappa_weights=KappaWeights.QUADRATIC)
    figures = agreement(SIX, quadratic)
    assert figures.weights is KappaWeights.QUADRATIC
    assert figures.weighted_kappa == weighted_kappa(SIX, KappaWeights.QUADRATIC)
    assert figures.explanation.facts["weights"] == "quadratic"
