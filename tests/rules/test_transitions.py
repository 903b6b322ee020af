"""The life cycles as one table: what can happen in each state, and nothing else."""

from collections.abc import Iterable
from enum import StrEnum

import pytest

from qa_api.rules.decision import NotAllowedInState
from qa_api.rules.states import (
    ActionState,
    AuditState,
    BoardReportState,
    DeliveryState,
    EscalationState,
    GateState,
    HandOverState,
    LearningActionState,
    NotificationState,
    PlanState,
    QaUpdateState,
    ResponseState,
    RetentionRunState,
    RightsChangeState,
    SampleState,
    ToolState,
    UnusualReadState,
)
from qa_api.rules.steps import takeable
from qa_api.rules.transitions import CLAUSES, TRANSITIONS, allowed_actions, next_state

STATES: dict[str, type[StrEnum]] = {
    "audit": AuditState,
    "restorative_action": ActionState,
    "audit_response": ResponseState,
    "notification": NotificationState,
    "escalation": EscalationState,
    "closure_gate": GateState,
    "audit_tool": ToolState,
    "quarter_plan": PlanState,
    "moderation_sample": SampleState,
    "learning_action": LearningActionState,
    "qa_update": QaUpdateState,
    "board_report": BoardReportState,
    "retention_run": RetentionRunState,
    "rights_change": RightsChangeState,
    "unusual_read": UnusualReadState,
    "hand_over": HandOverState,
    "webhook_delivery": DeliveryState,
}
FIRST = {
    "audit": AuditState.PLANNED,
    "restorative_action": ActionState.OPEN,
    "audit_response": ResponseState.AWAITING_NOTIFICATION,
    "notification": NotificationState.QUEUED,
    "escalation": EscalationState.RAISED,
    "closure_gate": GateState.AWAITING_AUDIT,
    "audit_tool": ToolState.DRAFT,
    "quarter_plan": PlanState.DRAFT,
    "moderation_sample": SampleState.OPEN,
    "learning_action": LearningActionState.OPEN,
    "qa_update": QaUpdateState.DRAFT,
    "board_report": BoardReportState.DRAFT,
    "retention_run": RetentionRunState.PROPOSED,
    "rights_change": RightsChangeState.PROPOSED,
    "unusual_read": UnusualReadState.FOUND,
    "hand_over": HandOverState.PROPOSED,
    "webhook_delivery": DeliveryState.WAITING,
}


def walk(aggregate: str, actions: Iterable[str]) -> str:
    state: str = FIRST[aggregate].value
    for action in actions:
        state = next_state(aggregate, state, action)
    return state


@pytest.mark.parametrize(
    ("aggregate", "actions", "state"),
    [
        ("audit", "edit assign start answer judge add_action complete close", "closed"),
        ("audit", "assign start cancel", "cancelled"),
        ("restorative_action", "plan replan complete verify", "verified"),
        ("restorative_action", "complete not_achieved replan complete verify", "verified"),
        ("restorative_action", "plan cancel", "cancelled"),
        ("audit_response", "notify submit return submit accept", "adequate"),
        # The worker answers first and the notification arrives afterwards (R4.2.8).
        ("audit_response", "submit notify accept", "adequate"),
        ("audit_response", "submit return notify submit accept", "adequate"),
        ("audit_response", "submit accept notify", "adequate"),
        ("notification", "fail record_delivery", "delivered"),
        ("notification", "fail deliver", "delivered"),
        ("escalation", "notify acknowledge inform_quality_standards resolve", "resolved"),
        ("escalation", "acknowledge notify dispute inform_quality_standards resolve", "resolved"),
        ("closure_gate", "await_actions clear close", "closed"),
        ("closure_gate", "request_override approve_override close", "closed"),
        ("closure_gate", "clear reopen close_without_audit", "closed_without_audit"),
        ("audit_tool", "edit publish retire", "retired"),
        ("quarter_plan", "edit exempt publish exempt allocate supersede", "superseded"),
    ],
)
def test_the_lives_of_the_procedure(aggregate: str, actions: str, state: str) -> None:
    assert walk(aggregate, actions.split()) == state


@pytest.mark.parametrize(
    ("aggregate", "state", "action"),
    [
        ("audit", "planned", "complete"),
        ("audit", "planned", "answer"),
        ("audit", "completed", "answer"),
        ("audit", "completed", "cancel"),
        ("audit", "cancelled", "start"),
        ("restorative_action", "open", "verify"),
        ("restorative_action", "verified", "cancel"),
        ("audit_response", "awaiting_response", "accept"),
        ("audit_response", "adequate", "submit"),
        ("notification", "delivered", "record_delivery"),
        ("escalation", "notified", "inform_quality_standards"),
        ("escalation", "acknowledged", "resolve"),
        ("escalation", "resolved", "dispute"),
        ("closure_gate", "clear", "approve_override"),
        ("audit_tool", "published", "edit"),
        ("audit_tool", "retired", "publish"),
        ("quarter_plan", "published", "edit"),
        ("quarter_plan", "superseded", "exempt"),
    ],
)
def test_what_cannot_happen_is_refused_naming_the_state(
    aggregate: str, state: str, action: str
) -> None:
    with pytest.raises(NotAllowedInState) as refused:
        next_state(aggregate, state, action)
    assert refused.value.state == state
    # Of what can happen, what somebody can ask for; the rest is the service's own doing.
    assert refused.value.allowed == takeable(aggregate, allowed_actions(aggregate, state))
    assert action not in refused.value.allowed
    assert refused.value.clause == CLAUSES[aggregate]


@pytest.mark.parametrize("state", list(AuditState))
def test_an_urgent_finding_can_be_raised_at_any_moment(state: AuditState) -> None:
    assert next_state("audit", state, "raise_urgent_finding") == state


@pytest.mark.parametrize("aggregate", STATES)
def test_every_state_is_reached_from_the_first_one(aggregate: str) -> None:
    reached = {FIRST[aggregate].value}
    while True:
        further = reached | {
            t.to_state for t in TRANSITIONS if t.aggregate == aggregate and t.from_state in reached
        }
        if further == reached:
            break
        reached = further
    assert reached == {state.value for state in STATES[aggregate]}


def test_the_table_is_a_function_and_knows_its_states() -> None:
    keys = [(t.aggregate, t.from_state, t.action) for t in TRANSITIONS]
    assert len(set(keys)) == len(keys)
    for t in TRANSITIONS:
        STATES[t.aggregate](t.from_state)
        STATES[t.aggregate](t.to_state)


def test_allowed_actions_are_those_that_lead_somewhere() -> None:
    for aggregate, states in STATES.items():
        actions = {t.action for t in TRANSITIONS if t.aggregate == aggregate}
        for state in states:
            for action in actions:
                if action in allowed_actions(aggregate, state):
                    assert next_state(aggregate, state, action) in {s.value for s in states}
                else:
                    with pytest.raises(NotAllowedInState):
                        next_state(aggregate, state, action)


def test_what_is_final_stays_final() -> None:
    assert allowed_actions("restorative_action", "verified") == ("correct_done",)
    assert allowed_actions("notification", "delivered") == ()
    assert allowed_actions("audit_tool", "retired") == ()
    assert allowed_actions("audit_response", "adequate") == ("notify",)
