"""Until when records are kept: the class, the period and the trigger are the authority's (X4)."""

from dataclasses import replace
from datetime import date, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from qa_api.rules.decision import RuleRefused
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import RETENTION_TRIGGERS, RetentionRule
from qa_api.rules.retention import (
    NoDate,
    RecordClass,
    RecordFacts,
    Settled,
    check_as_at,
    name_kept_until,
    obstacle,
    retention,
)

CHILD = RecordClass.CHILD_RECORD
FACTS = RecordFacts(
    born_on=date(2008, 2, 29),
    died_on=date(2020, 3, 1),
    last_recorded_on=date(2021, 6, 30),
    case_closed_on=date(2021, 5, 1),
    approval_ended_on=date(2019, 12, 31),
)


def policy_of(*rules: tuple[str, int, str], version: int = 1) -> Policy:
    return Policy(
        version, date(2020, 1, 1), retention_rules=tuple(RetentionRule(*rule) for rule in rules)
    )


@pytest.mark.parametrize(
    ("trigger", "years", "kept_until"),
    [
        ("born_on", 75, date(2083, 2, 28)),  # no leap year
        ("born_on", 76, date(2084, 2, 29)),
        ("died_on", 10, date(2030, 3, 1)),
        ("last_recorded_on", 6, date(2027, 6, 30)),
        ("case_closed_on", 7, date(2028, 5, 1)),
        ("reaches_18_on", 1, date(2027, 2, 28)),
        ("reaches_18_on", 2, date(2028, 2, 28)),  # of age on the 28th, and anniversaries of that
        ("approval_ended_on", 10, date(2029, 12, 31)),
    ],
)
def test_a_record_is_kept_so_many_years_from_its_trigger(
    trigger: str, years: int, kept_until: date
) -> None:
    found = retention(CHILD, FACTS, policy_of(("child_record", years, trigger)))
    assert found.kept_until == kept_until
    assert found.no_date_because is None
    assert not found.may_go(kept_until), "its last day is a day on which it is kept"
    assert found.may_go(kept_until + timedelta(days=1))


def test_every_trigger_that_a_policy_may_name_has_its_fact() -> None:
    for trigger in RETENTION_TRIGGERS:
        assert FACTS.triggered_on(trigger) is not None
        assert RecordFacts().triggered_on(trigger) is None


def test_two_authorities_keep_the_same_childs_record_until_two_dates() -> None:
    one = policy_of(("child_record", 75, "born_on"))
    other = policy_of(("child_record", 25, "case_closed_on"), version=4)
    assert retention(CHILD, FACTS, one).kept_until == date(2083, 2, 28)
    assert retention(CHILD, FACTS, other).kept_until == date(2046, 5, 1)
    assert retention(CHILD, FACTS, other).explanation.policy_version == 4


def test_the_explanation_says_rule_trigger_period_and_date() -> None:
    said = retention(CHILD, FACTS, policy_of(("child_record", 75, "born_on")), ["b", "a"])
    assert said.explanation.as_json() == {
        "rule": "retention",
        "clause": "X4",
        "policy_version": 1,
        "calendar_version": None,
        "steps": [],
        "facts": {
            "record_class": "child_record",
            "trigger": "born_on",
            "triggered_on": "2008-02-29",
            "years": 75,
            "kept_until": "2083-02-28",
            "no_date_because": None,
            "held_by": ["a", "b"],
        },
    }


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (policy_of(("carer_record", 1, "born_on")), NoDate.NO_RULE),
        (policy_of(("child_record", 1, "died_on")), NoDate.TRIGGER_NOT_KNOWN),
    ],
)
def test_without_a_date_a_record_is_kept_and_it_is_said_why(policy: Policy, why: NoDate) -> None:
    found = retention(CHILD, replace(FACTS, died_on=None), policy)
    assert (found.kept_until, found.no_date_because) == (None, why)
    assert not found.may_go(date.max)


def test_a_legal_hold_goes_before_the_date() -> None:
    policy = policy_of(("child_record", 1, "died_on"))
    found = retention(CHILD, FACTS, policy, ["a hold"])
    assert found.kept_until == date(2021, 3, 1)
    assert found.has_passed(date(2026, 1, 1))
    assert not found.may_go(date(2026, 1, 1))


SHORT, LONG = (
    retention(CHILD, FACTS, policy_of(("child_record", years, "died_on"))) for years in (1, 50)
)
HELD = retention(CHILD, FACTS, policy_of(("child_record", 1, "died_on")), ["a hold"])


@pytest.mark.parametrize(
    ("listed", "now", "recorded_since", "kept_because"),
    [
        (SHORT, SHORT, False, None),
        (SHORT, HELD, False, Settled.HELD),
        (SHORT, HELD, True, Settled.HELD),
        (SHORT, SHORT, True, Settled.RECORDED_SINCE),
        (SHORT, LONG, False, Settled.NOT_DUE),
        (LONG, SHORT, False, Settled.NOT_DUE),
    ],
)
def test_an_item_goes_only_where_both_policies_let_it_and_nothing_has_happened(
    listed: object, now: object, recorded_since: bool, kept_because: Settled | None
) -> None:
    assert (
        obstacle(listed, now, date(2026, 1, 1), recorded_since=recorded_since)  # type: ignore[arg-type]  # parametrised
        == kept_because
    )


def test_a_run_is_not_as_at_a_day_to_come() -> None:
    check_as_at(date(2026, 1, 1), date(2026, 1, 1))
    with pytest.raises(RuleRefused) as refused:
        check_as_at(date(2026, 1, 2), date(2026, 1, 1))
    assert (refused.value.clause, refused.value.field) == ("X4", "as_at")


dates = st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31))
facts = st.builds(RecordFacts, dates, dates, dates, dates, dates)
rules = st.lists(
    st.builds(
        RetentionRule,
        st.sampled_from(RecordClass).map(str),
        st.integers(1, 150),
        st.sampled_from(RETENTION_TRIGGERS),
    ),
    unique_by=lambda rule: rule.record_class,
    max_size=5,
)
classes = st.sampled_from(RecordClass)


@given(classes, facts, rules, st.sets(st.text(max_size=3), max_size=2), st.dates())
def test_a_record_goes_only_after_a_date_and_under_no_hold(
    record_class: RecordClass,
    known: RecordFacts,
    given_rules: list[RetentionRule],
    holds: set[str],
    on: date,
) -> None:
    policy = Policy(1, date(2020, 1, 1), retention_rules=tuple(given_rules))
    found = retention(record_class, known, policy, holds)
    assert (found.kept_until is None) == (found.no_date_because is not None)
    if found.may_go(on):
        assert found.kept_until is not None
        assert found.kept_until < on
        assert not holds


@given(facts, st.integers(1, 149), st.sampled_from(RETENTION_TRIGGERS))
def test_a_longer_period_never_lets_a_record_go_earlier(
    known: RecordFacts, years: int, trigger: str
) -> None:
    shorter = retention(CHILD, known, policy_of(("child_record", years, trigger))).kept_until
    longer = retention(CHILD, known, policy_of(("child_record", years + 1, trigger))).kept_until
    assert (shorter is None) == (longer is None)
    if shorter and longer:
        assert timedelta(days=364) < longer - shorter < timedelta(days=368)


@pytest.mark.parametrize(
    ("rules", "left_on", "kept_until"),
    [
        ([("practice_observation", 6, "last_recorded_on")], date(2020, 2, 29), date(2026, 2, 28)),
        ([("practice_observation", 1, "last_recorded_on")], date(2020, 6, 30), date(2021, 6, 30)),
        ([("practice_observation", 6, "last_recorded_on")], None, None),
        ([("practice_observation", 6, "born_on")], date(2020, 2, 29), None),
        ([("child_record", 6, "last_recorded_on")], date(2020, 2, 29), None),
    ],
)
def test_a_name_is_kept_as_long_as_an_observation_from_the_last_day_in_service(
    rules: list[tuple[str, int, str]], left_on: date | None, kept_until: date | None
) -> None:
    assert name_kept_until(left_on, policy_of(*rules)) == kept_until
