"""R4.5.1: anybody can draw the sample again and get the same."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.decision import RuleRefused
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import ModerationFrequency, SampleStratum
from qa_api.rules.sampling import (
    EVERYTHING,
    METHOD,
    Exclusion,
    Member,
    Stratum,
    check_not_before_all,
    draw,
    hash_of,
    moderated_period,
    sample_size,
)

POLICY = Policy(version=3, effective_from=date(2020, 1, 1))
QUARTERLY = replace(POLICY, moderation_frequency=ModerationFrequency.QUARTER)

members = st.builds(
    Member,
    audit_id=st.uuids().map(str),
    audit_type=st.sampled_from(["themed", "closure"]),
    judgement=st.sampled_from(["good", "inadequate"]),
    team=st.sampled_from([None, "north", "south"]),
    exclusion=st.none() | st.sampled_from(list(Exclusion)),
)
populations = st.lists(members, max_size=30, unique_by=lambda member: member.audit_id)
strata = st.lists(st.sampled_from(list(SampleStratum)), unique=True).map(tuple)


def population(count: int) -> list[Member]:
    return [Member(str(UUID(int=number)), "themed", "good", "north") for number in range(count)]


@pytest.mark.long
@given(populations, st.text(max_size=20), strata, st.randoms())
def test_the_draw_depends_on_population_policy_and_seed_and_not_on_the_order(
    found: list[Member], seed: str, spread: tuple[SampleStratum, ...], chance: object
) -> None:
    policy = replace(POLICY, moderation_strata=spread)
    shuffled = found.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis gives a Random
    one, other = draw(found, policy, seed), draw(shuffled, policy, seed)
    assert (one.drawn, one.strata, one.population_hash) == (
        other.drawn,
        other.strata,
        other.population_hash,
    )


@pytest.mark.long
@given(populations, st.text(max_size=20), strata)
def test_the_sample_has_its_size_and_nothing_that_is_excluded(
    found: list[Member], seed: str, spread: tuple[SampleStratum, ...]
) -> None:
    policy = replace(POLICY, moderation_strata=spread)
    sample = draw(found, policy, seed)
    eligible = {member.audit_id for member in found if member.exclusion is None}
    assert len(sample.drawn) == len(set(sample.drawn)) == sample_size(len(eligible), policy)
    assert set(sample.drawn) <= eligible
    assert sum(stratum.drawn for stratum in sample.strata) == len(sample.drawn)
    assert sum(stratum.population for stratum in sample.strata) == len(eligible)


@given(populations, st.text(max_size=20), strata)
def test_each_stratum_gets_its_share_to_within_one(
    found: list[Member], seed: str, spread: tuple[SampleStratum, ...]
) -> None:
    sample = draw(found, replace(POLICY, moderation_strata=spread), seed)
    eligible = sum(stratum.population for stratum in sample.strata)
    for stratum in sample.strata:
        assert 0 <= stratum.drawn <= stratum.population
        assert abs(stratum.drawn - len(sample.drawn) * stratum.population / eligible) < 1


def test_a_known_draw_stays_what_it_was() -> None:
    """The method has a name: what it draws may never change under that name."""
    sample = draw(population(20), POLICY, "a seed")
    assert sample.method == METHOD == "sha256-largest-remainder-1"
    assert sample.population_hash == KNOWN_HASH
    assert [UUID(audit).int for audit in sample.drawn] == KNOWN_DRAW


KNOWN_HASH = "b86472e822d7d08db208f48c35678e9562f7b817341de825f995c505c89c47f7"
KNOWN_DRAW = [2, 5, 17, 13]


def test_another_seed_or_another_population_draws_anew() -> None:
    found = population(100)
    first = draw(found, POLICY, "one").drawn
    assert draw(found, POLICY, "two").drawn != first
    later = [replace(found[0], exclusion=Exclusion.RECORDED_IN_ERROR), *found[1:]]
    assert hash_of(later) != hash_of(found)
    assert draw(later, POLICY, "one").drawn != first


@pytest.mark.parametrize(
    ("eligible", "size"), [(0, 0), (1, 1), (2, 2), (3, 2), (10, 2), (11, 3), (50, 10), (500, 10)]
)
def test_the_size_is_the_share_rounded_up_between_its_bounds(eligible: int, size: int) -> None:
    assert sample_size(eligible, POLICY) == size


def test_a_share_of_the_audits_is_taken_in_hundredths() -> None:
    policy = replace(POLICY, moderation_sample_percent=20, moderation_sample_maximum=1000)
    assert [sample_size(eligible, policy) for eligible in (500, 501, 505)] == [100, 101, 101]


def test_a_population_smaller_than_the_sample_is_drawn_whole() -> None:
    policy = replace(POLICY, moderation_sample_minimum=5)
    found = population(3)
    assert sorted(draw(found, policy, "seed").drawn) == sorted(m.audit_id for m in found)


def test_a_month_with_no_audits_draws_nothing_and_still_has_a_hash() -> None:
    sample = draw([], POLICY, "seed")
    assert sample.drawn == ()
    assert sample.strata == ()
    assert sample.population_hash == hash_of([])
    assert sample.explanation.facts["eligible"] == 0


def test_a_rare_stratum_is_drawn_from_when_the_sample_is_spread_over_it() -> None:
    found = [*population(9), Member("rare", "themed", "inadequate", "north")]
    policy = replace(
        POLICY, moderation_sample_percent=50, moderation_strata=(SampleStratum.JUDGEMENT,)
    )
    drawn = {s.name: s.drawn for s in draw(found, policy, "seed").strata}
    assert sum(drawn.values()) == 5
    assert set(drawn) == {"good", "inadequate"}
    assert {s.name for s in draw(found, POLICY, "seed").strata} == {EVERYTHING}


def test_a_place_left_over_goes_to_the_stratum_with_the_largest_remainder() -> None:
    """Of three places four, five and one of ten get 1.2, 1.5 and 0.3, whatever the lot says."""
    teams = ["north"] * 4 + ["south"] * 5 + ["west"]
    found = [replace(one, team=team) for one, team in zip(population(10), teams, strict=True)]
    policy = replace(POLICY, moderation_sample_percent=30, moderation_strata=(SampleStratum.TEAM,))
    for seed in map(str, range(5)):
        drawn = {each.name: each.drawn for each in draw(found, policy, seed).strata}
        assert drawn == {"north": 1, "south": 2, "west": 0}


def test_audits_of_no_team_are_a_stratum_of_their_own() -> None:
    found = [*population(5), *(replace(one, team=None) for one in population(10)[5:])]
    policy = replace(POLICY, moderation_strata=(SampleStratum.TEAM, SampleStratum.JUDGEMENT))
    names = [each.name for each in draw(found, policy, "seed").strata]
    assert sorted(names) == ["no-team / good", "north / good"]


def test_the_explanation_names_all_that_the_size_of_a_draw_rests_on() -> None:
    policy = replace(
        POLICY,
        moderation_sample_percent=25,
        moderation_sample_minimum=3,
        moderation_sample_maximum=8,
        moderation_strata=(SampleStratum.TEAM, SampleStratum.AUDIT_TYPE),
    )
    explanation = draw(population(20), policy, "seed").explanation
    assert (explanation.rule, explanation.policy_version) == ("moderation_draw", 3)
    assert explanation.facts == {
        "method": METHOD,
        "eligible": 20,
        "percent": 25,
        "minimum": 3,
        "maximum": 8,
        "spread_over": ("team", "audit_type"),
        "drawn": 5,
    }


def test_a_draw_over_judgements_is_the_one_that_was_worked_out_by_hand() -> None:
    """Seven audits in three strata. The lot as `sha256sum` gives it for `seed|hash|id`."""
    spread = {"exemplary": "abc", "inconsistent": "def", "inadequate": "g"}
    found = [
        Member(audit, "conversation", judgement, "north")
        for judgement, audits in spread.items()
        for audit in audits
    ]
    policy = replace(
        POLICY,
        moderation_sample_percent=30,
        moderation_sample_minimum=2,
        moderation_strata=(SampleStratum.JUDGEMENT,),
    )
    sample = draw(found, policy, "2026-03")
    assert sample.population_hash == (
        "00e4fa57575c611ba72044a308e85911481927c1990d3925d801575c20b1c28a"
    )
    assert sample.strata == (
        Stratum("exemplary", 3, 1),
        Stratum("inadequate", 1, 1),
        Stratum("inconsistent", 3, 1),
    )
    assert sample.drawn == ("g", "a", "f")
    assert sample.stratum_of == {
        audit: judgement for judgement, audits in spread.items() for audit in audits
    }


@pytest.mark.parametrize(
    ("policy", "label", "today", "starts_on", "ends_before"),
    [
        (POLICY, None, date(2026, 11, 1), date(2026, 10, 1), date(2026, 11, 1)),
        (POLICY, None, date(2027, 1, 15), date(2026, 12, 1), date(2027, 1, 1)),
        (POLICY, "2026-02", date(2026, 11, 1), date(2026, 2, 1), date(2026, 3, 1)),
        (QUARTERLY, None, date(2026, 4, 1), date(2026, 1, 1), date(2026, 4, 1)),
        (QUARTERLY, "2026-27 Q1", date(2026, 7, 1), date(2026, 4, 1), date(2026, 7, 1)),
    ],
)
def test_the_period_before_is_moderated_unless_another_is_named(
    policy: Policy, label: str | None, today: date, starts_on: date, ends_before: date
) -> None:
    period = moderated_period(label, today, policy)
    assert (period.starts_on, period.ends_before) == (starts_on, ends_before)
    assert moderated_period(period.label, today, policy) == period


@pytest.mark.parametrize(
    ("policy", "label", "code"),
    [
        (POLICY, "2026-11", "period-not-over"),
        (POLICY, "2026-13", "not-a-month"),
        (POLICY, "2026-27 Q1", "not-a-month"),
        (QUARTERLY, "2026-10", "not-a-quarter"),
        (QUARTERLY, "2026-27 Q3", "period-not-over"),
    ],
)
def test_a_period_that_is_not_over_or_not_the_policys_is_refused(
    policy: Policy, label: str, code: str
) -> None:
    with pytest.raises(RuleRefused) as refused:
        moderated_period(label, date(2026, 11, 30), policy)
    assert (refused.value.code, refused.value.field) == (code, "period")


@pytest.mark.parametrize("first", [None, date(2026, 11, 1), date(2027, 3, 9)])
def test_a_period_before_all_audits_is_refused(first: date | None) -> None:
    period = moderated_period("2026-10", date(2027, 11, 30), POLICY)
    with pytest.raises(RuleRefused) as refused:
        check_not_before_all(period, first)
    assert (refused.value.code, refused.value.field) == ("before-first-audit", "period")
    check_not_before_all(period, date(2026, 10, 31))
    check_not_before_all(period, date(2019, 4, 2))
