"""§4.2 and Traps 2 and 3: every action is covered, and submitted is not adequate."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.rules.decision import RuleRefused
from qa_api.rules.responses import (
    ResponseItem,
    ReviewOutcome,
    Round,
    adequate_on_time,
    check_response,
    check_reviewer,
    first_submitted_on_time,
    response_required,
    step_for,
    what_is_missing,
)
from qa_api.rules.states import ActionState

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
    assert [m.code for m in refused.value.missing] == ["action-not-covered"]
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
        (replace(LATER, how="  "), "/items/1/how", "how-missing"),
        (replace(LATER, done_on=TODAY), "/items/1", "done-and-later"),
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
    with pytest.raises(RuleRefused):
        step_for(LATER, ActionState.DONE)


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


@pytest.mark.parametrize("person", ["auditor", "judged", "submitter"])
def test_auditor_judged_and_submitter_review_nothing(person: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        check_reviewer(person, "auditor", "judged", {"submitter"})
    assert (refused.value.code, refused.value.clause) == ("own-work", "§4.2, R4.2.4")
    check_reviewer("manager", "auditor", None, {"submitter"})
