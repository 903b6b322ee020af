"""Every value of the procedure is data with a default, a clause and a check."""

import json
from datetime import date

import pytest

from qa_api.rules.decision import RuleRefused
from qa_api.rules.policy import Policy
from qa_api.rules.policy_keys import POLICY_KEYS, carried_into, policy_from_values, policy_in_force
from qa_api.rules.policy_values import (
    ClosureActionStandard,
    ObservationWindow,
    OverdueStep,
    Recipient,
    RetentionRule,
    SampleStratum,
)

START = date(2026, 4, 1)
ACCOUNT = "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90"


def test_the_defaults_are_the_procedures() -> None:
    policy = policy_from_values(1, START, {})
    assert policy == Policy(1, START)
    assert (policy.response_working_days, policy.return_working_days) == (5, 5)
    assert policy.review_working_days == 5
    assert (policy.carers_first_audit_months, policy.carers_audit_every_months) == (12, 12)
    assert policy.observations_required == 2
    assert policy.observation_window is ObservationWindow.FINANCIAL_YEAR
    assert policy.closure_action_standard is ClosureActionStandard.DONE
    assert policy.closure_exempt_reasons == ()


def test_every_key_is_described_and_its_default_passes_its_own_check() -> None:
    for key in POLICY_KEYS.values():
        assert key.clause
        assert key.unit
        assert key.meaning.endswith((".", "?"))
        assert key.check.accepts
        json.dumps(key.default)
        policy_from_values(1, START, {key.key: key.default})


def test_a_policy_survives_being_written_and_read() -> None:
    policy = policy_from_values(
        2,
        START,
        {
            "response_working_days": 10,
            "observation_window": "rolling",
            "observation_prorated": False,
            "closure_exempt_reasons": ["RC9", "rc9"],
            "moderation_strata": ["judgement", "team"],
            "response_overdue_steps": [
                {"working_days_after": 1, "tell": "team_manager"},
                {"working_days_after": 5, "tell": "head_of_service"},
            ],
            "retention_rules": [{"record_class": "x", "years": 7, "trigger": "born_on"}],
            "carers_audits_owed_from": "2026-04-01",
            "looking_rules": [{"rule": "out_of_hours", "roles": ["worker", "administrator"]}],
            "purpose_required": True,
            "purposes_standing": [{"account": ACCOUNT, "purpose": "complaint"}],
        },
    )
    assert policy.response_overdue_steps[1] == OverdueStep(5, Recipient.HEAD_OF_SERVICE)
    assert policy.moderation_strata == (SampleStratum.JUDGEMENT, SampleStratum.TEAM)
    assert policy.retention_rules == (RetentionRule("x", 7, "born_on"),)
    assert policy.carers_audits_owed_from == START
    stored = json.loads(json.dumps(policy.values()))
    assert set(stored) == set(POLICY_KEYS)
    assert policy_from_values(2, START, stored) == policy


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("response_working_days", "5"),
        ("response_working_days", True),
        ("response_working_days", 5.0),
        ("response_working_days", 0),
        ("response_working_days", 10**30),
        ("response_working_days", None),
        ("observation_window", "yearly"),
        ("observation_window", 1),
        ("observation_prorated", 1),
        ("observation_prorated", "true"),
        ("closure_exempt_reasons", "RC1"),
        ("closure_exempt_reasons", ["RC1", "RC1"]),
        ("closure_exempt_reasons", [1]),
        ("closure_exempt_reasons", [""]),
        ("closure_exempt_reasons", [f"RC{n}" for n in range(101)]),
        ("moderation_strata", ["team", "team"]),
        ("moderation_strata", ["colour"]),
        ("response_overdue_steps", [{"working_days_after": 1}]),
        ("response_overdue_steps", [{"working_days_after": 1, "tell": "worker"}]),
        ("response_overdue_steps", [{"working_days_after": 1, "tell": "team_manager", "x": 1}]),
        (
            "response_overdue_steps",
            [
                {"working_days_after": 5, "tell": "team_manager"},
                {"working_days_after": 1, "tell": "head_of_service"},
            ],
        ),
        ("retention_rules", [{"record_class": "a", "years": 1, "trigger": "whenever"}]),
        ("retention_rules", [{"record_class": "a", "years": 1, "trigger": "born_on"}] * 2),
        ("retention_rules", ["a"]),
        ("looking_rules", [{"rule": "outside_teams", "roles": ["nobody"]}]),
        ("looking_rules", [{"rule": "whatever", "roles": ["worker"]}]),
        ("looking_rules", [{"rule": "outside_teams", "roles": ["worker", "worker"]}]),
        ("looking_rules", [{"rule": "outside_teams", "roles": []}] * 2),
        ("looking_outcomes", ["Spoken to"]),
        ("purposes_standing", [{"account": "reporting-1", "purpose": "complaint"}]),
        ("purposes_standing", [{"account": ACCOUNT, "purpose": "complaint"}] * 2),
        ("carers_audits_owed_from", "1 April 2026"),
        ("carers_audits_owed_from", "20260401"),
        ("carers_audits_owed_from", "1899-12-31"),
        ("carers_audits_owed_from", 2026),
        ("carers_audits_owed_from", None),
    ],
)
def test_a_wrong_value_is_refused_naming_its_key(key: str, value: object) -> None:
    with pytest.raises(RuleRefused) as refused:
        policy_from_values(1, START, {key: value})
    assert refused.value.code == "policy-value-invalid"
    assert refused.value.field == key
    assert POLICY_KEYS[key].check.accepts in refused.value.message


def test_an_unknown_key_is_refused_and_not_repeated_in_the_message() -> None:
    with pytest.raises(RuleRefused) as refused:
        policy_from_values(1, START, {"respons_working_days": 5})
    assert (refused.value.code, refused.value.clause) == ("policy-key-unknown", "policy")
    assert refused.value.field == "respons_working_days"
    assert "respons" not in refused.value.message


def test_a_sample_has_no_minimum_above_its_maximum() -> None:
    with pytest.raises(RuleRefused) as refused:
        policy_from_values(1, START, {"moderation_sample_minimum": 11})
    assert refused.value.field == "moderation_sample_minimum"


def test_the_policy_in_force_is_the_latest_effective_one() -> None:
    old, new = Policy(1, date(2025, 4, 1)), Policy(2, date(2026, 4, 1))
    corrected = Policy(3, date(2026, 4, 1))
    versions = [corrected, old, new]
    assert policy_in_force(versions, date(2026, 3, 31)) is old
    assert policy_in_force(versions, date(2026, 4, 1)) is corrected
    with pytest.raises(RuleRefused) as refused:
        policy_in_force(versions, date(2025, 3, 31))
    assert (refused.value.code, refused.value.clause) == ("no-policy", "policy")


def test_a_later_version_gets_an_earlier_days_change_unless_it_decides_itself() -> None:
    kept = {"review_working_days": 5, "small_cell_minimum": 5}
    later = {"review_working_days": 3, "small_cell_minimum": 5}
    changes: dict[str, object] = {"review_working_days": 4, "small_cell_minimum": 7}
    assert carried_into(later, kept, changes) == {
        "review_working_days": 3,
        "small_cell_minimum": 7,
    }


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"looking_from_hour": 9, "looking_until_hour": 9}, "looking_until_hour"),
        (
            {"purposes_standing": [{"account": ACCOUNT, "purpose": "no_purpose"}]},
            "purposes_standing",
        ),
        ({"purpose_required": True, "purposes": []}, "purposes"),
    ],
)
def test_values_that_do_not_go_together_are_refused(values: dict[str, object], field: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        policy_from_values(1, START, values)
    assert (refused.value.code, refused.value.field) == ("policy-value-invalid", field)
