"""A proposed policy as a file: its three forms, and each fault in a line with its place."""

import json
from datetime import date

import pytest

from qa_api.rules.decision import RuleRefused
from qa_api.simulating.policy_file import FileRefused, read_proposed
from qa_api.simulating.simulation import compare
from tests.simulating.facts import facts

VALUES = {"response_working_days": 10, "moderation_strata": ["team"], "in_use_from": "2026-04-01"}
CHANGE = {
    "effective_from": "2027-01-04",
    "reason": "Decided by the Board.",
    "changes": [{"key": key, "value": value} for key, value in VALUES.items()],
}
AUTHORITY = {
    "name": "A county",
    "policy": {"effective_from": "2027-01-04", "reason": "Decided.", "values": VALUES},
}


def faults(content: str) -> list[str]:
    with pytest.raises(FileRefused) as refused:
        read_proposed("p.json", content.encode())
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize(
    "document", [VALUES, CHANGE, AUTHORITY], ids=["values", "a change", "authority.json"]
)
def test_each_form_proposes_its_values(document: object) -> None:
    assert read_proposed("p.json", json.dumps(document).encode()).values == VALUES


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(
            '{"response_days": 7}',
            ["p.json /response_days: line 1, column 2: There is no such policy key."],
            id="a key that there is not",
        ),
        pytest.param(
            '{"response_working_days": 0,\n "carers_audit_every_months": "12"}',
            [
                f"p.json /{key}: line {line}, column 2: {key} must be a whole number from 1"
                f" to {most}."
                for key, line, most in (
                    ("response_working_days", 1, 60),
                    ("carers_audit_every_months", 2, 120),
                )
            ],
            id="two values",
        ),
        pytest.param(
            '{"policy": {"effective_from": "2027-01-04", "values": {}}, "name": "A county"}',
            ["p.json /policy/reason: line 1, column 2: Required."],
            id="a folder's file without a reason",
        ),
        pytest.param(
            '{"effective_from": "2027-01-04", "reason": "So.", "changes": [\n'
            '{"key": "response_working_days", "value": 6},\n'
            '{"key": "response_working_days", "value": 7}]}',
            ["p.json /changes/1: line 3, column 1: This key is given twice."],
            id="a change with a key twice",
        ),
        pytest.param("[]", ["p.json : line 1, column 1: A policy is a JSON object."], id="a list"),
        pytest.param(
            '{"response_working_days": 7,}',
            ["p.json : line 1, column 28: A comma too many: nothing follows it."],
            id="no JSON",
        ),
    ],
)
def test_a_bad_file_is_told_by_field_with_line_and_column(content: str, told: list[str]) -> None:
    assert faults(content) == told


def test_values_that_belong_together_are_judged_together() -> None:
    both = b'{"moderation_sample_minimum": 15, "moderation_sample_maximum": 20}'
    found = read_proposed("p.json", both)
    assert compare(facts(), found.values, "1").changes.keys() == found.values.keys()


def test_values_that_do_not_go_together_are_refused_at_their_place() -> None:
    """With the least of the policy in force, as a change of the policy would be."""
    found = read_proposed(
        "p.json", b'{"response_working_days": 7,\n"moderation_sample_minimum": 11}'
    )
    with pytest.raises(RuleRefused) as refused:
        compare(facts(), found.values, "1")
    (fault,) = found.refused(refused.value).faults
    assert str(fault) == (
        "p.json /moderation_sample_minimum: line 2, column 1:"
        " moderation_sample_minimum cannot exceed moderation_sample_maximum."
    )


def test_each_version_has_the_values_laid_over_its_own() -> None:
    of = facts(values={"return_working_days": 9})
    proposed = of.policies.but({"response_working_days": 11})
    policy = proposed.on(date(2026, 6, 1))
    assert (policy.response_working_days, policy.return_working_days) == (11, 9)
    assert of.policies.on(date(2026, 6, 1)).response_working_days == 5
    assert proposed.on(date(1990, 1, 1)) == proposed.of(1), "before the first there is, the first"
