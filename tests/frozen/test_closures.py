"""A gate and a closing move by what is told (§3, C2 to C6)."""

from collections.abc import Mapping
from typing import Final

import asyncpg
import pytest

from tests.conftest import Database
from tests.frozen.additions import NOTHING, WAITING
from tests.frozen.statements import (
    AT_THE_COMMIT,
    FOURTH,
    ONE,
    OTHER,
    SIXTH,
    THIRD,
    Row,
    Statement,
    configured,
    new,
    tried,
)

_CLEAR: Final = (
    "UPDATE closure_gates SET state = 'clear', cleared_at = now(), may_close = current,"
    f" explanation = {NOTHING} WHERE id = {{0}}"
)
_EXEMPT: Final = (
    "UPDATE closure_gates SET state = 'exempt', may_close = true, policy_version = 77,"
    f" reason_code = '{{0}}', explanation = {NOTHING} WHERE id = {ONE}"
)
_CLOSING_MOVED: Final = (
    "UPDATE closure_gates SET closed_at = closed_at + interval '1 day', reason_code = 'moved',"
    f" closing_counts_at = closing_counts_at + interval '1 day', closure_on = closure_on + 1,"
    f" explanation = {WAITING} WHERE id = {SIXTH}"
)

_DECIDED: Final = (
    f"UPDATE closure_gates SET explanation = {WAITING}, policy_version = policy_version + 1,"
    f" audit_id = gen_random_uuid() WHERE id = {SIXTH}"
)
_STEP: Final = "UPDATE closure_gates SET {} WHERE id = " + OTHER
_GATE: Final = "UPDATE closure_gates SET {}"
_BY_ONE: Final = f"override_requested_by = {ONE}, override_approved_by = NULL"
_A_GATE: Final[Row] = {"id": FOURTH, "may_close": "false", "current": "false"}
_CLOSING: Final[Row] = {
    "id": SIXTH,
    "event_id": "'again'",
    "type": "'case.closed.v1'",
    "system": "'system'",
    "episode_id": "'episode_id'",
}

_KNOWN: Final = new("case_event_outcomes", {"case_event_id": SIXTH, "subject_id": ONE})
_RECEIVED: Final = new("events", {"id": OTHER, "type": "'case_event.received'", "about_id": SIXTH})
_OF_GATE: Final = {
    step: new("events", {"id": OTHER, "type": f"'closure_gate.{step}'", "about_id": OTHER})
    for step in ("override_requested", "override_approved", "override_withdrawn", "reopened")
}
LAWFUL: Final[Mapping[str, tuple[Statement, ...]]] = {
    "an event that is carried out": (
        f"UPDATE case_events SET parked = false, parked_reason = NULL WHERE id = {THIRD}",
    ),
    "closings that are audited no longer": (
        f"UPDATE audited_closings SET until = now() WHERE id = {ONE}",
        new("audited_closings", {"id": THIRD, "subject_kind": "'carer_household'"}),
        configured("audit_type", "code"),
        AT_THE_COMMIT,
    ),
    "a closing that is told anew": (
        _CLOSING_MOVED,
        new("case_events", _CLOSING),
        _KNOWN,
        _RECEIVED,
        AT_THE_COMMIT,
    ),
    "a closing that is decided again by what is told of the child": (
        _DECIDED,
        new("events", {"id": OTHER, "type": "'action.done'", "subject_id": ONE}),
        AT_THE_COMMIT,
    ),
    "an override that is asked for anew": (
        _STEP.format(
            "override_requested_at = override_requested_at + interval '1 day',"
            " override_reason = 'anew', override_approved_by = NULL,"
            " override_approved_at = NULL, override_withdrawn_by = NULL,"
            " override_withdrawn_at = NULL, override_withdrawal_reason = NULL"
        ),
        _OF_GATE["override_requested"],
        AT_THE_COMMIT,
    ),
    "an override that is withdrawn": (
        _STEP.format("override_withdrawal_reason = 'By mistake.'"),
        _OF_GATE["override_withdrawn"],
        AT_THE_COMMIT,
    ),
    "a gate that is reopened": (
        _STEP.format("reopen_reason = 'The case goes on.'"),
        _OF_GATE["reopened"],
        AT_THE_COMMIT,
    ),
    "a gate that is clear by its closure audit": (_CLEAR.format(ONE),),
    "a gate that is exempt by the reason told": (_EXEMPT.format("moved"),),
    "a new gate that waits for actions alone": (
        new("closure_gates", {**_A_GATE, "state": "'actions_outstanding'"}),
    ),
    "a gate that is closed as the case system told": (
        new(
            "closure_gates",
            {
                **_A_GATE,
                "state": "'closed_without_audit'",
                "subject_id": ONE,
                "restricted": "",
                "episode_id": "'told'",
            },
        ),
    ),
}
"""What is done lawfully, each with its witness."""

NEVER: Final[Mapping[str, str]] = {
    "an event that is parked again": f"UPDATE case_events SET parked = true WHERE id = {ONE}",
    "closings that are audited no longer, untold": "UPDATE audited_closings"
    f" SET until = now() WHERE id = {ONE}",
    "a gate that is clear without an audit": _GATE.format("state = 'clear', may_close = true"),
    "a gate that may close and is not clear": _GATE.format("may_close = true"),
    "a second closing that is clear by the audit of the first": _CLEAR.format(OTHER),
    "a gate that is clear while an action holds it": _CLEAR.format(THIRD),
    "a gate that is exempt though nothing exempts it": _GATE.format(
        f"state = 'exempt', may_close = true, explanation = {NOTHING}"
    ),
    "a gate that is exempt by a reason that nobody told": _EXEMPT.format("untold"),
    "a gate that may close though it waits": "UPDATE closure_gates"
    " SET state = 'exempt', may_close = true, policy_version = 77,"
    f" reason_code = 'moved', explanation = {WAITING} WHERE id = {ONE}",
    "a gate that was clear before it is so": _GATE.format("cleared_at = now()"),
    "a gate closed by what was told of another child of the episode": _GATE.format(
        "state = 'closed_without_audit', episode_id = 'told'"
    ),
    "a gate overridden without a second person": _GATE.format(f"state = 'overridden', {_BY_ONE}"),
    "a gate closed though nobody closed the case": _GATE.format("state = 'closed'"),
    "a gate closed without audit though nobody closed the case": _GATE.format(
        "state = 'closed_without_audit'"
    ),
}
"""What was once taken when it was written directly, beside the columns that are frozen."""


@pytest.mark.parametrize("what", LAWFUL)
def test_the_lawful_way_stays_open(world: Database, what: str) -> None:
    assert tried(world, *LAWFUL[what]) is None


def test_a_closing_does_not_move_by_what_was_told_before_or_of_another(world: Database) -> None:
    day = f"UPDATE closure_gates SET closure_on = closure_on + 1 WHERE id = {SIXTH}"
    told = "'case_event.received'"
    again = new("events", {"id": OTHER, "type": told, "about_id": THIRD, "subject_id": ONE})
    outcome: Row = {"case_event_id": THIRD, "position": "7", "subject_id": ONE}
    # What came of another episode; then of the gate's own, but of another child.
    for row in ({"episode_id": "'told'"}, {"subject_id": OTHER}):
        event: Row = {"id": SIXTH, "event_id": "'further'", "type": "'case.closed.v1'"}
        answer = tried(
            world,
            day,
            new("case_events", {**event, "system": "'system'", "episode_id": "'episode_id'"} | row),
            new("case_event_outcomes", {**outcome, "case_event_id": SIXTH} | row),
            new("events", {"id": OTHER, "type": told, "about_id": SIXTH}),
            AT_THE_COMMIT,
        )
        assert isinstance(answer, asyncpg.RestrictViolationError), answer
        assert answer.constraint_name == "frozen_told"
    answer = tried(world, day, again, AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError), answer
    assert answer.constraint_name == "frozen_told"


@pytest.mark.parametrize("what", NEVER)
def test_what_must_never_be_is_not_written(world: Database, what: str) -> None:
    answer = tried(world, NEVER[what], AT_THE_COMMIT)
    assert isinstance(answer, asyncpg.RestrictViolationError | asyncpg.CheckViolationError), answer
