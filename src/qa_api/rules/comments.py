"""A conversation is open until what it is about closes, and locked from then on (X8)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from qa_api.rules.decision import RuleRefused
from qa_api.rules.states import (
    ACTION_SETTLED,
    AuditState,
    EscalationState,
    ResponseState,
    SampleState,
)

CLAUSE: Final = "X8"


class CommentKind(StrEnum):
    """What a comment is about."""

    AUDIT = "audit"
    QUESTION = "question"
    AUDIT_RESPONSE = "audit_response"
    RESTORATIVE_ACTION = "restorative_action"
    ESCALATION = "escalation"
    MODERATION_OUTCOME = "moderation_outcome"


_AUDIT_CLOSED: Final = (AuditState.CLOSED, AuditState.CANCELLED)

LOCKED_IN: Final[Mapping[CommentKind, tuple[StrEnum, ...]]] = {
    CommentKind.AUDIT: _AUDIT_CLOSED,
    CommentKind.QUESTION: _AUDIT_CLOSED,
    CommentKind.AUDIT_RESPONSE: (ResponseState.ADEQUATE,),
    CommentKind.RESTORATIVE_ACTION: ACTION_SETTLED,
    CommentKind.ESCALATION: (EscalationState.RESOLVED,),
    # An outcome has no states of its own: it is open while its sample is.
    CommentKind.MODERATION_OUTCOME: (SampleState.CLOSED,),
}
"""In which states of the thing its conversation is locked; a test asks the database the same."""

_WORDS: Final[Mapping[CommentKind, str]] = {
    CommentKind.AUDIT: "The audit is closed",
    CommentKind.QUESTION: "The audit is closed",
    CommentKind.AUDIT_RESPONSE: "The response was found adequate",
    CommentKind.RESTORATIVE_ACTION: "The action is settled",
    CommentKind.ESCALATION: "The escalation is resolved",
    CommentKind.MODERATION_OUTCOME: "The moderation sample is closed",
}


def check_open(kind: CommentKind, state: str) -> None:
    """Refuse to go on with a conversation about what is closed.

    Raises RuleRefused: what was said stands, and can still be read and released.
    """
    if state in LOCKED_IN[kind]:
        raise RuleRefused(
            "locked", CLAUSE, f"{_WORDS[kind]}, and its conversation is locked with it."
        )
