"""Life cycles in words: what a thing is called, where it stands, and who can do what with it next.

A refusal speaks as a colleague would. It names no table and no step that nobody can ask for: each
step here stands with those who may take it and the operation by which they do. Steps that are not
here are the service's own, such as that a notification arrived.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from qa_api.rules.unchanging import Unchanging


class Step(Unchanging):
    """What somebody can do: ``who`` can ``says``, by the contract's ``operation``."""

    who: str
    says: str
    operation: str


THINGS: Final[Mapping[str, str]] = {
    "audit": "audit",
    "restorative_action": "restorative action",
    "audit_response": "audit response",
    "notification": "notification",
    "escalation": "escalation",
    "closure_gate": "closure gate",
    "audit_tool": "audit tool",
    "quarter_plan": "quarter plan",
    "moderation_sample": "moderation sample",
    "learning_action": "learning action",
    "qa_update": "QA update",
    "board_report": "board report",
    "retention_run": "retention run",
    "rights_change": "change of rights",
    "unusual_read": "entry of unusual reads",
    "hand_over": "hand-over",
    "webhook_delivery": "webhook delivery",
}
"""What people call each thing that has a life cycle."""

_STANDINGS: Final[Mapping[tuple[str, str], str]] = {
    ("audit_response", "awaiting_notification"): "waiting until the worker has been notified",
    ("audit_response", "awaiting_response"): "waiting for the worker's response",
    ("audit_response", "submitted"): "submitted and waiting for its review",
    ("audit_response", "returned"): "returned to the worker",
    ("audit_response", "adequate"): "found adequate",
    ("notification", "queued"): "on its way",
    ("escalation", "notified"): "with the manager, who has been notified",
    ("escalation", "acknowledged"): "acknowledged by the manager",
    ("escalation", "quality_standards_informed"): "with Quality & Standards, who are informed",
    ("closure_gate", "awaiting_audit"): "waiting for the closure audit",
    ("closure_gate", "actions_outstanding"): "waiting for actions that are needed before closure",
    ("closure_gate", "closed_without_audit"): "closed without a closure audit",
    ("closure_gate", "withdrawn"): "withdrawn, for the closing was cancelled",
    ("audit", "in_progress"): "in progress",
    ("quarter_plan", "superseded"): "superseded by a later version",
    ("rights_change", "proposed"): "waiting for a second person",
    ("rights_change", "ended"): "done: it ended somebody's access",
    ("rights_change", "done"): "done at once, and told to Quality & Standards",
    ("unusual_read", "found"): "waiting to be looked into",
    ("unusual_read", "looked_into"): "settled: somebody has looked into it",
    ("hand_over", "proposed"): "proposed, and nothing has moved yet",
    ("hand_over", "accepted"): "carried out",
    ("hand_over", "withdrawn"): "withdrawn, and nothing has moved",
    ("webhook_delivery", "waiting"): "still on its way",
    ("webhook_delivery", "refused"): "refused by its receiver",
    ("webhook_delivery", "parked"): "set aside: it kept failing while others went, or was a test",
    ("webhook_delivery", "told_by_hand"): "settled, for somebody told the worker by hand",
}
"""Where a thing stands, in words, where the state's own word does not say it."""

_AUDITOR: Final = "its auditor"
_PLANNERS: Final = "Quality & Standards, the team's manager or supervisor"
_MANAGERS: Final = "the team's manager or Quality & Standards"
_MANAGER: Final = "the team's manager or whoever acts for them"
_ASKED: Final = "whoever leads the team that is asked"
_SUPERVISOR: Final = "the team's supervisor or manager"
_AUDITOR_OR_QS: Final = "its auditor or Quality & Standards"
_CORRECTOR: Final = "whoever did it, the team's manager or Quality & Standards"
_DOER: Final = "its owner or whoever holds the case"
_SETTLER: Final = "whoever set it or Quality & Standards"
_SECOND: Final = "a second person of Quality & Standards"
_SECOND_FOR_RIGHTS: Final = "a second administrator or Quality & Standards, as the policy says,"
_VERIFIERS: Final = "the auditor, the team's manager or Quality & Standards"
QS: Final = "Quality & Standards"
HEAD: Final = "the head of service, or Quality & Standards where there is none,"
ADMINISTRATOR: Final = "an administrator"
_CASE_SYSTEM: Final = "the case system"
_MODERATOR: Final = "a moderator"

STEPS: Final[Mapping[tuple[str, str], Step]] = {
    ("audit", "edit"): Step(_PLANNERS, "change its plan", "edit_audit"),
    ("audit", "assign"): Step(_PLANNERS, "assign its auditor", "assign_audit"),
    ("audit", "start"): Step(_AUDITOR, "start it", "start_audit"),
    ("audit", "answer"): Step(_AUDITOR, "answer its questions", "record_answer"),
    ("audit", "judge"): Step(_AUDITOR, "record judgements", "judge_overall"),
    ("audit", "record_family_contact"): Step(
        _AUDITOR, "record contact with the family", "record_family_contact"
    ),
    ("audit", "record_worker_view"): Step(
        _AUDITOR, "record the worker's view", "record_worker_view"
    ),
    ("audit", "add_action"): Step(_AUDITOR, "add restorative actions", "add_action"),
    ("audit", "correct_action"): Step(
        _AUDITOR, "correct restorative actions", "correct_audit_action"
    ),
    ("audit", "take_out_action"): Step(
        _AUDITOR, "take restorative actions out", "take_out_audit_action"
    ),
    ("audit", "raise_urgent_finding"): Step(
        _AUDITOR_OR_QS, "raise an urgent finding", "raise_urgent_finding"
    ),
    ("audit", "complete"): Step(_AUDITOR, "complete it", "complete_audit"),
    ("audit", "cancel"): Step(_MANAGERS, "cancel it", "cancel_audit"),
    ("audit", "amend"): Step(_AUDITOR_OR_QS, "amend it", "amend_audit"),
    ("audit", "record_in_error"): Step(QS, "record it in error", "report_audit_error"),
    ("audit", "confirm_error"): Step(
        _SECOND,
        "confirm that it was recorded in error",
        "confirm_audit_error",
    ),
    ("audit", "withdraw_error"): Step(
        QS, "withdraw the report that it is in error", "withdraw_audit_error"
    ),
    ("audit", "discuss_in_supervision"): Step(
        _SUPERVISOR,
        "record when it was discussed in supervision",
        "discuss_in_supervision",
    ),
    ("audit", "write_own_view"): Step(
        "the worker whose work it was", "write their own view of it", "write_own_view"
    ),
    ("restorative_action", "plan"): Step(_DOER, "plan it", "plan_action"),
    ("restorative_action", "replan"): Step(_DOER, "give it a new date", "replan_action"),
    ("restorative_action", "complete"): Step(_DOER, "say that it is done", "complete_action"),
    ("restorative_action", "correct_done"): Step(
        _CORRECTOR, "correct when it was done", "correct_done_action"
    ),
    ("restorative_action", "verify"): Step(_VERIFIERS, "verify it", "verify_action"),
    ("restorative_action", "not_achieved"): Step(
        _VERIFIERS, "find it not achieved", "find_action_not_achieved"
    ),
    ("restorative_action", "cancel"): Step(_MANAGERS, "cancel it", "cancel_action"),
    ("restorative_action", "reassign"): Step(_MANAGERS, "name another owner", "reassign_action"),
    ("audit_response", "submit"): Step(
        "the worker, or the team's supervisor or manager on their behalf,",
        "submit a response",
        "submit_response",
    ),
    ("audit_response", "hand_over"): Step(
        _SUPERVISOR, "hand it to another worker", "hand_over_response"
    ),
    ("audit_response", "return"): Step(_MANAGER, "return it", "review_response"),
    ("audit_response", "accept"): Step(_MANAGER, "find it adequate", "review_response"),
    ("notification", "record_delivery"): Step(
        _MANAGERS, "record that the worker was told by hand", "record_delivery"
    ),
    ("escalation", "acknowledge"): Step(_ASKED, "acknowledge it", "acknowledge_escalation"),
    ("escalation", "inform_quality_standards"): Step(
        _ASKED,
        "inform Quality & Standards of the actions to be taken",
        "inform_quality_standards",
    ),
    ("escalation", "resolve"): Step(QS, "resolve it", "resolve_escalation"),
    ("escalation", "dispute"): Step(
        "whoever leads the team that is asked, or Quality & Standards,",
        "dispute it",
        "dispute_escalation",
    ),
    ("closure_gate", "request_override"): Step(
        _MANAGERS, "ask for an override", "request_override"
    ),
    ("closure_gate", "approve_override"): Step(
        "a second manager or Quality & Standards",
        "approve an override that was asked for",
        "approve_override",
    ),
    ("closure_gate", "withdraw_override"): Step(
        _MANAGERS, "withdraw an override", "withdraw_closure_gate_override"
    ),
    ("closure_gate", "reopen"): Step(_MANAGERS, "reopen it", "reopen_closure_gate"),
    ("audit_tool", "edit"): Step(QS, "change it", "rewrite_audit_tool"),
    ("audit_tool", "publish"): Step(QS, "publish it", "publish_audit_tool"),
    ("audit_tool", "retire"): Step(QS, "retire it", "retire_audit_tool"),
    ("quarter_plan", "edit"): Step(QS, "change it", "rewrite_quarter_plan"),
    ("quarter_plan", "publish"): Step(QS, "publish it", "publish_quarter_plan"),
    ("quarter_plan", "exempt"): Step(QS, "exempt a team or an auditor", "exempt_from_quarter_plan"),
    ("quarter_plan", "choose_cases"): Step(QS, "choose cases", "choose_quarter_plan_cases"),
    ("quarter_plan", "allocate"): Step(QS, "decide who audits what", "allocate_quarter_plan"),
    ("moderation_sample", "assign"): Step(QS, "assign moderators", "assign_moderator"),
    ("moderation_sample", "record_outcome"): Step(
        "a moderator", "record the outcome of theirs", "record_moderation_outcome"
    ),
    ("moderation_sample", "close"): Step(QS, "close it", "close_moderation_sample"),
    ("learning_action", "complete"): Step(
        "its owner, or Quality & Standards where they cannot,",
        "say that it is done",
        "complete_learning_action",
    ),
    ("learning_action", "verify"): Step(_SETTLER, "verify it", "verify_learning_action"),
    ("learning_action", "not_achieved"): Step(
        _SETTLER, "find it not achieved", "find_learning_not_achieved"
    ),
    ("learning_action", "cancel"): Step(_SETTLER, "cancel it", "cancel_learning_action"),
    ("qa_update", "edit"): Step(HEAD, "write it", "write_qa_update"),
    ("qa_update", "submit"): Step(HEAD, "submit it", "submit_qa_update"),
    ("qa_update", "return"): Step(QS, "return it", "return_qa_update"),
    ("board_report", "edit"): Step(QS, "change it", "edit_board_report"),
    ("board_report", "present"): Step(QS, "present it", "present_board_report"),
    ("board_report", "record_decision"): Step(
        QS, "record the Board's decisions", "record_board_decision"
    ),
    ("board_report", "disseminate"): Step(QS, "disseminate it", "disseminate_board_report"),
    ("board_report", "acknowledge"): Step(
        "whoever received it", "say that they have read it", "acknowledge_board_report"
    ),
    ("retention_run", "approve"): Step(_SECOND, "approve it", "approve_retention_run"),
    ("retention_run", "cancel"): Step(QS, "cancel it", "cancel_retention_run"),
    ("rights_change", "confirm"): Step(_SECOND_FOR_RIGHTS, "confirm it", "confirm_rights_change"),
    ("rights_change", "refuse"): Step(
        "an administrator or Quality & Standards", "refuse it", "refuse_rights_change"
    ),
    ("unusual_read", "look_into"): Step(
        "somebody of Quality & Standards whose reads they are not",
        "say what they found when they looked into it",
        "look_into_unusual_read",
    ),
    ("hand_over", "accept"): Step("whoever proposed it", "carry it out", "accept_hand_over"),
    ("hand_over", "withdraw"): Step(
        "whoever proposed it, or Quality & Standards,", "withdraw it", "withdraw_hand_over"
    ),
    ("webhook_delivery", "send_now"): Step(
        ADMINISTRATOR, "send it now", "send_webhook_delivery_now"
    ),
    ("webhook_delivery", "skip"): Step(ADMINISTRATOR, "skip it", "skip_webhook_delivery"),
    ("webhook_delivery", "replay"): Step(ADMINISTRATOR, "send it again", "replay_webhook_delivery"),
}
"""Every step that a caller of the API can take; the service takes the others by itself."""


_ANOTHER: Final = Step(ADMINISTRATOR, "propose another change", "propose_rights_change")

AFTERWARDS: Final[Mapping[tuple[str, str], Step]] = {
    ("rights_change", "confirmed"): _ANOTHER,
    ("rights_change", "refused"): _ANOTHER,
    ("rights_change", "ended"): _ANOTHER,
    ("rights_change", "done"): _ANOTHER,
    ("hand_over", "accepted"): Step(_MANAGERS, "propose another", "propose_hand_over"),
    ("hand_over", "withdrawn"): Step(_MANAGERS, "propose another", "propose_hand_over"),
    ("unusual_read", "looked_into"): Step(QS, "read what else was unusual", "list_unusual_reads"),
    ("restorative_action", "cancelled"): Step(
        _AUDITOR_OR_QS, "set another by amending its audit", "amend_audit"
    ),
    ("audit_response", "adequate"): Step(
        _SUPERVISOR,
        "record when its audit was discussed in supervision",
        "discuss_in_supervision",
    ),
    ("notification", "delivered"): Step(
        "the worker, or the team's supervisor or manager on their behalf,",
        "submit a response to it",
        "submit_response",
    ),
    ("escalation", "resolved"): Step(
        _AUDITOR_OR_QS, "raise a further urgent finding", "raise_urgent_finding"
    ),
    ("closure_gate", "closed"): Step(
        _CASE_SYSTEM, "say that the closing was cancelled", "receive_case_event"
    ),
    ("closure_gate", "closed_without_audit"): Step(
        _CASE_SYSTEM, "say that the closing was cancelled", "receive_case_event"
    ),
    ("closure_gate", "exempt"): Step(
        _CASE_SYSTEM,
        "close the case, or say that its reason is another",
        "receive_case_event",
    ),
    ("closure_gate", "withdrawn"): Step(
        _CASE_SYSTEM, "say that a closing is proposed again", "receive_case_event"
    ),
    ("audit_tool", "retired"): Step(QS, "begin its next version", "create_audit_tool"),
    ("quarter_plan", "superseded"): Step(
        QS, "draft a further version of the plan", "draft_quarter_plan"
    ),
    ("moderation_sample", "closed"): Step(
        QS, "draw a sample of another period", "draw_moderation_sample"
    ),
    ("learning_action", "cancelled"): Step(_MODERATOR, "set another", "set_learning_action"),
    ("learning_action", "verified"): Step(_MODERATOR, "set another", "set_learning_action"),
    ("retention_run", "cancelled"): Step(QS, "propose another", "propose_retention_run"),
    ("retention_run", "executed"): Step(QS, "propose another", "propose_retention_run"),
}
"""Where nothing can be done with a thing any more: what can be done instead, and by whom."""


def takeable(aggregate: str, actions: Iterable[str]) -> tuple[str, ...]:
    """The steps that somebody can ask for in a state, in their order."""
    return tuple(dict.fromkeys(one for one in actions if (aggregate, one) in STEPS))


def standing(aggregate: str, state: str) -> str:
    """A sentence that says what it is and where it stands: `This audit is in progress.`"""
    words = "a draft" if state == "draft" else _words(aggregate, state)
    return f"This {THINGS[aggregate]} is {words}."


def described(aggregate: str, state: str) -> str:
    """Where a thing of a kind stands, in words that stand alone: `In progress`."""
    words = _words(aggregate, state)
    return f"{words[0].upper()}{words[1:]}"


def _words(aggregate: str, state: str) -> str:
    return _STANDINGS.get((aggregate, state), state.replace("_", " "))


def what_is_next(aggregate: str, state: str, actions: Iterable[str]) -> str:
    """Who can do what with it; where nobody can do anything, that, and who can do what instead."""
    if able := said_of(STEPS[aggregate, action] for action in takeable(aggregate, actions)):
        return able
    instead = AFTERWARDS.get((aggregate, state))
    nothing = "Nothing further can be done with it."
    return nothing if instead is None else f"{nothing} {said_of([instead])}"


def said_of(steps: Iterable[Step]) -> str:
    """A sentence that says who can take which of some steps; empty where there is none."""
    by_whom: dict[str, list[str]] = {}
    for step in steps:
        by_whom.setdefault(step.who, []).append(step.says)
    able = "; ".join(f"{who} can {_either(said)}" for who, said in by_whom.items())
    return able and f"{able[0].upper()}{able[1:]}."


def _either(said: list[str]) -> str:
    *others, last = said
    return f"{', '.join(others)} or {last}" if others else last
