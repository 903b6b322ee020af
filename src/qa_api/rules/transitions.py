"""Every life cycle as one table: in which state which action leads where.

The database holds the same table behind a foreign key, and ``allowed_actions`` is what a
reader of a record is told. Who may act is decided elsewhere; this says what can happen.
"""

from collections.abc import Iterator
from enum import StrEnum

from qa_api.rules.decision import NotAllowedInState
from qa_api.rules.states import (
    ACTION_DONE,
    ACTION_TO_DO,
    AUDIT_FINISHED,
    AUDIT_OPEN,
    DELIVERY_UNSENT,
    ESCALATION_ACKNOWLEDGED,
    ESCALATION_UNACKNOWLEDGED,
    ESCALATION_UNRESOLVED,
    GATE_OPEN,
    GATE_UNCLEARED,
    QA_UPDATE_TO_SUBMIT,
    RESPONSE_TO_SUBMIT,
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
from qa_api.rules.unchanging import Unchanging


class Transition(Unchanging):
    """One allowed step. ``from_state`` equals ``to_state`` where the action keeps the state."""

    aggregate: str
    action: str
    from_state: str
    to_state: str


CLAUSES = {
    "audit": "§4.1, R4.1.5",
    "restorative_action": "§4.2, R4.2.6",
    "audit_response": "§4.2, R4.2.8",
    "notification": "§4.2, R4.2.8",
    "escalation": "§4.3, R4.3.3",
    "closure_gate": "§3, C3",
    "audit_tool": "§4.1, R4.1.1",
    "quarter_plan": "§4.4, R4.4.2",
    "moderation_sample": "§4.5, R4.5.2",
    "learning_action": "§4.5, R4.5.5",
    "qa_update": "§4.7, R4.7.1",
    "board_report": "§4.7, R4.7.2",
    "retention_run": "X4",
    "rights_change": "X3",
    "unusual_read": "X3",
    "hand_over": "The directory",
    "webhook_delivery": "§4.2, R4.2.7",
}

# (action, from any of these states, to this state; None keeps the state)
_Row = tuple[str, tuple[StrEnum, ...], StrEnum | None]

_AUDIT: tuple[_Row, ...] = (
    ("edit", AUDIT_OPEN, None),
    ("assign", AUDIT_OPEN, None),
    ("start", (AuditState.PLANNED,), AuditState.IN_PROGRESS),
    ("answer", (AuditState.IN_PROGRESS,), None),
    ("judge", (AuditState.IN_PROGRESS,), None),
    ("record_family_contact", (AuditState.IN_PROGRESS,), None),
    ("record_worker_view", (AuditState.IN_PROGRESS,), None),
    ("add_action", (AuditState.IN_PROGRESS,), None),
    # A draft's actions are the auditor's; once the audit is completed they are set.
    ("correct_action", (AuditState.IN_PROGRESS,), None),
    ("take_out_action", (AuditState.IN_PROGRESS,), None),
    # R4.3.1 says "at any moment": a child at risk is never answered with a state conflict.
    ("raise_urgent_finding", tuple(AuditState), None),
    ("complete", (AuditState.IN_PROGRESS,), AuditState.COMPLETED),
    ("cancel", AUDIT_OPEN, AuditState.CANCELLED),
    # An amended audit closes again as soon as nothing is left to do about it.
    ("amend", AUDIT_FINISHED, AuditState.COMPLETED),
    # Before completion a wrong audit is cancelled.
    ("record_in_error", AUDIT_FINISHED, None),
    ("confirm_error", AUDIT_FINISHED, None),
    ("withdraw_error", AUDIT_FINISHED, None),
    ("discuss_in_supervision", AUDIT_FINISHED, None),
    ("write_own_view", AUDIT_FINISHED, None),
    ("close", (AuditState.COMPLETED,), AuditState.CLOSED),
)

_ACTION: tuple[_Row, ...] = (
    ("plan", (ActionState.OPEN,), ActionState.PLANNED),
    ("replan", (ActionState.PLANNED,), None),
    ("complete", ACTION_TO_DO, ActionState.DONE),
    ("correct_done", ACTION_DONE, None),
    ("verify", (ActionState.DONE,), ActionState.VERIFIED),
    ("not_achieved", (ActionState.DONE,), ActionState.PLANNED),
    ("cancel", ACTION_TO_DO, ActionState.CANCELLED),
    ("reassign", ACTION_TO_DO, None),
)

# A worker may answer before the notification has arrived, so being notified keeps a state
# that is already further on: it then only sets the due date.
_RESPONSE: tuple[_Row, ...] = (
    ("notify", (ResponseState.AWAITING_NOTIFICATION,), ResponseState.AWAITING_RESPONSE),
    ("notify", (ResponseState.SUBMITTED, ResponseState.RETURNED, ResponseState.ADEQUATE), None),
    (
        "submit",
        RESPONSE_TO_SUBMIT,
        ResponseState.SUBMITTED,
    ),
    (
        "hand_over",
        RESPONSE_TO_SUBMIT,
        None,
    ),
    ("return", (ResponseState.SUBMITTED,), ResponseState.RETURNED),
    ("accept", (ResponseState.SUBMITTED,), ResponseState.ADEQUATE),
)

# A replayed delivery that the case system accepts after all is a delivery.
_NOTIFICATION: tuple[_Row, ...] = (
    (
        "deliver",
        (NotificationState.QUEUED, NotificationState.UNDELIVERABLE),
        NotificationState.DELIVERED,
    ),
    ("fail", (NotificationState.QUEUED,), NotificationState.UNDELIVERABLE),
    # Also while it is queued: a person who was told in person has been told.
    (
        "record_delivery",
        (NotificationState.QUEUED, NotificationState.UNDELIVERABLE),
        NotificationState.DELIVERED,
    ),
)

# A manager who reads of it before the message arrives may acknowledge at once; the message
# then arrives at an escalation that is already further on.
_ESCALATION: tuple[_Row, ...] = (
    ("notify", (EscalationState.RAISED,), EscalationState.NOTIFIED),
    ("notify", (EscalationState.NOTIFIED, *ESCALATION_ACKNOWLEDGED), None),
    (
        "acknowledge",
        ESCALATION_UNACKNOWLEDGED,
        EscalationState.ACKNOWLEDGED,
    ),
    (
        "inform_quality_standards",
        (EscalationState.ACKNOWLEDGED,),
        EscalationState.QUALITY_STANDARDS_INFORMED,
    ),
    ("resolve", (EscalationState.QUALITY_STANDARDS_INFORMED,), EscalationState.RESOLVED),
    # Two people of Q&S found that its audit is of another child: nobody need act on it any more.
    (
        "end",
        ESCALATION_UNRESOLVED,
        EscalationState.RESOLVED,
    ),
    (
        "dispute",
        ESCALATION_UNRESOLVED,
        None,
    ),
)

# The gate's state is computed from facts (rules/closure.py); the rows below are the changes
# that computing can bring, also when a late event takes its place among earlier ones.
_GATE: tuple[_Row, ...] = (
    ("request_override", GATE_UNCLEARED, None),
    ("approve_override", GATE_UNCLEARED, GateState.OVERRIDDEN),
    # Requested or approved by mistake: the gate is what it would be without it.
    ("withdraw_override", GATE_UNCLEARED, None),
    ("withdraw_override", (GateState.OVERRIDDEN,), GateState.AWAITING_AUDIT),
    ("reopen", (GateState.CLEAR,), GateState.AWAITING_AUDIT),
    (
        "await_audit",
        (
            GateState.ACTIONS_OUTSTANDING,
            GateState.CLEAR,
            GateState.EXEMPT,
            GateState.OVERRIDDEN,
            GateState.WITHDRAWN,
        ),
        GateState.AWAITING_AUDIT,
    ),
    (
        "await_actions",
        (
            GateState.AWAITING_AUDIT,
            GateState.CLEAR,
            GateState.EXEMPT,
            GateState.OVERRIDDEN,
            GateState.WITHDRAWN,
        ),
        GateState.ACTIONS_OUTSTANDING,
    ),
    (
        "clear",
        (*GATE_UNCLEARED, GateState.EXEMPT, GateState.OVERRIDDEN, GateState.WITHDRAWN),
        GateState.CLEAR,
    ),
    (
        "exempt",
        (*GATE_UNCLEARED, GateState.CLEAR, GateState.OVERRIDDEN, GateState.WITHDRAWN),
        GateState.EXEMPT,
    ),
    ("restore_override", (GateState.WITHDRAWN,), GateState.OVERRIDDEN),
    (
        "close",
        (*GATE_OPEN, GateState.WITHDRAWN, GateState.CLOSED_WITHOUT_AUDIT),
        GateState.CLOSED,
    ),
    (
        "close_without_audit",
        (*GATE_OPEN, GateState.WITHDRAWN, GateState.CLOSED),
        GateState.CLOSED_WITHOUT_AUDIT,
    ),
    (
        "withdraw",
        (*GATE_OPEN, GateState.CLOSED, GateState.CLOSED_WITHOUT_AUDIT),
        GateState.WITHDRAWN,
    ),
)

_TOOL: tuple[_Row, ...] = (
    ("edit", (ToolState.DRAFT,), None),
    ("publish", (ToolState.DRAFT,), ToolState.PUBLISHED),
    ("retire", (ToolState.PUBLISHED,), ToolState.RETIRED),
)

_SAMPLE: tuple[_Row, ...] = (
    ("assign", (SampleState.OPEN,), None),
    ("record_outcome", (SampleState.OPEN,), None),
    ("close", (SampleState.OPEN,), SampleState.CLOSED),
)

_LEARNING_ACTION: tuple[_Row, ...] = (
    ("complete", (LearningActionState.OPEN,), LearningActionState.DONE),
    ("verify", (LearningActionState.DONE,), LearningActionState.VERIFIED),
    ("not_achieved", (LearningActionState.DONE,), LearningActionState.OPEN),
    ("cancel", (LearningActionState.OPEN,), LearningActionState.CANCELLED),
)


# A published plan never changes; who is exempt, which cases and who audits are decided under it.
_PLAN: tuple[_Row, ...] = (
    ("edit", (PlanState.DRAFT,), None),
    ("publish", (PlanState.DRAFT,), PlanState.PUBLISHED),
    ("exempt", (PlanState.DRAFT, PlanState.PUBLISHED), None),
    ("choose_cases", (PlanState.PUBLISHED,), None),
    ("allocate", (PlanState.PUBLISHED,), None),
    ("supersede", (PlanState.PUBLISHED,), PlanState.SUPERSEDED),
)

_QA_UPDATE: tuple[_Row, ...] = (
    ("edit", QA_UPDATE_TO_SUBMIT, None),
    ("submit", QA_UPDATE_TO_SUBMIT, QaUpdateState.SUBMITTED),
    ("return", (QaUpdateState.SUBMITTED,), QaUpdateState.RETURNED),
)
_BOARD_REPORT: tuple[_Row, ...] = (
    ("edit", (BoardReportState.DRAFT,), None),
    ("present", (BoardReportState.DRAFT,), BoardReportState.PRESENTED),
    ("record_decision", (BoardReportState.PRESENTED,), None),
    ("disseminate", (BoardReportState.PRESENTED,), None),
    ("acknowledge", (BoardReportState.PRESENTED,), None),
)

_RIGHTS_CHANGE: tuple[_Row, ...] = (
    ("confirm", (RightsChangeState.PROPOSED,), RightsChangeState.CONFIRMED),
    ("refuse", (RightsChangeState.PROPOSED,), RightsChangeState.REFUSED),
    # What only ends access asks for nobody else: the service does it at once.
    ("end", (RightsChangeState.PROPOSED,), RightsChangeState.ENDED),
    # So it does what changes no right but whom it reaches; Quality & Standards are told.
    ("make", (RightsChangeState.PROPOSED,), RightsChangeState.DONE),
)

_RETENTION_RUN: tuple[_Row, ...] = (
    ("approve", (RetentionRunState.PROPOSED,), RetentionRunState.APPROVED),
    # Also while it is being executed: what has gone is gone, the rest is kept.
    (
        "cancel",
        (RetentionRunState.PROPOSED, RetentionRunState.APPROVED),
        RetentionRunState.CANCELLED,
    ),
    ("execute", (RetentionRunState.APPROVED,), RetentionRunState.EXECUTED),
)

# Only what waits holds up what is behind it. What was settled otherwise can be sent anew.
_UNUSUAL_READ: tuple[_Row, ...] = (
    ("look_into", (UnusualReadState.FOUND,), UnusualReadState.LOOKED_INTO),
)

_HAND_OVER: tuple[_Row, ...] = (
    ("accept", (HandOverState.PROPOSED,), HandOverState.ACCEPTED),
    ("withdraw", (HandOverState.PROPOSED,), HandOverState.WITHDRAWN),
)

_DELIVERY: tuple[_Row, ...] = (
    ("send_now", (DeliveryState.WAITING,), None),
    ("skip", (DeliveryState.WAITING,), DeliveryState.SKIPPED),
    ("deliver", (DeliveryState.WAITING,), DeliveryState.DELIVERED),
    ("refuse", (DeliveryState.WAITING,), DeliveryState.REFUSED),
    ("park", (DeliveryState.WAITING,), DeliveryState.PARKED),
    (
        "tell_by_hand",
        DELIVERY_UNSENT,
        DeliveryState.TOLD_BY_HAND,
    ),
    (
        "replay",
        tuple(state for state in DeliveryState if state is not DeliveryState.WAITING),
        None,
    ),
)


def _spell_out(aggregate: str, rows: tuple[_Row, ...]) -> Iterator[Transition]:
    for action, sources, target in rows:
        for source in sources:
            yield Transition(aggregate, action, source.value, (target or source).value)


TRANSITIONS: tuple[Transition, ...] = (
    *_spell_out("audit", _AUDIT),
    *_spell_out("restorative_action", _ACTION),
    *_spell_out("audit_response", _RESPONSE),
    *_spell_out("notification", _NOTIFICATION),
    *_spell_out("escalation", _ESCALATION),
    *_spell_out("closure_gate", _GATE),
    *_spell_out("audit_tool", _TOOL),
    *_spell_out("quarter_plan", _PLAN),
    *_spell_out("moderation_sample", _SAMPLE),
    *_spell_out("learning_action", _LEARNING_ACTION),
    *_spell_out("qa_update", _QA_UPDATE),
    *_spell_out("board_report", _BOARD_REPORT),
    *_spell_out("retention_run", _RETENTION_RUN),
    *_spell_out("rights_change", _RIGHTS_CHANGE),
    *_spell_out("unusual_read", _UNUSUAL_READ),
    *_spell_out("hand_over", _HAND_OVER),
    *_spell_out("webhook_delivery", _DELIVERY),
)

_TARGETS = {(t.aggregate, t.from_state, t.action): t.to_state for t in TRANSITIONS}
_ALLOWED: dict[tuple[str, str], tuple[str, ...]] = {}
for _step in TRANSITIONS:
    _key = (_step.aggregate, _step.from_state)
    _ALLOWED[_key] = (*_ALLOWED.get(_key, ()), _step.action)


def allowed_actions(aggregate: str, state: str) -> tuple[str, ...]:
    """What can happen to it in this state, in the table's order; empty in a final state."""
    return _ALLOWED.get((aggregate, state), ())


def next_state(aggregate: str, state: str, action: str) -> str:
    """The state an action leads to; refuses, naming the state and what is allowed in it."""
    target = _TARGETS.get((aggregate, state, action))
    if target is None:
        raise NotAllowedInState(
            CLAUSES[aggregate], aggregate, state, allowed_actions(aggregate, state)
        )
    return target
