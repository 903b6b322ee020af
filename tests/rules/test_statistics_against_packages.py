"""R4.5.4, R4.7.3: on tables that nobody chose, the figures are those of the reference packages.

The packages are loaded within the tests: that takes seconds, which only these tests need.
"""

import sys
from collections.abc import Sequence
from itertools import product
from random import Random
from typing import Any, Final

import pytest

from qa_api.rules.coefficients import Pair, ac2, kappa, ordinal_alpha, table_of
from qa_api.rules.intervals import Z, mid_p, of_difference, of_share, wilson
from qa_api.rules.policy_values import KappaWeights
from tests.drill import SEED

POINTS: Final = 5
BOTH: Final = [*KappaWeights]


def drawn(what: str) -> Sequence[list[Pair]]:
    """Forty lists of pairs on a scale of five, some of which use few of its points."""
    chance = Random(f"{SEED} {what}")
    found = []
    for _ in range(40):
        used = chance.sample(range(1, POINTS + 1), chance.randint(2, POINTS))
        pairs = [Pair(one, chance.choice([one, one, *used])) for one in chance.choices(used, k=30)]
        found.append(pairs)
    return found


def near(expected: Any, within: float = 1e-9) -> Any:
    return pytest.approx(expected, abs=within, rel=0)


@pytest.mark.parametrize("weights", BOTH)
def test_kappa_and_its_error_are_those_of_statsmodels(weights: KappaWeights) -> None:
    import numpy as np
    from statsmodels.stats.inter_rater import cohens_kappa

    for pairs in drawn("kappa"):
        counts = np.zeros((POINTS, POINTS))
        for pair in pairs:
            counts[pair.auditor - 1, pair.moderator - 1] += 1
        wanted = cohens_kappa(counts, wt=weights.value)
        found = kappa(table_of(pairs), weights)
        assert found is not None
        assert [found.value, found.error] == near([wanted.kappa, wanted.std_kappa])


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="irrCAC pins a SciPy without wheels")
@pytest.mark.parametrize("weights", BOTH)
def test_ac2_and_its_error_are_those_of_irrcac(weights: KappaWeights) -> None:
    import pandas as pd
    from irrCAC.raw import CAC

    for pairs in drawn("ac2")[:15]:
        judged = pd.DataFrame([(pair.auditor, pair.moderator) for pair in pairs])
        scale = [*range(1, POINTS + 1)]
        wanted = CAC(judged, weights=weights.value, categories=scale, digits=12).gwet()["est"]
        found = ac2(table_of(pairs), POINTS, weights)
        assert [found.value, found.error] == near([wanted["coefficient_value"], wanted["se"]])


def test_alpha_is_that_of_krippendorff() -> None:
    import krippendorff

    for pairs in drawn("alpha"):
        judged = [[pair.auditor for pair in pairs], [pair.moderator for pair in pairs]]
        wanted = krippendorff.alpha(
            reliability_data=judged,
            level_of_measurement="ordinal",
            value_domain=[*range(1, POINTS + 1)],
        )
        found = ordinal_alpha(table_of(pairs))
        assert found is not None
        assert float(found) == near(wanted)


def test_wilson_s_interval_is_that_of_statsmodels() -> None:
    from statsmodels.stats.proportion import proportion_confint

    for sample in (1, 7, 10, 29, 30, 61, 400):
        for count in range(0, sample + 1, max(1, sample // 20)):
            found = wilson(count, sample)
            wanted = proportion_confint(count, sample, method="wilson")
            assert [found.low, found.high] == near(list(wanted))


def test_the_mid_p_interval_holds_what_scipy_finds_one_by_one() -> None:
    from scipy.stats import hypergeom

    for sample, population in ((1, 1 + 1), (5, 6), (12, 20), (20, 25), (60, 75), (130, 131)):
        among = range(population + 1)
        for count in range(0, sample + 1, max(1, sample // 12)):
            half = hypergeom.pmf(count, population, among, sample) / 2
            at_least = hypergeom.sf(count, population, among, sample) + half
            at_most = hypergeom.cdf(count - 1, population, among, sample) + half
            kept = [each for each in among if min(at_least[each], at_most[each]) > 0.025]
            found = mid_p(count, sample, population)
            assert [found.low, found.high] == near([kept[0] / population, kept[-1] / population])


def test_the_quantile_is_that_of_scipy() -> None:
    from scipy.stats import norm

    assert near(norm.ppf(0.975)) == Z


def test_the_interval_is_wilson_s_below_half_of_a_population_and_mid_p_from_there() -> None:
    for count, sample in product((0, 3, 10), (10,)):
        assert of_share(count, sample, 21) == wilson(count, sample, 21)
        assert of_share(count, sample, 20) == mid_p(count, sample, 20)
        assert of_share(count, sample) == wilson(count, sample)
        assert of_share(count, sample, 10) is None
    assert of_share(0, 0, 5) is None


def test_the_interval_of_a_difference_is_that_of_statsmodels() -> None:
    from statsmodels.stats.proportion import confint_proportions_2indep

    chance = Random(f"{SEED} difference")
    for _ in range(200):
        of, of_others = chance.randint(1, 90), chance.randint(1, 400)
        count, other = chance.randint(0, of), chance.randint(0, of_others)
        wanted = confint_proportions_2indep(count, of, other, of_others, method="newcomb")
        found = of_difference(count, of, other, of_others)
        assert [found.low, found.high] == near([*wanted])
