"""What can be done with a thing is an enum of its own kind, with words for people."""

from typing import Final

import pytest

from qa_api.rules.states import GateState
from qa_api.rules.steps import STEPS, described
from tests.api import contract
from tests.contract.document import Json

SCHEMAS: Final[Json] = contract()["components"]["schemas"]
TELLING: Final = [
    name
    for name, schema in SCHEMAS.items()
    if "allowed_actions" in schema.get("properties", {}) and name != "Problem"
]


def enum_of(schema: str) -> tuple[str, Json]:
    reference = SCHEMAS[schema]["properties"]["allowed_actions"]["items"]["$ref"]
    name = reference.rpartition("/")[2]
    return name, SCHEMAS[name]


@pytest.mark.parametrize("schema", TELLING)
def test_what_can_be_done_with_a_thing_is_a_closed_set_of_its_own(schema: str) -> None:
    name, enum = enum_of(schema)
    assert name.endswith("Step")
    assert len(enum["enum"]) == len(set(enum["enum"])) == len(enum["x-enum-descriptions"])
    assert SCHEMAS[schema]["properties"]["allowed_actions"]["maxItems"] == len(enum["enum"])


def test_every_step_that_somebody_can_take_is_a_member_and_no_other() -> None:
    members = {
        ("".join(word.title() for word in aggregate.split("_")) + "Step", action)
        for aggregate, action in STEPS
    }
    declared = {(name, action) for name, enum in map(enum_of, TELLING) for action in enum["enum"]}
    assert declared - members == {("BoardDecisionStep", "complete")}, "it has no life cycle"
    assert members <= declared


def test_a_step_and_a_state_are_told_in_the_words_of_the_refusals() -> None:
    name, enum = enum_of("GateOut")
    told = dict(zip(enum["enum"], enum["x-enum-descriptions"], strict=True))
    assert (name, told["request_override"]) == ("ClosureGateStep", "Ask for an override")
    states = SCHEMAS["GateState"]
    assert states["x-enum-descriptions"] == [
        described("closure_gate", state) for state in states["enum"]
    ]
    assert described("closure_gate", GateState.AWAITING_AUDIT) == "Waiting for the closure audit"
