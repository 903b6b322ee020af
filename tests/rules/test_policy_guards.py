"""X3: in which direction a change of the policy protects people less."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from qa_api.rules.policy import Policy
from qa_api.rules.policy_guards import WEAKENED_WHEN, WeakenedWhen, weakened_by
from qa_api.rules.policy_values import (
    ClosureActionStandard,
    LookedAt,
    LookingRule,
    OverdueStep,
    Recipient,
    RetentionRule,
    StandingPurpose,
)

POLICY = Policy(version=1, effective_from=date(2026, 4, 1))
MANAGER, HEAD = Recipient.TEAM_MANAGER, Recipient.HEAD_OF_SERVICE
ACCOUNT = "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90"

RAISED = [key for key, when in WEAKENED_WHEN.items() if when is WeakenedWhen.RAISED]
LOWERED = [key for key, when in WEAKENED_WHEN.items() if when is WeakenedWhen.LOWERED]
NUMBERS = [key for key in (*RAISED, *LOWERED) if key != "in_use_from"]


def weakened(key: str, before: Any, after: Any) -> bool:
    """Whether a change of one key from one value to another makes a safeguard weaker."""
    found = weakened_by(replace(POLICY, **{key: before}), replace(POLICY, **{key: after}))
    assert set(found) <= {key}, "no other key has changed"
    return found == (key,)


@pytest.mark.parametrize("key", NUMBERS)
def test_a_figure_protects_less_in_one_direction_and_more_in_the_other(key: str) -> None:
    assert weakened(key, 5, 6) is (key in RAISED)
    assert weakened(key, 5, 4) is (key in LOWERED)
    assert not weakened(key, 5, 5)


def test_a_later_first_day_of_use_takes_its_safeguards_from_the_days_before() -> None:
    first, later = date(2026, 4, 1), date(2026, 4, 2)
    assert weakened("in_use_from", first, later)
    assert not weakened("in_use_from", first, first)
    assert not weakened("in_use_from", later, first)


def test_only_to_ask_for_purposes_no_more_is_weaker() -> None:
    assert weakened("purpose_required", True, False)
    assert not any(weakened("purpose_required", was, True) for was in (True, False))
    assert not weakened("purpose_required", False, False)


def test_any_other_choice_counts_as_weaker_where_none_is_the_stronger() -> None:
    verified, done = ClosureActionStandard.VERIFIED, ClosureActionStandard.DONE
    assert weakened("closure_action_standard", verified, done)
    assert weakened("closure_action_standard", done, verified)
    assert not weakened("closure_action_standard", done, done)


INSPECTION = StandingPurpose(ACCOUNT, "inspection")


@pytest.mark.parametrize(
    ("key", "before", "after", "weaker"),
    [
        ("closure_exempt_reasons", (), ("moved",), True),
        ("closure_exempt_reasons", ("died",), ("moved",), True),
        ("closure_exempt_reasons", ("died", "moved"), ("moved",), False),
        ("closure_exempt_reasons", ("died", "moved"), ("moved", "died"), False),
        ("purposes", ("complaint",), ("complaint", "curiosity"), True),
        ("purposes", ("complaint",), (), False),
        ("purposes_standing", (), (INSPECTION,), True),
        ("purposes_standing", (INSPECTION,), (replace(INSPECTION, purpose="complaint"),), True),
        ("purposes_standing", (INSPECTION,), (), False),
    ],
)
def test_an_exception_more_is_weaker_and_one_less_is_not(
    key: str, before: tuple[Any, ...], after: tuple[Any, ...], weaker: bool
) -> None:
    assert weakened(key, before, after) is weaker


@pytest.mark.parametrize(
    ("after", "weaker"),
    [
        ([(1, MANAGER), (5, HEAD)], False),
        ([(1, MANAGER), (4, HEAD)], False),
        ([(1, MANAGER), (3, Recipient.QUALITY_STANDARDS), (5, HEAD)], False),
        ([(1, MANAGER), (6, HEAD)], True),
        ([(5, HEAD)], True),
        ([(1, HEAD), (5, MANAGER)], True),
        ([], True),
    ],
)
def test_to_tell_one_person_later_or_not_at_all_is_weaker(
    after: list[tuple[int, Recipient]], weaker: bool
) -> None:
    before = (OverdueStep(1, MANAGER), OverdueStep(5, HEAD))
    steps = tuple(OverdueStep(*each) for each in after)
    assert weakened("response_overdue_steps", before, steps) is weaker


@pytest.mark.parametrize(
    ("after", "weaker"),
    [
        ([(LookingRule.OUT_OF_HOURS, "worker")], False),
        ([(LookingRule.OUT_OF_HOURS, "auditor", "worker")], False),
        ([(LookingRule.OUT_OF_HOURS, "auditor")], True),
        ([(LookingRule.OUTSIDE_TEAMS, "worker")], True),
        ([], True),
    ],
)
def test_to_look_at_the_reads_of_fewer_is_weaker(after: list[Any], weaker: bool) -> None:
    before = (LookedAt(LookingRule.OUT_OF_HOURS, ("worker",)),)
    rules = tuple(LookedAt(rule, tuple(roles)) for rule, *roles in after)
    assert weakened("looking_rules", before, rules) is weaker


@pytest.mark.parametrize(
    ("after", "weaker"),
    [
        ([("child_record", 75, "born_on")], False),
        ([("child_record", 76, "born_on")], False),
        ([], False),  # without a rule a record is kept for ever
        ([("child_record", 74, "born_on")], True),
        ([("child_record", 75, "died_on")], True),
        ([("child_record", 75, "born_on"), ("carer_record", 75, "born_on")], True),
    ],
)
def test_to_keep_a_record_for_less_time_is_weaker(after: list[Any], weaker: bool) -> None:
    before = (RetentionRule("child_record", 75, "born_on"),)
    rules = tuple(RetentionRule(*each) for each in after)
    assert weakened("retention_rules", before, rules) is weaker


def test_a_rule_of_retention_is_measured_by_that_of_its_own_class() -> None:
    carers, children = RetentionRule("carer", 10, "born_on"), RetentionRule("child", 75, "born_on")
    assert not weakened("retention_rules", (carers, children), (children, carers))
    assert weakened("retention_rules", (carers, children), (replace(children, years=10), carers))


def test_a_figure_of_the_procedures_own_never_needs_a_second_person() -> None:
    changed = replace(POLICY, response_working_days=30, observations_required=0)
    assert weakened_by(POLICY, changed) == weakened_by(changed, POLICY) == ()


def test_each_key_that_protects_less_is_named_in_the_order_of_the_rule_book() -> None:
    changed = replace(POLICY, own_view_days=1, small_cell_minimum=2, acknowledge_working_days=30)
    named = weakened_by(POLICY, changed)
    assert named == ("small_cell_minimum", "acknowledge_working_days", "own_view_days")
    assert weakened_by(changed, POLICY) == ()
