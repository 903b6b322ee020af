"""X8: a conversation is locked when what it is about closes, and not before."""

from enum import StrEnum

import pytest

from qa_api.rules.comments import CommentKind, check_open
from qa_api.rules.states import (
    ActionState,
    AuditState,
    EscalationState,
    ResponseState,
    SampleState,
)
from tests.rules.refusing import Refusal, refusal

CLOSED: dict[CommentKind, tuple[type[StrEnum], set[str]]] = {
    CommentKind.AUDIT: (AuditState, {"closed", "cancelled"}),
    CommentKind.QUESTION: (AuditState, {"closed", "cancelled"}),
    CommentKind.AUDIT_RESPONSE: (ResponseState, {"adequate"}),
    CommentKind.RESTORATIVE_ACTION: (ActionState, {"verified", "cancelled"}),
    CommentKind.ESCALATION: (EscalationState, {"resolved"}),
    CommentKind.MODERATION_OUTCOME: (SampleState, {"closed"}),
}
"""The states of the thing in which nobody says anything more."""


@pytest.mark.parametrize("kind", list(CommentKind))
def test_a_conversation_goes_on_until_what_it_is_about_is_settled(kind: CommentKind) -> None:
    states, closed = CLOSED[kind]
    locked = {state for state in states if refusal(check_open, kind, state)}
    assert locked == closed
    for state in locked:
        assert refusal(check_open, kind, state) == Refusal("locked", "X8")
