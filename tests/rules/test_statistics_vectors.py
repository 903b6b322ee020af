"""R4.5.4, R4.7.3: every vector of the reference packages, to 1e-9.

The vectors name the package and version that each comes from.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from qa_api.rules.coefficients import (
    Estimate,
    Pair,
    ac2,
    kappa,
    ordinal_alpha,
    table_of,
    weighted_kappa,
)
from qa_api.rules.control_charts import ChartRule, p_limits, points_of, signals, xmr_limits
from qa_api.rules.funnels import Z_INNER, Part, funnel
from qa_api.rules.intervals import Z, wilson
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import KappaWeights

VECTORS: Final = json.loads(
    (Path(__file__).parent.parent / "data/statistics-vectors.json").read_text(encoding="utf-8")
)
Given = Mapping[str, Any]


def near(expected: Any) -> Any:
    return pytest.approx(expected, abs=1e-9, rel=0)


def pairs_of(given: Given) -> list[Pair]:
    return [Pair(one + 1, other + 1) for one, other in given["pairs"]]


def a_wilson(given: Given, expected: Any) -> None:
    found = wilson(given["k"], given["n"], given.get("N"))
    assert [found.low, found.high] == near(expected)


def a_kappa(weights: KappaWeights) -> Callable[[Given, Any], None]:
    def check(given: Given, expected: Any) -> None:
        found = kappa(table_of(pairs_of(given)), weights)
        assert (found is None) == (expected is None)
        if found is not None:
            bounds = (found.value - Z * found.error, found.value + Z * found.error)
            wanted = [expected[name] for name in ("kappa", "se", "low", "high")]
            assert [found.value, found.error, *bounds] == near(wanted)

    return check


def a_kappa_of_many(weights: KappaWeights) -> Callable[[Given, Any], None]:
    """Kappa of each of 200 samples that are drawn anew from the pairs, and their percentiles."""

    def check(given: Given, expected: Any) -> None:
        drawn, pairs = Random(given["seed"]), pairs_of(given)
        samples = (drawn.choices(pairs, k=len(pairs)) for _ in range(given["times"]))
        exact = (weighted_kappa(table_of(sample), weights) for sample in samples)
        found = sorted(float(each) for each in exact if each is not None)
        assert len(found) == expected["defined"]
        assert [percentile(found, 0.025), percentile(found, 0.975)] == near(
            [expected["low"], expected["high"]]
        )

    return check


def percentile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    at = int(place)
    return ordered[at] + (place - at) * (ordered[min(at + 1, len(ordered) - 1)] - ordered[at])


def an_ac2(weights: KappaWeights) -> Callable[[Given, Any], None]:
    def check(given: Given, expected: Any) -> None:
        found: Estimate = ac2(table_of(pairs_of(given)), given["points"], weights)
        half = given["quantile"] * found.error
        bounds = (found.value - half, min(1.0, found.value + half))
        wanted = [expected[name] for name in ("ac2", "se", "low", "high")]
        assert [found.value, found.error, *bounds] == near(wanted)

    return check


def an_alpha(given: Given, expected: Any) -> None:
    found = ordinal_alpha(table_of(pairs_of(given)))
    assert (
        found is None if expected is None else found is not None and float(found) == near(expected)
    )


def an_exact(given: Given, expected: Any) -> None:
    pairs = pairs_of(given)
    for name, most in (("exact", 0), ("within_one", 1)):
        count = sum(abs(pair.auditor - pair.moderator) <= most for pair in pairs)
        found = wilson(count, len(pairs))
        assert count / len(pairs) == near(expected[name])
        assert [found.low, found.high] == near(expected[f"{name}_interval"])


def an_xmr_limit(given: Given, expected: Any) -> None:
    found = xmr_limits(given["values"], screen=given["screen"])
    assert found is not None
    assert [found.mean, found.high, found.low, found.near_high, found.near_low] == near(
        [expected[name] for name in ("mean", "upl", "lpl", "nupl", "nlpl")]
    )


def an_xmr_rule(given: Given, expected: Any) -> None:
    values, limits = given["values"], xmr_limits(given["values"])
    assert limits is not None
    policy = replace(POLICY, chart_shift_points=given["shift"], chart_trend_points=given["trend"])
    found = signals(values, [limits] * len(values), policy)
    assert {rule.value: [*points_of(found, rule)] for rule in ChartRule} == expected


def a_p_limit(given: Given, expected: Any) -> None:
    found = p_limits([*zip(given["x"], given["n"], strict=True)])
    assert [limit.mean for limit in found] == near([expected["mean"]] * len(found))
    assert [limit.high for limit in found] == near(expected["upl"])
    assert [limit.low for limit in found] == near(expected["lpl"])


def a_funnel(given: Given, expected: Any) -> None:
    parts = [Part(count, of) for count, of in zip(given["x"], given["n"], strict=True)]
    found = funnel(parts, overdispersion=given["overdispersion"])
    bounds = found.inner if given["z"] == near(Z_INNER) else found.outer
    assert (found.spread is None) == ("phi" not in expected)
    assert [found.target, found.between] == near([expected["target"], expected["tau2"]])
    if found.spread is not None:
        assert found.spread == near(expected["phi"])
    assert [bound.low for bound in bounds] == near(expected["low"])
    assert [bound.high for bound in bounds] == near(expected["high"])


CHECKS: Final[Mapping[str, Callable[[Given, Any], None]]] = {
    "wilson": a_wilson,
    "wilson_fpc": a_wilson,
    "kappa_linear": a_kappa(KappaWeights.LINEAR),
    "kappa_quadratic": a_kappa(KappaWeights.QUADRATIC),
    "kappa_bootstrap_linear": a_kappa_of_many(KappaWeights.LINEAR),
    "kappa_bootstrap_quadratic": a_kappa_of_many(KappaWeights.QUADRATIC),
    "ac2_linear": an_ac2(KappaWeights.LINEAR),
    "ac2_quadratic": an_ac2(KappaWeights.QUADRATIC),
    "alpha_ordinal": an_alpha,
    "exact_within_one": an_exact,
    "xmr_limits": an_xmr_limit,
    "xmr_rules": an_xmr_rule,
    "p_limits": a_p_limit,
    "funnel": a_funnel,
}
POLICY: Final = Policy(version=1, effective_from=date(2020, 1, 1))


def named(vector: Any) -> str:
    return f"{vector['statistic']}: {vector['input'].get('name', vector['input'].get('k'))}"


@pytest.mark.parametrize("vector", VECTORS, ids=named)
def test_a_figure_is_what_its_reference_says(vector: Any) -> None:
    CHECKS[vector["statistic"]](vector["input"], vector["expected"])


def test_every_statistic_has_vectors() -> None:
    assert len(VECTORS) == 90
    assert {vector["statistic"] for vector in VECTORS} == set(CHECKS)
