"""What can be done with each kind of thing, as an enum of its own with words for people.

The members are the steps that somebody can ask for (`rules.steps`), so `allowed_actions` of an
audit can hold no step of a gate. The words of a member, and of a state, are those of the refusals.
They stand in `x-enum-descriptions`, in the order of `enum`: where client generators read them.
"""

from collections.abc import Mapping
from typing import Final

from qa_api.http.openapi_headers import Json
from qa_api.rules.steps import STEPS, THINGS, described, takeable
from qa_api.rules.transitions import TRANSITIONS

FIELD: Final = "allowed_actions"
WORDS: Final = "x-enum-descriptions"

_OF_SCHEMAS: Final[Mapping[str, str]] = {
    "ActionOut": "restorative_action",
    "AuditOut": "audit",
    "BoardReportOut": "board_report",
    "DeliveryOut": "webhook_delivery",
    "EscalationOut": "escalation",
    "GateOut": "closure_gate",
    "HandOverOut": "hand_over",
    "LearningActionOut": "learning_action",
    "NotificationOut": "notification",
    "QaUpdateOut": "qa_update",
    "QuarterPlanOut": "quarter_plan",
    "ResponseOut": "audit_response",
    "RetentionRunOut": "retention_run",
    "RightsChangeOut": "rights_change",
    "SampleOut": "moderation_sample",
    "ToolOut": "audit_tool",
    "UnusualReadOut": "unusual_read",
}
"""Which kind of thing each answer is that tells what its reader can do with it."""

_STATES: Final[Mapping[str, str]] = {
    "ActionState": "restorative_action",
    "AuditState": "audit",
    "BoardReportState": "board_report",
    "DeliveryState": "webhook_delivery",
    "EscalationState": "escalation",
    "GateState": "closure_gate",
    "HandOverState": "hand_over",
    "LearningActionState": "learning_action",
    "NotificationState": "notification",
    "PlanState": "quarter_plan",
    "QaUpdateState": "qa_update",
    "ResponseState": "audit_response",
    "RetentionRunState": "retention_run",
    "RightsChangeState": "rights_change",
    "SampleState": "moderation_sample",
    "ToolState": "audit_tool",
    "UnusualReadState": "unusual_read",
}
"""Of which kind of thing each enum of states is."""

_WITHOUT_STATES: Final = {
    "BoardDecisionWhole": ("BoardDecisionStep", {"complete": "say that it was carried out"}),
}
"""What has no life cycle, and what can be done with it all the same."""

_OF_ANY: Final = frozenset({"Problem"})
"""What tells the steps of any kind of thing."""


def with_steps(schemas: Json) -> Json:
    """The components, with an enum for what can be done with each kind of thing, and with words.

    Raises LookupError for an answer that has `allowed_actions` and no kind of thing here.
    """
    added: Json = {}
    for name, schema in schemas.items():
        if FIELD in schema.get("properties", {}) and name not in _OF_ANY:
            called, enum = _steps_of(name)
            added[called] = enum
            reference = {"$ref": f"#/components/schemas/{called}"}
            schema["properties"][FIELD] |= {"items": reference, "maxItems": len(enum["enum"])}
    for name, aggregate in _STATES.items():
        if name in schemas:
            states = schemas[name]["enum"]
            schemas[name][WORDS] = [described(aggregate, state) for state in states]
    return schemas | added


def _steps_of(schema: str) -> tuple[str, Json]:
    if schema in _WITHOUT_STATES:
        called, says = _WITHOUT_STATES[schema]
        about = "decision of the Board"
    else:
        aggregate = _OF_SCHEMAS[schema]
        called = "".join(word.title() for word in aggregate.split("_")) + "Step"
        about = THINGS[aggregate]
        steps = [step.action for step in TRANSITIONS if step.aggregate == aggregate]
        says = {step: STEPS[aggregate, step].says for step in takeable(aggregate, steps)}
    return called, {
        "type": "string",
        "description": f"A step that somebody can take with this {about}.",
        "enum": list(says),
        WORDS: [f"{words[0].upper()}{words[1:]}" for words in says.values()],
    }
