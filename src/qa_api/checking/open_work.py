"""What is open in each list in which things wait: a row of it must be in somebody's work list."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, all_, and_, exists, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from qa_api.me.conversations import awaits_an_answer
from qa_api.models.access import RightsChange, UnusualRead
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import Audit
from qa_api.models.board import AwaitedUpdate, BoardDecision, QaUpdate
from qa_api.models.closures import ClosureGate
from qa_api.models.comments import Comment, CommentAddressee
from qa_api.models.escalations import Escalation
from qa_api.models.hand_overs import HandOver
from qa_api.models.moderation import LearningAction, ModerationOutcome, ModerationSample
from qa_api.models.notifications import Notification
from qa_api.models.observations import AwaitedHighlights, AwaitedObservation, LearningHighlight
from qa_api.models.responses import AuditResponse
from qa_api.models.retention import RetentionRun
from qa_api.reads.expressions import moderated_in_error, of_standing_audit
from qa_api.rules.states import (
    ACTION_SETTLED,
    AUDIT_OPEN,
    ESCALATION_UNRESOLVED,
    GATE_UNCLEARED,
    LEARNING_ACTION_SETTLED,
    QA_UPDATE_TO_SUBMIT,
    HandOverState,
    NotificationState,
    ResponseState,
    RetentionRunState,
    RightsChangeState,
    SampleState,
    UnusualReadState,
)
from qa_api.rules.unchanging import Unchanging


class Open(Unchanging, eq=False):
    """The rows of a table that wait for somebody until they are settled."""

    table: Any
    is_open: ColumnElement[bool]
    listed_about: InstrumentedAttribute[Any] | None = None

    @property
    def about(self) -> InstrumentedAttribute[Any]:
        """What the work list is about: the row itself, where nothing else is said."""
        about: InstrumentedAttribute[Any] = (
            self.table.id if self.listed_about is None else self.listed_about
        )
        return about


def _audits() -> Open:
    reported = and_(Audit.error_reported_by.is_not(None), Audit.recorded_in_error_at.is_(None))
    to_do = and_(Audit.state.in_(AUDIT_OPEN), Audit.recorded_in_error_at.is_(None))
    return Open(Audit, or_(to_do, reported))


def _actions() -> Open:
    """Set ones: what is not set yet is a part of the auditor's draft."""
    action = RestorativeAction
    to_do = and_(action.set_at.is_not(None), action.state.not_in(ACTION_SETTLED))
    return Open(action, and_(to_do, of_standing_audit(action)))


def _notifications() -> Open:
    """Those that somebody has to tell by hand."""
    told_by_hand = or_(
        Notification.state == NotificationState.UNDELIVERABLE,
        and_(
            Notification.state == NotificationState.QUEUED,
            Notification.queued_until <= func.qa_now(),
        ),
    )
    return Open(Notification, and_(told_by_hand, of_standing_audit(Notification)))


def _overrides() -> Open:
    gate = ClosureGate
    asked = and_(gate.override_requested_at.is_not(None), gate.override_approved_at.is_(None))
    waits = and_(gate.state.in_(GATE_UNCLEARED), gate.override_withdrawn_at.is_(None))
    return Open(gate, and_(asked, waits))


def _outcomes() -> Open:
    """To be moderated; a consensus waits for one person alone, and nobody else can agree to it."""
    outcome = ModerationOutcome
    in_open_sample = select(ModerationSample.id).where(ModerationSample.state == SampleState.OPEN)
    in_error = select(Audit.id).where(Audit.recorded_in_error_at.is_not(None))
    return Open(
        outcome,
        and_(
            outcome.moderated_at.is_(None),
            outcome.sample_id.in_(in_open_sample),
            outcome.audit_id.not_in(in_error),
        ),
        outcome.audit_id,
    )


def _learning_actions() -> Open:
    stands = LearningAction.outcome_id != all_(moderated_in_error())
    return Open(LearningAction, and_(LearningAction.state.not_in(LEARNING_ACTION_SETTLED), stands))


def _comments() -> Open:
    asked = exists().where(
        CommentAddressee.comment_id == Comment.id, CommentAddressee.answered_at.is_(None)
    )
    return Open(Comment, and_(awaits_an_answer(Comment), asked))


OPEN: Final[Mapping[str, tuple[Open, ...]]] = {
    "audits": (_audits(),),
    "audit-responses": (
        Open(
            AuditResponse,
            and_(AuditResponse.state != ResponseState.ADEQUATE, of_standing_audit(AuditResponse)),
        ),
    ),
    "notifications": (_notifications(),),
    "restorative-actions": (_actions(),),
    "escalations": (Open(Escalation, Escalation.state.in_(ESCALATION_UNRESOLVED)),),
    "closure-gates": (_overrides(),),
    "moderation-samples": (_outcomes(),),
    "learning-actions": (_learning_actions(),),
    "observation-compliance": (Open(AwaitedObservation, true()),),
    "learning-highlights": (Open(LearningHighlight, LearningHighlight.answered_at.is_(None)),),
    "learning-highlight-returns": (Open(AwaitedHighlights, true()),),
    "qa-updates": (
        Open(QaUpdate, QaUpdate.state.in_(QA_UPDATE_TO_SUBMIT)),
        Open(AwaitedUpdate, true()),
    ),
    "board-decisions": (Open(BoardDecision, BoardDecision.done_at.is_(None)),),
    "retention-runs": (Open(RetentionRun, RetentionRun.state == RetentionRunState.PROPOSED),),
    "rights-changes": (Open(RightsChange, RightsChange.state == RightsChangeState.PROPOSED),),
    "unusual-reads": (Open(UnusualRead, UnusualRead.state == UnusualReadState.FOUND),),
    "comments": (_comments(),),
    "hand-overs": (Open(HandOver, HandOver.state == HandOverState.PROPOSED),),
}
"""By the list that it stands in, as `rules/waiting.py` names it."""
