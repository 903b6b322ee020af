"""A refusal for the state of a thing speaks of what callers know: things, people and operations."""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import qa_api
from qa_api.auth.steps import ACTION_PERMISSIONS
from qa_api.http.errors import from_rule
from qa_api.rules.decision import AlreadySo, NotAllowedInState
from qa_api.rules.settled import SETTLED
from qa_api.rules.steps import AFTERWARDS, STEPS, THINGS, said_of, takeable
from qa_api.rules.transitions import TRANSITIONS, allowed_actions, next_state
from tests.contract.document import operations

BY_NAME = {operation.content["operationId"]: operation for operation in operations()}


def refusals() -> Iterator[tuple[str, str, str]]:
    """Every step that some state does not allow: the thing, its state, the step."""
    for aggregate in {step.aggregate for step in TRANSITIONS}:
        of_it = [step for step in TRANSITIONS if step.aggregate == aggregate]
        allowed = {(step.from_state, step.action) for step in of_it}
        states = {state for step in of_it for state in (step.from_state, step.to_state)}
        for state in sorted(states):
            for action in sorted({step.action for step in of_it}):
                if (state, action) not in allowed:
                    yield aggregate, state, action


EVERY_REFUSAL = sorted(refusals())


def test_every_thing_with_a_life_cycle_has_a_name_and_refuses_something() -> None:
    assert {aggregate for aggregate, _, _ in EVERY_REFUSAL} == set(THINGS)
    assert len(EVERY_REFUSAL) > 200


def test_every_refusal_is_in_words_and_offers_only_what_somebody_can_ask_for() -> None:
    for aggregate, state, action in EVERY_REFUSAL:
        with pytest.raises(NotAllowedInState) as refused:
            next_state(aggregate, state, action)
        problem = from_rule(refused.value)
        # Whole sentences, without a name of a table or a step.
        assert re.fullmatch(r"This [A-Za-z][^_{}\[\]]*\. [A-Z][^_{}\[\]]*\.", problem.detail), (
            problem.detail
        )
        assert THINGS[aggregate] in problem.detail
        offered = problem.members["allowed_actions"]
        assert isinstance(offered, list)
        for step in (STEPS[aggregate, each] for each in offered):
            assert step.says in problem.detail
            assert step.who.lower() in problem.detail.lower()
        if not offered:
            # Then what can be done instead is said, and by whom.
            instead = AFTERWARDS[aggregate, state]
            assert problem.detail.endswith(
                f"Nothing further can be done with it. {said_of([instead])}"
            )


@pytest.mark.parametrize(("aggregate", "state"), sorted(AFTERWARDS))
def test_what_can_be_done_instead_is_an_operation(aggregate: str, state: str) -> None:
    assert not takeable(aggregate, allowed_actions(aggregate, state))
    assert AFTERWARDS[aggregate, state].operation in BY_NAME


@pytest.mark.parametrize("what", sorted(SETTLED))
def test_what_stands_already_says_what_it_is_what_is_next_and_by_whom(what: str) -> None:
    settled = SETTLED[what]
    named = {name for _, name, _, _ in Formatter().parse(settled.says) if name}
    named |= {
        name
        for step in settled.steps.values()
        for _, name, _, _ in Formatter().parse(step.says)
        if name
    }
    problem = from_rule(AlreadySo(what, **dict.fromkeys(named, 2029)))
    assert (problem.status, problem.members["state"]) == (409, settled.state)
    assert problem.members["allowed_actions"] == sorted(settled.steps)
    assert re.fullmatch(r"[A-Z][^_{}\[\]]*\. [A-Z][^_{}\[\]]*\.", problem.detail), problem.detail
    assert settled.steps, "somebody can always do something"
    for step in settled.steps.values():
        assert step.operation in BY_NAME
        assert step.says.split("{")[0] in problem.detail
        assert step.who.lower() in problem.detail.lower()


def test_no_conflict_is_raised_in_words_of_its_own() -> None:
    """One mechanism words them all: a domain raises a rule's refusal, never the bare problem."""
    sources = Path(qa_api.__file__).parent
    raising = {
        str(source.relative_to(sources))
        for source in sources.rglob("*.py")
        if "state_conflict(" in source.read_text() or '"state-conflict"' in source.read_text()
    }
    assert raising == {
        "http/errors.py",
        "http/openapi_guards.py",
        "problems/__init__.py",
        "problems/catalogue.py",
        "rules/decision.py",
    }


def test_a_condition_beside_the_state_is_told_between_what_it_is_and_what_is_next() -> None:
    refused = NotAllowedInState(
        "§3, C5",
        "closure_gate",
        "awaiting_audit",
        ("approve_override",),
        "An override has been asked for already.",
    )
    assert refused.message == (
        "This closure gate is waiting for the closure audit."
        " An override has been asked for already."
        " A second manager or Quality & Standards can approve an override that was asked for."
    )


def test_the_steps_are_those_that_a_permission_stands_behind() -> None:
    assert set(STEPS) == set(ACTION_PERMISSIONS)


@pytest.mark.parametrize(("aggregate", "action"), sorted(STEPS))
def test_every_step_has_an_operation_with_its_permission(aggregate: str, action: str) -> None:
    operation = BY_NAME[STEPS[aggregate, action].operation]
    assert operation.permission == ACTION_PERMISSIONS[aggregate, action]


def test_a_refusal_reads_as_a_colleague_would_say_it() -> None:
    with pytest.raises(NotAllowedInState) as refused:
        next_state("audit_response", "submitted", "submit")
    assert refused.value.message == (
        "This audit response is submitted and waiting for its review."
        " The team's manager or whoever acts for them can return it or find it adequate."
    )
    assert refused.value.allowed == ("return", "accept")
