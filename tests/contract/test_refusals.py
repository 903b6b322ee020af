"""A refusal for the state of a thing speaks of what callers know: things, people and operations."""

import re
from collections.abc import Iterator

import pytest

from qa_api.auth.roles import ACTION_PERMISSIONS
from qa_api.http.errors import from_rule
from qa_api.rules.decision import NotAllowedInState
from qa_api.rules.steps import STEPS, THINGS
from qa_api.rules.transitions import TRANSITIONS, next_state
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
        # Two sentences, whole, without a name of a table or a step.
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
            assert problem.detail.endswith("Nothing further can be done with it.")


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
