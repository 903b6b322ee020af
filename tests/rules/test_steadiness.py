"""R4.5.4: an auditor is told apart from the others only by numbers that can tell."""

from collections.abc import Callable
from datetime import date
from functools import cache
from math import comb, sqrt
from random import Random
from typing import Final

import pytest

from qa_api.rules.decision import Explanation
from qa_api.rules.intervals import of_difference
from qa_api.rules.policy import Policy
from qa_api.rules.steadiness import (
    CLAUSE,
    PLANTED,
    POWER_NEEDED,
    USUAL,
    Changed,
    Verdict,
    power,
    steadiness,
)
from tests.drill import SEED, share

POLICY: Final = Policy(version=1, effective_from=date(2020, 1, 1))
SAMPLES: Final = share(1_000) or 10_000
SIZES: Final = [(n, m) for n in (5, 31, 40, 60) for m in (40, 60, 140, 210)]


def lowered(chance: Random, pairs: int, often: float) -> Changed:
    """Pairs of which each is lowered by this chance, and none raised."""
    return Changed(0, sum(chance.random() < often for _ in range(pairs)), pairs)


@pytest.mark.long
def test_planted_leniency_is_shown_with_power_or_it_is_not_known_yet(
    record_property: Callable[[str, object], None],
) -> None:
    """50 % lowered among others of whom 25 % are: shown 80 times in 100, or nothing is said."""
    chance, known, asked = Random(SEED), 0, 0
    for pairs, others in SIZES:
        found = [
            steadiness(lowered(chance, pairs, PLANTED), lowered(chance, others, USUAL), POLICY)
            for _ in range(SAMPLES // 10)
        ]
        asked += len(found)
        verdicts = [each.lowered.verdict for each in found]
        if Verdict.NOT_KNOWN_YET in verdicts:
            assert {*verdicts} == {Verdict.NOT_KNOWN_YET}
            assert all(each.lowered.others is None for each in found)
            assert all(each.lowered.difference is None for each in found)
            continue
        known += 1
        shown = verdicts.count(Verdict.MORE_OFTEN) / len(found)
        # Three standard deviations of what so few samples can tell.
        doubt = 3 * sqrt(POWER_NEEDED * (1 - POWER_NEEDED) / len(found))
        assert shown >= POWER_NEEDED - doubt, (pairs, others)
    record_property("asked", asked)
    assert 0 < known < len(SIZES)


def exactly(pairs: int, others: int, often: float, among_others: float) -> float:
    """How likely the difference lies above nought, or below it: every outcome, weighed."""
    return sum(
        chance(pairs, one, often) * chance(others, other, among_others)
        for one in range(pairs + 1)
        for other in range(others + 1)
        if differs(one, pairs, other, others)
    )


@cache
def chance(of: int, count: int, often: float) -> float:
    return comb(of, count) * often**count * (1 - often) ** (of - count)


@cache
def differs(one: int, pairs: int, other: int, others: int) -> bool:
    apart = of_difference(one, pairs, other, others)
    return apart.low > 0 or apart.high < 0


def test_whoever_is_as_steady_as_the_others_is_seldom_taken_for_another() -> None:
    """Of a hundred auditors who are like the others some five are shown as unlike by chance."""
    for often in (0.1, 0.25, 0.5):
        assert exactly(31, 200, often, often) <= 0.055
        assert exactly(60, 60, often, often) <= 0.055


@pytest.mark.parametrize(("pairs", "others"), [(12, 40), (31, 60), (54, 100)])
def test_the_power_is_that_of_all_outcomes_weighed(pairs: int, others: int) -> None:
    assert power(pairs, others) == pytest.approx(exactly(pairs, others, PLANTED, USUAL), abs=1e-3)
    # Between two steps of twenty the others count as the lower.
    assert power(pairs, others) == power(pairs, others + 19)


def test_how_many_pairs_it_takes() -> None:
    """Against many others 31; fewer others take more, and twenty are never enough."""
    fewest = {
        others: next((n for n in range(1, 201) if power(n, others) >= POWER_NEEDED), None)
        for others in (0, 20, 60, 100, 200, 5_000)
    }
    assert fewest == {0: None, 20: None, 60: 54, 100: 38, 200: 31, 5_000: 31}


def test_each_direction_is_told_by_itself_and_in_words() -> None:
    found = steadiness(Changed(2, 20, 40), Changed(60, 50, 200), POLICY)
    assert found.lowered.verdict is Verdict.MORE_OFTEN
    assert found.raised.verdict is Verdict.LESS_OFTEN
    assert found.lowered.sentence == (
        "Moderation lowered their judgements more often than the others': 50% against 25%; the"
        " difference is likely between 8 and 41 hundredths."
    )
    assert found.raised.sentence.startswith("Moderation raised their judgements less often")
    alike = steadiness(Changed(10, 10, 40), Changed(50, 50, 200), POLICY)
    assert alike.lowered.verdict is alike.raised.verdict is Verdict.NO_DIFFERENCE
    assert alike.lowered.sentence.startswith("No difference shown in how often moderation lowered")
    few = steadiness(Changed(0, 9, 9), Changed(0, 0, 500), POLICY)
    assert few.lowered.verdict is Verdict.NOT_KNOWN_YET
    assert few.lowered.sentence.startswith("Not known yet: 9 pairs")
    assert few.lowered.own.count == 9
    assert few.lowered.sentence == (
        "Not known yet: 9 pairs, or those of the others, are too few to tell."
    )
    of_domains = steadiness(Changed(0, 9, 9, further=5, beside=10), Changed(0, 0, 500), POLICY)
    assert of_domains.lowered.sentence.startswith("Not known yet: 9 pairs of 4 audits, or those")
    assert (found.raised.others, found.lowered.others) == (0.3, 0.25)
    assert found.explanation == Explanation(
        "auditor_steadiness",
        CLAUSE,
        POLICY.version,
        facts={
            "pairs": 40,
            "audits": 40,
            "power_percent": 87,
            "power_needed_percent": 80,
        },
    )


def test_nobody_else_is_no_comparison() -> None:
    alone = steadiness(Changed(0, 50, 100), Changed(0, 0, 0), POLICY)
    assert alone.lowered.verdict is alone.raised.verdict is Verdict.NOT_KNOWN_YET
    nothing = steadiness(Changed(0, 0, 0), Changed(0, 50, 100), POLICY)
    assert nothing.lowered.verdict is Verdict.NOT_KNOWN_YET


def test_to_an_auditor_no_count_of_the_others_is_nearer_than_the_smallest_cell() -> None:
    """Sixty of their own and sixty of others: each answer is given for five counts or more."""
    for own in range(61):
        by_answer: dict[str, list[int]] = {}
        for theirs in range(61):
            found = steadiness(Changed(0, own, 60), Changed(0, theirs, 60), POLICY, fewest=5)
            assert (found.lowered.others, found.lowered.difference) == (None, None)
            by_answer.setdefault(found.lowered.sentence, []).append(theirs)
            whole = steadiness(Changed(0, own, 60), Changed(0, theirs, 60), POLICY)
            assert found.lowered.verdict in (whole.lowered.verdict, Verdict.NOT_KNOWN_YET)
        assert all(len(answer) >= 5 for answer in by_answer.values())
