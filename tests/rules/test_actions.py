"""R4.2.6: never the doer, and visible until verified."""

from datetime import date

import pytest

from qa_api.rules.actions import (
    Capacity,
    check_canceller,
    check_done,
    check_moved,
    check_new_finish,
    check_verifier,
    holds_gate,
    is_action_overdue,
    missed_by,
)
from qa_api.rules.decision import RuleRefused
from qa_api.rules.policy_values import ClosureActionStandard
from qa_api.rules.states import ActionState

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


def test_dates_of_an_action_are_sane() -> None:
    check_new_finish(TODAY, TODAY)
    check_done(TODAY, TODAY, TODAY)
    with pytest.raises(RuleRefused) as past:
        check_new_finish(YESTERDAY, TODAY)
    assert past.value.field == "finish_on"
    with pytest.raises(RuleRefused) as future:
        check_done(TOMORROW, TODAY, TODAY)
    assert future.value.field == "done_on"
    with pytest.raises(RuleRefused) as unasked:
        check_done(YESTERDAY, TODAY, TODAY)
    assert (unasked.value.code, unasked.value.field) == ("date-before-set", "done_on")
    check_moved(TOMORROW, TODAY)
    with pytest.raises(RuleRefused) as same:
        check_moved(TODAY, TODAY)
    assert same.value.field == "finish_on"


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
