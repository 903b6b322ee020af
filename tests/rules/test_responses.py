"""§4.2 and Traps 2 and 3: every action is covered, and submitted is not adequate."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.decision import RuleRefused
from qa_api.rules.responses import (
    ResponseItem,
    ReviewOutcome,
    Round,
    adequate_on_time,
    answered_before_told,
    check_on_behalf,
    check_responder,
    check_response,
    check_reviewer,
    first_submitted_on_time,
    response_required,
    step_for,
    what_is_missing,
)
from qa_api.rules.states import ActionState
from tests.rules.refusing import Refusal, refusal

CLAUSE = "§4.2, R4.2.3"
TODAY = date(2026, 11, 23)
DONE = ResponseItem("a1", "The visit was made.", done_on=TODAY)
LATER = ResponseItem(
    "a2",
    "A new plan will be written.",
    not_immediate_because="The meeting is next week.",
    finish_on=date(2026, 12, 4),
)


def codes(*items: ResponseItem) -> list[tuple[str, str]]:
    return [(m.pointer, m.code) for m in what_is_missing(["a1", "a2"], items, TODAY)]


def test_a_response_that_covers_everything_stands() -> None:
    check_response(["a1", "a2"], [LATER, DONE], TODAY)
    check_response([], [], TODAY)


def test_a_response_that_misses_an_action_is_refused_naming_it() -> None:
    with pytest.raises(RuleRefused) as refused:
        check_response(["a1", "a2"], [DONE], TODAY)
    assert refused.value.code == "response-incomplete"
    assert refused.value.clause == "§4.2, R4.2.3"
    assert [(m.pointer, m.code) for m in refused.value.missing] == [
        ("/items", "action-not-covered")
    ]
    assert "a2" in refused.value.missing[0].detail


@pytest.mark.parametrize(
    ("item", "pointer", "code"),
    [
        (replace(LATER, finish_on=None), "/items/1/finish_on", "date-missing"),
        (replace(LATER, finish_on=date(2026, 11, 22)), "/items/1/finish_on", "date-in-the-past"),
        (
            replace(LATER, not_immediate_because=" "),
            "/items/1/not_immediate_because",
            "reason-missing",
        ),
        (
            replace(LATER, not_immediate_because=None),
            "/items/1/not_immediate_because",
            "reason-missing",
        ),
        (replace(LATER, how="  "), "/items/1/how", "how-missing"),
        (replace(LATER, done_on=TODAY), "/items/1", "done-and-later"),
        (
            ResponseItem("a2", "Done.", done_on=TODAY, finish_on=date(2026, 12, 4)),
            "/items/1",
            "done-and-later",
        ),
        (
            ResponseItem("a2", "Done.", done_on=TODAY, not_immediate_because="The meeting."),
            "/items/1",
            "done-and-later",
        ),
        (
            ResponseItem("a2", "Done.", done_on=date(2026, 11, 24)),
            "/items/1/done_on",
            "date-in-the-future",
        ),
    ],
)
def test_an_item_is_done_or_dated_with_a_reason(
    item: ResponseItem, pointer: str, code: str
) -> None:
    assert codes(DONE, item) == [(pointer, code)]


def test_an_action_may_be_promised_for_today() -> None:
    assert codes(DONE, replace(LATER, finish_on=TODAY)) == []


def test_nothing_was_done_before_it_was_asked_for() -> None:
    set_on = {"a1": TODAY, "a2": TODAY + timedelta(days=1)}
    check_response(["a1", "a2"], [DONE, LATER], TODAY, set_on=set_on)
    too_early = [replace(DONE, done_on=TODAY - timedelta(days=1)), LATER]
    check_response(["a1", "a2"], too_early, TODAY)
    with pytest.raises(RuleRefused) as refused:
        check_response(["a1", "a2"], too_early, TODAY, set_on=set_on)
    (missing,) = refused.value.missing
    assert (missing.pointer, missing.code) == ("/items/0/done_on", "date-before-set")


def test_an_item_for_nobodys_action_and_a_second_one_are_refused() -> None:
    assert codes(DONE, LATER, replace(DONE, action="x")) == [("/items/2/action", "action-unknown")]
    assert [code for _, code in codes(DONE, LATER, DONE)] == ["action-covered-twice"] * 2


def test_a_cancelled_action_may_be_covered_and_need_not_be() -> None:
    check_response(["a1"], [DONE], TODAY, also_known=["a2"])
    check_response(["a1"], [DONE, LATER], TODAY, also_known=["a2"])


@given(st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_exactly_the_uncovered_actions_are_named(actions: set[str], covered: set[str]) -> None:
    items = [replace(DONE, action=action) for action in sorted(covered)]
    missing = what_is_missing(sorted(actions), items, TODAY, also_known=covered)
    assert [m.detail for m in missing] == [
        f"Action {action} is not covered." for action in sorted(actions - covered)
    ]


def test_a_response_is_required_where_there_are_actions() -> None:
    assert not response_required([])
    assert not response_required([ActionState.CANCELLED])
    assert response_required([ActionState.CANCELLED, ActionState.OPEN])


@pytest.mark.parametrize(
    ("item", "state", "step"),
    [
        (DONE, ActionState.OPEN, "complete"),
        (DONE, ActionState.PLANNED, "complete"),
        (DONE, ActionState.DONE, None),
        (LATER, ActionState.OPEN, "plan"),
        (LATER, ActionState.PLANNED, "replan"),
        (LATER, ActionState.VERIFIED, None),
        (DONE, ActionState.CANCELLED, None),
    ],
)
def test_an_item_moves_its_action(item: ResponseItem, state: ActionState, step: str | None) -> None:
    assert step_for(item, state) == step


def test_a_response_does_not_take_back_what_is_done() -> None:
    told = refusal(step_for, LATER, ActionState.DONE)
    assert told == Refusal("already-done", "§4.2, R4.2.6", "finish_on")


DUE = date(2026, 11, 27)
IN_TIME = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
LATE = datetime(2026, 11, 28, 0, 0, tzinfo=UTC)
ADEQUATE, RETURNED = ReviewOutcome.ADEQUATE, ReviewOutcome.RETURNED


@pytest.mark.parametrize(
    ("rounds", "today", "first", "adequate"),
    [
        ([], DUE, None, None),
        ([], date(2026, 11, 28), False, False),
        ([Round(IN_TIME)], date(2026, 12, 1), True, None),
        ([Round(LATE)], date(2026, 12, 1), False, False),
        ([Round(IN_TIME, ADEQUATE)], date(2026, 12, 1), True, True),
        ([Round(LATE, ADEQUATE)], date(2026, 12, 1), False, False),
        ([Round(IN_TIME, RETURNED)], DUE, True, None),
        # Submitted in time and returned is not adequate in time.
        ([Round(IN_TIME, RETURNED)], date(2026, 12, 1), True, False),
        ([Round(IN_TIME, RETURNED), Round(LATE, ADEQUATE)], date(2026, 12, 1), True, False),
        ([Round(IN_TIME, RETURNED), Round(IN_TIME, ADEQUATE)], date(2026, 12, 1), True, True),
        ([Round(IN_TIME, RETURNED), Round(IN_TIME)], date(2026, 12, 1), True, None),
    ],
)
def test_first_submitted_and_adequate_are_two_figures(
    rounds: list[Round], today: date, first: bool | None, adequate: bool | None
) -> None:
    assert first_submitted_on_time(rounds, DUE, today) is first
    assert adequate_on_time(rounds, DUE, today) is adequate


def test_the_day_of_submission_is_londons() -> None:
    due = date(2024, 6, 13)
    midnight_passed = datetime(2024, 6, 13, 23, 30, tzinfo=UTC)
    assert first_submitted_on_time([Round(midnight_passed)], due, date(2024, 6, 14)) is False


def test_before_notification_nothing_is_late() -> None:
    assert first_submitted_on_time([Round(LATE)], None, date(2027, 1, 1)) is True
    assert first_submitted_on_time([], None, date(2027, 1, 1)) is None
    assert adequate_on_time([Round(LATE, ADEQUATE)], None, date(2027, 1, 1)) is True


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_no_clock_starts_for_what_was_answered_by_the_time_the_worker_was_told(
    seconds: int,
) -> None:
    answered = IN_TIME + timedelta(seconds=seconds)
    assert answered_before_told(answered, IN_TIME) is (seconds <= 0)
    assert not answered_before_told(None, IN_TIME), "nothing adequate is no answer"


def test_nobody_answers_what_they_asked_themselves() -> None:
    told = refusal(check_responder, "auditor", "auditor")
    assert told == Refusal("own-audit", CLAUSE)
    assert refusal(check_responder, "worker", "auditor") is None
    assert refusal(check_responder, "worker", None) is None


def test_who_responds_for_somebody_else_says_so_and_nobody_else_does() -> None:
    assert check_on_behalf("manager", "worker", said=True) is True
    assert check_on_behalf("worker", "worker", said=False) is False
    unsaid = refusal(check_on_behalf, "manager", "worker", said=False)
    assert unsaid == Refusal("on-behalf-unsaid", CLAUSE, "on_behalf")
    for_oneself = refusal(check_on_behalf, "worker", "worker", said=True)
    assert for_oneself == Refusal("on-behalf-of-oneself", CLAUSE, "on_behalf")


def test_where_nobody_is_to_respond_whoever_does_responds_on_behalf() -> None:
    assert check_on_behalf("manager", None, said=True) is True


@pytest.mark.parametrize("person", ["auditor", "judged", "submitter"])
def test_auditor_judged_and_submitter_review_nothing(person: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        check_reviewer(person, "auditor", "judged", {"submitter"})
    assert (refused.value.code, refused.value.clause) == ("own-work", "§4.2, R4.2.4")
    check_reviewer("manager", "auditor", None, {"submitter"})
