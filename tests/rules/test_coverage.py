"""R4.5.4, R4.7.3: an interval of 95 % holds the truth as often as it says; so do charts.

The suite tries a share of the tables, `./dev drill figures` 10,000 of each. Shares need no chance:
every sample that there can be is weighed by how likely it is.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import comb, sqrt
from random import Random
from typing import Final

import pytest

from qa_api.rules.agreement import SETTLED_FROM, coefficient
from qa_api.rules.coefficients import (
    Estimate,
    Table,
    ac2,
    alpha,
    interval_of,
    kappa,
    ordinal_alpha,
    weighted_kappa,
)
from qa_api.rules.control_charts import (
    Limits,
    limits_of_numbers,
    limits_of_shares,
    p_limits,
    signals,
    xmr_limits,
)
from qa_api.rules.intervals import of_share
from qa_api.rules.lots import Lot, moved_at_most
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import KappaWeights
from qa_api.rules.sampling import sample_size
from qa_api.rules.shares import share_of_lots
from tests.drill import SEED, share

TABLES: Final = share(2_000) or 10_000
LEAST: Final = 0.93
POINTS: Final = 4
POLICY: Final = Policy(version=1, effective_from=date(2020, 1, 1))
Population = Mapping[tuple[int, int], float]


def judging(margin: tuple[float, ...], same: float, better: float) -> Population:
    """How likely each pair is: the auditor's by the margin, moderation the same or a rank apart."""
    found: dict[tuple[int, int], float] = {}
    for rank, often in enumerate(margin, start=1):
        moved = {rank: same, rank - 1: better, rank + 1: 1 - same - better}
        for moderated, chance in moved.items():
            pair = (rank, min(max(moderated, 1), POINTS))
            found[pair] = found.get(pair, 0) + often * chance
    return found


POPULATIONS: Final[Mapping[str, Population]] = {
    "mixed": judging((0.1, 0.4, 0.4, 0.1), same=0.7, better=0.15),
    "nearly all one judgement": judging((0.04, 0.8, 0.12, 0.04), same=0.85, better=0.1),
    "lenient auditors": judging((0.15, 0.45, 0.3, 0.1), same=0.65, better=0.05),
}
LINEAR, QUADRATIC = KappaWeights.LINEAR, KappaWeights.QUADRATIC
COEFFICIENTS: Final[Mapping[str, tuple[Callable[[Table], Estimate | None], int]]] = {
    "kappa, linear": (lambda table: kappa(table, LINEAR), SETTLED_FROM[LINEAR]),
    "kappa, quadratic": (lambda table: kappa(table, QUADRATIC), SETTLED_FROM[QUADRATIC]),
    "AC2, linear": (lambda table: ac2(table, POINTS, LINEAR), SETTLED_FROM[LINEAR]),
    "AC2, quadratic": (lambda table: ac2(table, POINTS, QUADRATIC), SETTLED_FROM[LINEAR]),
    "alpha": (alpha, SETTLED_FROM[LINEAR]),
}


def truth(name: str, population: Population) -> float:
    """The coefficient of a table so large that chance has no part in it."""
    table = {ranks: round(chance * 1e9) for ranks, chance in population.items()}
    if name.startswith("kappa"):
        exact = weighted_kappa(table, LINEAR if "linear" in name else QUADRATIC)
    elif name == "alpha":
        exact = ordinal_alpha(table)
    else:
        return ac2(table, POINTS, LINEAR if "linear" in name else QUADRATIC).value
    assert exact is not None
    return float(exact)


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("name", COEFFICIENTS)
def test_the_interval_of_agreement_holds_the_truth_from_its_minimum_of_pairs_on(
    name: str, population: str, record_property: Callable[[str, object], None]
) -> None:
    estimated, pairs = COEFFICIENTS[name]
    judged = POPULATIONS[population]
    true, chance, held = truth(name, judged), Random(f"{SEED} {name} {population}"), 0
    for _ in range(TABLES):
        estimate = estimated(Counter(chance.choices([*judged], [*judged.values()], k=pairs)))
        interval = None if estimate is None else interval_of(estimate)
        held += interval is not None and interval.low <= true <= interval.high
    record_property("asked", TABLES)
    record_property("wrong", TABLES - held)
    # Three standard deviations of what so few tables can tell.
    assert held / TABLES >= LEAST - 3 * sqrt(LEAST * (1 - LEAST) / TABLES)


def test_kappa_of_twenty_pairs_is_too_few_to_say() -> None:
    """At twenty its interval promises more than it keeps; no policy can have it told."""
    daring = replace(POLICY, agreement_minimum_pairs=2)
    for pairs in (20, SETTLED_FROM[LINEAR] - 1):
        told = coefficient(Estimate(0.56, 0.13), pairs, daring)
        assert (told.value, told.interval, told.enough) == (None, None, False)
    assert coefficient(Estimate(0.56, 0.08), SETTLED_FROM[LINEAR], daring).value == 0.56


# --- shares: exactly ---


@pytest.mark.parametrize("sample", [20, 30, 60, 120, 240])
def test_the_interval_of_a_share_covers_what_it_says(sample: int) -> None:
    intervals = [of_share(count, sample) for count in range(sample + 1)]
    covered = []
    for thousandth in range(50, 951, 5):
        true = thousandth / 1000
        covered.append(
            sum(
                comb(sample, count) * true**count * (1 - true) ** (sample - count)
                for count, interval in enumerate(intervals)
                if interval is not None and interval.low <= true <= interval.high
            )
        )
    assert 0.94 <= sum(covered) / len(covered) <= 0.96
    assert min(covered) >= 0.90


@pytest.mark.parametrize(
    ("sample", "population", "least", "most"),
    [
        (20, 60, 0.90, 0.96),
        (30, 100, 0.90, 0.96),
        (60, 200, 0.90, 0.96),
        # From half on few answers are left, and the interval must hold whole ones.
        (20, 40, 0.90, 0.97),
        (40, 80, 0.90, 0.97),
        (60, 100, 0.90, 0.97),
        (20, 25, 0.90, 1.00),
        (60, 75, 0.90, 1.00),
        (60, 61, 0.90, 1.00),
    ],
)
def test_the_interval_of_a_share_of_a_finite_population_covers_what_it_says(
    sample: int, population: int, least: float, most: float
) -> None:
    intervals = [of_share(count, sample, population) for count in range(sample + 1)]
    covered = []
    for among in range(population + 1):
        if not 0.05 <= among / population <= 0.95:
            continue
        held = sum(
            comb(among, count) * comb(population - among, sample - count)
            for count, interval in enumerate(intervals)
            if interval is not None
            and interval.low - 1e-12 <= among / population <= interval.high + 1e-12
        )
        covered.append(held / comb(population, sample))
    assert 0.94 <= sum(covered) / len(covered) <= most
    assert min(covered) >= least


# --- what moderated audits say of all ---

_Groups = Sequence[tuple[int, float]]
GROUPS: Final[Mapping[str, tuple[_Groups, int, int]]] = {
    # Each month's audits of a group and how many of a kind are among them; the policy's maximum;
    # and how many of the quarter, all of the kind, no lot could choose.
    "alike": ([(20, 0.2)] * 7, 10, 0),
    "one large group, six small ones": ([(120, 0.3)] + [(5, 0.05)] * 6, 10, 0),
    "one large group, six of ten": ([(200, 0.25)] + [(10, 0.08)] * 6, 10, 0),
    "two large groups, five small ones": ([(100, 0.3), (60, 0.3)] + [(5, 0.05)] * 5, 10, 0),
    "three groups": ([(150, 0.25), (40, 0.1), (40, 0.1)], 10, 0),
    "rounded up differently": ([(21, 0.8), (24, 0.0)] * 3, 10, 0),
    "a maximum that just binds": ([(60, 0.9), (50, 0.1)] * 3, 10, 0),
    "small groups among large ones": ([(50, 0.3)] * 8 + [(6, 0.9)] * 2, 10, 0),
    "no maximum": ([(120, 0.3), (33, 0.05)], 1_000, 0),
    "a few that no lot could choose": ([(20, 0.2)] * 7, 10, 20),
    "they are of another kind": ([(50, 0.0)] * 10, 10, 70),
    "more of them": ([(50, 0.1)] * 10, 10, 150),
}
TOLD: Final = {
    "alike",
    "rounded up differently",
    "a maximum that just binds",
    "small groups among large ones",
    "no maximum",
    "a few that no lot could choose",
    "they are of another kind",
}


@pytest.mark.parametrize("name", GROUPS)
def test_what_is_told_of_all_completed_audits_holds_the_truth_or_nothing_is(name: str) -> None:
    groups, most, undrawable = GROUPS[name]
    policy = replace(POLICY, moderation_sample_maximum=most)
    chance, tried, told, held = Random(f"{SEED} lots {name}"), share(400) or 4_000, 0, 0
    for _ in range(tried):
        lots, of_kind, drawn_of_kind = [], undrawable, 0
        for number, (size, often) in enumerate([*groups] * 3):
            audits = [chance.random() < often for _ in range(size)]
            drawn = chance.sample(audits, sample_size(size, policy))
            lots.append(Lot(str(number), size, len(drawn), size, len(drawn)))
            of_kind, drawn_of_kind = of_kind + sum(audits), drawn_of_kind + sum(drawn)
        pairs = sum(lot.drawn for lot in lots)
        completed = sum(lot.completed for lot in lots) + undrawable
        moved = moved_at_most(lots, completed, pairs)
        said = share_of_lots(drawn_of_kind, pairs, policy, completed, moved).interval
        told += said is not None
        held += said is not None and said.low <= of_kind / completed <= said.high
    assert told == (tried if name in TOLD else 0)
    assert held >= LEAST * told


# --- charts ---

_NEXT: Final = 12


def fires(values: Sequence[float], limits: Sequence[Limits]) -> bool:
    found = signals(values, limits, POLICY)
    return any(signal.points[-1] >= _NEXT for signal in found)


def test_trial_limits_signal_falsely_in_about_a_quarter_of_steady_charts() -> None:
    """What the words 'trial limits' are for: it must stay true of the rules and their lengths."""
    chance, charts = Random(f"{SEED} charts"), share(600) or 10_000

    of_days = of_shares = 0
    for _ in range(charts):
        days = [chance.gauss(10, 2) for _ in range(2 * _NEXT)]
        limits = xmr_limits(days)
        assert limits is not None
        of_days += fires(days, [limits] * len(days))
        counts = [(sum(chance.random() < 0.3 for _ in range(20)), 20) for _ in days]
        of_shares += fires([number / of for number, of in counts], [*p_limits(counts)])
    assert 0.22 <= of_days / charts <= 0.38
    assert 0.13 <= of_shares / charts <= 0.27


@pytest.mark.parametrize("differs", [0.05, 0.1, 0.2, 0.3, 0.4, 0.6])
def test_whole_days_that_seldom_differ_are_hardly_ever_called_a_change(differs: float) -> None:
    """5 days, 4 or 6 now and then; by the published limits 50 to 85 of a hundred would be."""
    chance, charts = Random(f"{SEED} whole days {differs}"), share(100) or 2_000
    falsely = 0
    for _ in range(charts):
        days = [chance.choice((4, 6)) if chance.random() < differs else 5 for _ in range(24)]
        falsely += fires(days, limits_of_numbers(days))
    assert falsely / charts <= 0.15


@pytest.mark.parametrize(("of", "share_of"), [(10, 0.02), (10, 0.05), (20, 0.02), (40, 0.01)])
def test_shares_of_few_are_not_called_a_change_more_often_than_of_many(
    of: int, share_of: float
) -> None:
    """By the published limits 32 to 75 of a hundred would be."""
    chance, charts = Random(f"{SEED} shares {of} {share_of}"), share(100) or 2_000
    falsely = 0
    for _ in range(charts):
        counts = [(sum(chance.random() < share_of for _ in range(of)), of) for _ in range(24)]
        shares = [number / of for number, of in counts]
        falsely += fires(shares, limits_of_shares(counts))
    assert falsely / charts <= 0.2
