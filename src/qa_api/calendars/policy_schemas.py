"""What goes into and comes out of the routes of the policy."""

from typing import Annotated

from pydantic import ConfigDict, Field

from qa_api.rules.policy_guards import WeakenedWhen
from qa_api.rules.policy_values import LookingRule, Recipient
from qa_api.values.fields import (
    Choice,
    Count,
    Input,
    Instant,
    IsoDate,
    Key,
    Output,
    ShortText,
    Text,
    Version,
)
from qa_api.values.text import TextOf


class OverdueStepValue(Input):
    """So many working days after a missed due date, somebody is told (R4.2.5)."""

    working_days_after: Count
    tell: Choice[Recipient]


PolicyWord = Annotated[str, TextOf(60)]


class RetentionRuleValue(Input):
    """After how many years from which trigger a class of record may go (X4)."""

    record_class: PolicyWord
    years: Count
    trigger: PolicyWord


class LookedAtValue(Input):
    """The roles whose reads a rule looks at (X3)."""

    rule: Choice[LookingRule]
    roles: Annotated[list[PolicyWord], Field(max_length=50)]


class StandingPurposeValue(Input):
    """The purpose for which a system's own account reads (X3)."""

    account: PolicyWord
    purpose: PolicyWord


PolicyList = Annotated[
    list[PolicyWord | OverdueStepValue | RetentionRuleValue | LookedAtValue | StandingPurposeValue],
    Field(max_length=100),
]
PolicyValue = bool | Count | PolicyWord | PolicyList
"""A truth value, a number, a word or a list, as the key accepts."""


class PolicyChange(Input):
    """One key of the policy and its new value."""

    key: Key
    value: PolicyValue


class NewPolicy(Input):
    """A new version of the policy: what changes, from when, and why.

    The rest is as it will be in force on that day. A version that starts later still takes over
    on its own day, with its own values.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "effective_from": "2027-01-04",
                    "reason": "Decided by the Quality Assurance Board in November 2026.",
                    "changes": [{"key": "response_working_days", "value": 10}],
                }
            ]
        }
    )

    effective_from: IsoDate
    reason: Text
    changes: Annotated[list[PolicyChange], Field(min_length=1, max_length=100)]


class ConfirmedPolicy(Input):
    """A new version of the policy that two people decide on: what changes, and from when.

    Confirmed after that day, it counts from the day on which it is confirmed.
    """

    effective_from: IsoDate
    changes: Annotated[list[PolicyChange], Field(min_length=1, max_length=100)]


class PolicyRow(Output):
    """One version of the policy in a list."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 1,
                    "effective_from": "2026-04-01",
                    "effective_until": None,
                    "in_force": True,
                    "reason": "The procedure's own values.",
                    "recorded_at": "2026-11-22T09:00:00Z",
                }
            ]
        }
    )

    version: Version
    effective_from: IsoDate
    effective_until: IsoDate | None
    """The day on which another version takes over, itself not included; null if none does yet."""
    in_force: bool
    reason: Text
    recorded_at: Instant


class PolicyValueOut(Output):
    """One key of the policy: its value, the procedure's own, and where it comes from."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": "response_working_days",
                    "value": 5,
                    "default": 5,
                    "clause": "§4.2, R4.2.1",
                    "meaning": "Working days within which the audit response is due.",
                    "unit": "working days",
                    "accepts": "a whole number from 1 to 60",
                    "second_person_when": "never",
                }
            ]
        }
    )

    key: Key
    value: PolicyValue
    default: PolicyValue
    clause: ShortText
    meaning: ShortText
    unit: ShortText
    accepts: Text
    second_person_when: WeakenedWhen
    """Which changes make this safeguard weaker, and so need a second person."""


class PolicyOut(PolicyRow):
    """One version of the policy with every value."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 1,
                    "effective_from": "2026-04-01",
                    "effective_until": None,
                    "in_force": True,
                    "reason": "The procedure's own values.",
                    "recorded_at": "2026-11-22T09:00:00Z",
                    "values": [
                        {
                            "key": "return_working_days",
                            "value": 5,
                            "default": 5,
                            "clause": "§4.2, R4.2.4",
                            "meaning": "Working days within which the next round is due.",
                            "unit": "working days",
                            "accepts": "a whole number from 1 to 60",
                            "second_person_when": "never",
                        }
                    ],
                }
            ]
        }
    )

    values: Annotated[list[PolicyValueOut], Field(max_length=500)]
