"""What somebody can do next is said as a colleague would say it."""

import pytest

from qa_api.rules.steps import (
    AFTERWARDS,
    THINGS,
    Step,
    described,
    said_of,
    standing,
    takeable,
    what_is_next,
)

START, CANCEL = Step("its auditor", "start it", "a"), Step("its auditor", "cancel it", "b")
AMEND, LOOK = Step("its auditor", "amend it", "c"), Step("a moderator", "look at it", "d")


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([], ""),
        ([START], "Its auditor can start it."),
        ([START, CANCEL], "Its auditor can start it or cancel it."),
        ([START, CANCEL, AMEND], "Its auditor can start it, cancel it or amend it."),
        (
            [START, LOOK, CANCEL],
            "Its auditor can start it or cancel it; a moderator can look at it.",
        ),
    ],
    ids=["none", "one", "two", "three", "of two people"],
)
def test_the_steps_of_one_person_are_said_together(steps: list[Step], said: str) -> None:
    assert said_of(steps) == said


@pytest.mark.parametrize(
    ("aggregate", "state", "sentence", "alone"),
    [
        ("audit", "planned", "This audit is planned.", "Planned"),
        ("audit", "in_progress", "This audit is in progress.", "In progress"),
        ("quarter_plan", "draft", "This quarter plan is a draft.", "Draft"),
        (
            "escalation",
            "quality_standards_informed",
            "This escalation is with Quality & Standards, who are informed.",
            "With Quality & Standards, who are informed",
        ),
        # A state without words of its own is read as it is written.
        ("retention_run", "being_carried_out", "This retention run is being carried out.", None),
    ],
)
def test_where_a_thing_stands_is_said_in_words(
    aggregate: str, state: str, sentence: str, alone: str | None
) -> None:
    assert standing(aggregate, state) == sentence
    assert alone is None or described(aggregate, state) == alone


def test_of_the_steps_of_a_state_only_those_that_somebody_can_ask_for_are_told_once() -> None:
    steps = ("start", "notification_arrived", "cancel", "start")
    assert takeable("audit", steps) == ("start", "cancel")
    told = what_is_next("audit", "planned", steps)
    assert told.count("start it") == 1
    assert "notification" not in told


def test_where_nothing_can_be_done_any_more_it_is_said_who_can_do_what_instead() -> None:
    for (aggregate, state), instead in AFTERWARDS.items():
        told = what_is_next(aggregate, state, ())
        assert told == f"Nothing further can be done with it. {said_of([instead])}"
    assert what_is_next("audit", "closed", ()) == "Nothing further can be done with it."
    assert {aggregate for aggregate, _ in AFTERWARDS} <= set(THINGS)
