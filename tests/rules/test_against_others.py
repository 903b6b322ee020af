"""R4.5.4: domains are compared one by one and together, with who was judged on the same."""

from collections.abc import Callable, Mapping
from datetime import date
from math import sqrt
from random import Random
from typing import Final

import pytest

from qa_api.rules.against_others import Against, ComparedPair, against_others, changed
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.policy import Policy
from qa_api.rules.steadiness import (
    PLANTED,
    POWER_NEEDED,
    USUAL,
    Changed,
    SteadinessOf,
    Verdict,
    steadiness,
)
from tests.drill import SEED, share

POLICY: Final = Policy(version=1, effective_from=date(2020, 1, 1))
SAMPLES: Final = (share(1_000) or 10_000) // 10
VOICE, SAFETY, PLAN = (JudgedOn("profile", 1, key) for key in ("voice", "safety", "plan"))

# --- together: several judgements of one audit ---


def judged(chance: Random, audits: int, often: float, alike: float) -> Changed:
    """Audits of two to five domains, each lowered by this chance; this many alike."""
    pairs = []
    for audit in range(audits):
        all_of_them = chance.random() < often
        for _ in range(2 + audit % 4):
            own = chance.random() < often
            lowered = all_of_them if chance.random() < alike else own
            pairs.append(ComparedPair(audit, int(lowered)))
    return changed(pairs)


@pytest.mark.parametrize("alike", [0.0, 0.5, 1.0])
def test_planted_leniency_in_domains_is_shown_with_power_or_it_is_not_known_yet(
    alike: float, record_property: Callable[[str, object], None]
) -> None:
    """However much the domains of an audit are alike: 80 times in 100, or nothing is said."""
    chance, known, asked = Random(f"{SEED} {alike}"), 0, 0
    for audits, others in ((20, 120), (40, 120), (45, 230), (80, 80)):
        verdicts = [
            steadiness(
                judged(chance, audits, PLANTED, alike),
                judged(chance, others, USUAL, alike),
                POLICY,
            ).lowered.verdict
            for _ in range(SAMPLES)
        ]
        asked += len(verdicts)
        if Verdict.NOT_KNOWN_YET in verdicts:
            assert {*verdicts} == {Verdict.NOT_KNOWN_YET}
            continue
        known += 1
        shown = verdicts.count(Verdict.MORE_OFTEN) / len(verdicts)
        doubt = 3 * sqrt(POWER_NEEDED * (1 - POWER_NEEDED) / len(verdicts))
        assert shown >= POWER_NEEDED - doubt, (audits, others)
    record_property("asked", asked)
    assert 0 < known < 4


@pytest.mark.long
@pytest.mark.parametrize("alike", [0.0, 0.5, 1.0])
def test_whoever_judges_domains_as_the_others_is_seldom_taken_for_another(alike: float) -> None:
    """In 5 of 100, and the doubt of so few samples. Were each domain counted by itself: in 30."""
    chance = Random(f"{SEED} {alike}")
    for often in (0.1, 0.25, 0.5):
        verdicts = [
            steadiness(
                judged(chance, 60, often, alike), judged(chance, 120, often, alike), POLICY
            ).lowered.verdict
            for _ in range(2 * SAMPLES)
        ]
        apart = len(verdicts) - verdicts.count(Verdict.NO_DIFFERENCE)
        doubt = 3 * sqrt(0.055 * 0.945 / len(verdicts))
        assert apart / len(verdicts) <= 0.055 + doubt, often


def test_domains_of_one_audit_count_as_one_judgement_that_is_told_apart_by_its_audits() -> None:
    """With as many domains each: as so many audits; with unlike numbers as somewhat fewer."""
    alike = Changed(0, 60, 120, further=80, beside=3 * 2 * 40)
    assert alike.audits == 40
    assert alike.counts_as == pytest.approx(40, abs=1e-9)
    assert changed(ComparedPair(audit, 0) for audit in (1, 1, 1, 2)).counts_as == pytest.approx(
        16 / 10, abs=1e-9
    )
    single = steadiness(Changed(0, 20, 40), Changed(0, 50, 200), POLICY)
    found = steadiness(alike, Changed(0, 150, 600, 400, 1200), POLICY)
    assert found.lowered.difference is not None
    assert single.lowered.difference is not None
    for bound in ("low", "high"):
        one, other = (getattr(each.lowered.difference, bound) for each in (found, single))
        assert one == pytest.approx(other, abs=1e-9)
    assert (
        found.lowered.own.sentence == "50% (60 of 120), in 40 audits; likely between 35% and 65%."
    )
    few = steadiness(Changed(0, 9, 27, 18, 54), Changed(0, 150, 600, 400, 1200), POLICY)
    assert few.lowered.own.sentence == (
        "9 counted among 27, in 9 audits: too few to say, they count as fewer than 10."
    )
    assert few.lowered.sentence.startswith("Not known yet: 27 pairs of 9 audits")
    assert found.explanation.facts["audits"] == 40


# --- with whom ---


def pairs(*ranks: int, first: int = 0) -> list[ComparedPair]:
    return [ComparedPair(first + audit, apart) for audit, apart in enumerate(ranks)]


def against(
    judged: Mapping[JudgedOn, Mapping[str, list[ComparedPair]]], who: str, fewest: int
) -> Mapping[tuple[SteadinessOf, str | None], Against]:
    return {
        (each.of, each.on.domain): each
        for each in against_others(judged, judged, fewest)
        if each.auditor == who
    }


def test_each_domain_has_its_own_others_and_together_only_those_that_enough_were_judged_on() -> (
    None
):
    judged = {
        VOICE: {"ann": pairs(1, 1, 0), "ben": pairs(0, 1), "eve": pairs(-1)},
        SAFETY: {"ann": pairs(1, 0, 0), "ben": pairs(0, 0), "eve": pairs(1)},
        PLAN: {"ann": pairs(-1), "ben": pairs(1, 1)},
    }
    found = against(judged, "ann", 2)
    assert found[SteadinessOf.DOMAIN, "voice"].others == Changed(1, 1, 3)
    assert found[SteadinessOf.DOMAIN, "plan"].others == Changed(0, 0, 0), "ben alone has it"
    together = found[SteadinessOf.DOMAINS_TOGETHER, None]
    # Three audits with voice and safety; the plan is left out of both.
    assert together.own == Changed(0, 3, 6, further=3, beside=6)
    assert together.others == Changed(1, 2, 6, further=3, beside=6)
    for_qs = against(judged, "ann", 1)[SteadinessOf.DOMAINS_TOGETHER, None]
    assert (for_qs.own.pairs, for_qs.others.pairs) == (7, 8)


def test_with_nobody_to_compare_their_own_stay_and_one_domain_alone_is_not_told_twice() -> None:
    judged = {
        VOICE: {"ann": pairs(1, 0), "ben": pairs(1)},
        SAFETY: {"ann": pairs(1, 0)},
        JudgedOn("profile", 1): {"ann": pairs(1, first=7)},
    }
    found = against(judged, "ann", 2)
    together = found[SteadinessOf.DOMAINS_TOGETHER, None]
    assert (together.own.pairs, together.others) == (4, Changed(0, 0, 0))
    assert found[SteadinessOf.OVERALL, None].own == Changed(0, 1, 1)
    assert [*against(judged, "ben", 1)] == [(SteadinessOf.DOMAIN, "voice")]


def test_what_is_gone_from_everybodys_meanwhile_is_compared_with_nobody() -> None:
    """The two are read one after the other: an audit may be recorded in error in between."""
    own = {VOICE: {"ann": pairs(1)}, SAFETY: {"ann": pairs(0)}}
    found = [*against_others(own, {}, 1)]
    assert [each.others for each in found] == [Changed(0, 0, 0)] * 3
    assert [each.own.pairs for each in found] == [1, 1, 2]
