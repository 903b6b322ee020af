"""The printed rule book: every key of the policy, and policies made from an authority's values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Final

from qa_api.rules.decision import RuleRefused
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import Check, written
from qa_api.rules.unchanging import Unchanging


class PolicyKey(Unchanging):
    """One value of the policy, described: what it means, where it comes from, what it may be."""

    key: str
    default: object
    clause: str
    unit: str
    meaning: str
    check: Check


POLICY_KEYS: Mapping[str, PolicyKey] = {
    value.name: PolicyKey(
        key=value.name,
        default=written(value.default),
        clause=value.metadata["clause"],
        unit=value.metadata["unit"],
        meaning=value.metadata["meaning"],
        check=value.metadata["check"],
    )
    for value in fields(Policy)
    if value.metadata
}


class _Together(Unchanging):
    """What must hold between keys, and which of them is refused where it does not."""

    key: str
    clause: str
    message: str
    broken: Callable[[Policy], bool]


_TOGETHER: Final = (
    _Together(
        "moderation_sample_minimum",
        "§4.5, R4.5.1",
        "moderation_sample_minimum cannot exceed moderation_sample_maximum.",
        lambda policy: policy.moderation_sample_minimum > policy.moderation_sample_maximum,
    ),
    _Together(
        "figure_out_of_from",
        "§4.7, R4.7.3",
        "figure_out_of_from cannot exceed figure_share_from.",
        lambda policy: policy.figure_out_of_from > policy.figure_share_from,
    ),
    _Together(
        "purposes_standing",
        "X3",
        "purposes_standing can only have what is in purposes.",
        lambda policy: bool(
            {each.purpose for each in policy.purposes_standing} - set(policy.purposes)
        ),
    ),
    _Together(
        "purposes",
        "X3",
        "purposes must hold at least one where purpose_required is true.",
        lambda policy: policy.purpose_required and not policy.purposes,
    ),
    _Together(
        "looking_until_hour",
        "X3",
        "looking_until_hour must be later than looking_from_hour.",
        lambda policy: policy.looking_from_hour >= policy.looking_until_hour,
    ),
)


def read_value(key: str, value: object) -> object:
    """One value as the policy keeps it, whatever its others are. Refuses as a whole policy does."""
    known = POLICY_KEYS.get(key)
    if known is None:
        raise RuleRefused("policy-key-unknown", "policy", "There is no such policy key.", key)
    try:
        return known.check.read(value)
    except ValueError as error:
        message = f"{key} must be {known.check.accepts}."
        raise RuleRefused("policy-value-invalid", known.clause, message, key) from error


def policy_from_values(version: int, effective_from: date, values: Mapping[str, object]) -> Policy:
    """A policy from an authority's own values; what it leaves out keeps the default.

    Refuses a key that is not in ``POLICY_KEYS`` and a value the key does not accept; the
    refusal's ``field`` names the key.
    """
    read = {key: read_value(key, value) for key, value in values.items()}
    policy = Policy(version, effective_from, **read)  # type: ignore[arg-type] # checked above
    for rule in _TOGETHER:
        if rule.broken(policy):
            raise RuleRefused("policy-value-invalid", rule.clause, rule.message, rule.key)
    return policy


def carried_into(
    later: Mapping[str, object], kept: Mapping[str, object], changes: Mapping[str, object]
) -> dict[str, object]:
    """A later version's values with the changes of an earlier day, except where it decides itself.

    ``kept`` are the values that the changes replace: a later version that has another value for a
    key was made to change it, and stands.
    """
    unsaid = {key: value for key, value in changes.items() if later.get(key) == kept.get(key)}
    return {**later, **unsaid}


def policy_in_force(versions: Iterable[Policy], on: date) -> Policy:
    """The policy for a London date: the latest effective one, the higher version on a tie.

    Refuses when none was effective yet.
    """
    effective = [policy for policy in versions if policy.effective_from <= on]
    if not effective:
        raise RuleRefused("no-policy", "policy", "No policy was in force on that date.")
    return max(effective, key=lambda policy: (policy.effective_from, policy.version))
