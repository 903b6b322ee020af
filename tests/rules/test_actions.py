"""R4.2.6: never the doer, and visible until verified."""

from datetime import date

import pytest

from qa_api.rules.actions import (
    Capacity,
    check_canceller,
    check_corrector,
    check_done,
    check_moved,
    check_new_finish,
    check_new_owner,
    check_verifier,
    holds_gate,
    is_action_overdue,
    missed_by,
)
from qa_api.rules.decision import RuleRefused
from qa_api.rules.policy_values import ClosureActionStandard
from qa_api.rules.states import ActionState
from tests.rules.refusing import Refusal, refusal

CLAUSE = "§4.2, R4.2.6"
TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 24)


@pytest.mark.parametrize("capacity", list(Capacity))
def test_auditor_manager_and_quality_standards_verify(capacity: Capacity) -> None:
    check_verifier("somebody", {capacity}, {"worker"})


@pytest.mark.parametrize("check", [check_verifier, check_canceller])
def test_the_doer_never_settles_their_own_action(check: object) -> None:
    assert callable(check)
    with pytest.raises(RuleRefused) as refused:
        check("worker", set(Capacity), {"worker", "helper"})
    assert refused.value.code == "own-work"


def test_others_verify_nothing() -> None:
    with pytest.raises(RuleRefused) as refused:
        check_verifier("colleague", set(), {"worker"})
    assert refused.value.code == "not-a-verifier"


def test_only_the_manager_and_quality_standards_cancel() -> None:
    check_canceller("tm", {Capacity.TEAM_MANAGER}, {"worker"})
    check_canceller("qs", {Capacity.QUALITY_STANDARDS}, {"worker"})
    with pytest.raises(RuleRefused) as refused:
        check_canceller("auditor", {Capacity.AUDITOR}, {"worker"})
    assert refused.value.code == "not-a-canceller"


def test_an_action_is_promised_for_a_day_that_has_not_passed() -> None:
    assert refusal(check_new_finish, TODAY, TODAY) is None
    past = refusal(check_new_finish, YESTERDAY, TODAY)
    assert past == Refusal("date-in-the-past", CLAUSE, "finish_on")


def test_an_action_was_done_from_the_day_on_which_it_was_set_to_today() -> None:
    assert refusal(check_done, TODAY, TODAY, TODAY) is None
    future = refusal(check_done, TOMORROW, TODAY, TODAY)
    assert future == Refusal("date-in-the-future", CLAUSE, "done_on")
    unasked = refusal(check_done, YESTERDAY, TODAY, TODAY)
    assert unasked == Refusal("date-before-set", CLAUSE, "done_on")


def test_a_date_is_moved_to_another_one() -> None:
    assert refusal(check_moved, TOMORROW, TODAY) is None
    assert refusal(check_moved, TODAY, None) is None
    assert refusal(check_moved, TODAY, TODAY) == Refusal("date-unchanged", CLAUSE, "finish_on")


MANAGER, QS = {Capacity.TEAM_MANAGER}, {Capacity.QUALITY_STANDARDS}
NOT_A_CORRECTOR = Refusal("not-a-corrector", CLAUSE)
VERIFIED_ALREADY = Refusal("verified-already", CLAUSE)


@pytest.mark.parametrize(
    ("person", "capacities", "before", "once_verified"),
    [
        ("worker", set(), None, VERIFIED_ALREADY),
        ("worker", {Capacity.AUDITOR}, None, VERIFIED_ALREADY),
        ("tm", MANAGER, None, None),
        ("qs", QS, None, None),
        # A manager who did it is its doer too: nobody alters what somebody else has verified of it.
        ("worker", MANAGER | QS, None, VERIFIED_ALREADY),
        ("auditor", {Capacity.AUDITOR}, NOT_A_CORRECTOR, NOT_A_CORRECTOR),
        ("colleague", set(), NOT_A_CORRECTOR, NOT_A_CORRECTOR),
    ],
)
def test_the_day_is_corrected_by_the_doer_until_it_is_verified_and_by_managers(
    person: str, capacities: set[Capacity], before: Refusal | None, once_verified: Refusal | None
) -> None:
    for state in ActionState:
        told = refusal(check_corrector, person, capacities, {"worker"}, state)
        assert told == (once_verified if state is ActionState.VERIFIED else before), state


def test_an_action_goes_to_another_owner_than_it_has() -> None:
    for before, owner in ((None, "sw-1"), ("sw-1", "sw-2"), ("sw-1", None)):
        assert refusal(check_new_owner, before, owner) is None
    same = Refusal("same-owner", CLAUSE, "owner")
    assert refusal(check_new_owner, "sw-1", "sw-1") == same
    assert refusal(check_new_owner, None, None) == same


def test_an_action_without_a_named_owner_follows_the_case_and_the_refusal_says_so() -> None:
    with pytest.raises(RuleRefused, match="follows the case"):
        check_new_owner(None, None)
    with pytest.raises(RuleRefused, match="has the action already"):
        check_new_owner("sw-1", "sw-1")


@pytest.mark.parametrize(
    ("state", "finish_on", "done_on", "overdue"),
    [
        (ActionState.PLANNED, TODAY, None, False),
        (ActionState.PLANNED, YESTERDAY, None, True),
        (ActionState.OPEN, None, None, False),
        (ActionState.DONE, YESTERDAY, YESTERDAY, False),
        (ActionState.DONE, YESTERDAY, TODAY, True),  # done late: visible until verified
        (ActionState.VERIFIED, YESTERDAY, TODAY, False),
        (ActionState.CANCELLED, YESTERDAY, None, False),
    ],
)
def test_an_overdue_action_is_visible_until_it_is_settled(
    state: ActionState, finish_on: date | None, done_on: date | None, overdue: bool
) -> None:
    assert is_action_overdue(state, finish_on, done_on, TODAY) is overdue


@pytest.mark.parametrize("state", list(ActionState))
def test_a_missed_date_is_overdue_until_it_is_settled_whatever_is_promised(
    state: ActionState,
) -> None:
    overdue = is_action_overdue(state, TOMORROW, TODAY, TODAY, missed_on=YESTERDAY)
    assert overdue is (state not in {ActionState.VERIFIED, ActionState.CANCELLED})


def test_a_date_is_missed_once_it_has_passed_and_the_earliest_counts() -> None:
    assert missed_by(None, None, TODAY) is None
    assert missed_by(TODAY, None, TODAY) is None
    assert missed_by(YESTERDAY, None, TODAY) == YESTERDAY
    assert missed_by(TODAY, YESTERDAY, TOMORROW) == YESTERDAY


@pytest.mark.parametrize(
    ("state", "done_is_enough", "verified_is_needed"),
    [
        (ActionState.OPEN, True, True),
        (ActionState.PLANNED, True, True),
        (ActionState.DONE, False, True),
        (ActionState.VERIFIED, False, False),
        (ActionState.CANCELLED, False, False),
    ],
)
def test_how_far_an_action_must_be_before_closure_is_policy(
    state: ActionState, done_is_enough: bool, verified_is_needed: bool
) -> None:
    assert holds_gate(state, ClosureActionStandard.DONE) is done_is_enough
    assert holds_gate(state, ClosureActionStandard.VERIFIED) is verified_is_needed
