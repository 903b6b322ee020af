"""Comments that ask somebody and are not answered yet (X8)."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Select, and_, func, not_, null, or_

from qa_api.auth.duty import holds, holds_over
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.me.work_items import QUALITY_STANDARDS, Column, can, wait
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.comments import Comment, CommentAddressee
from qa_api.models.escalations import EscalationRecipient
from qa_api.models.inner import there_is
from qa_api.models.moderation import ModerationOutcome, ModerationSample
from qa_api.models.responses import AuditResponse
from qa_api.reads.expressions import of_standing_audit
from qa_api.rules.comments import CommentKind
from qa_api.rules.states import ACTION_SETTLED, ResponseState, SampleState

_WRITERS = roles_with(Permission.COMMENT_WRITE)
_LEADERS = (Role.PRACTICE_SUPERVISOR, Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE)
_OF_AUDIT = (CommentKind.AUDIT, CommentKind.QUESTION)
_OVER_ALL = (Role.QUALITY_STANDARDS, Role.SENIOR_LEADER)


def conversations() -> list[Select[Any]]:
    """A comment waits for whom it asks; where they cannot answer it, for Quality & Standards."""
    comment, asked = Comment, CommentAddressee
    waits = awaits_an_answer(comment)
    unanswered = and_(asked.comment_id == comment.id, asked.answered_at.is_(None))
    able = and_(
        can(asked.addressee, comment, *_WRITERS),
        _is_near(asked.addressee, comment),
        not_(_moderates(asked.addressee, comment, yet_to_judge=True)),
    )
    facts: dict[str, Any] = {"list_": "comments", "record": comment, "due_on": null()}
    theirs = wait("reply", person=asked.addressee, in_roles=_WRITERS, **facts)
    cannot = there_is(asked, unanswered, not_(able))
    return [
        theirs.join(asked, unanswered).where(waits),
        wait("reply", waits_for=QUALITY_STANDARDS, **facts).where(waits, cannot),
    ]


def _moderates(worker: Column, comment: Any, *, yet_to_judge: bool = False) -> ColumnElement[bool]:
    """Whether somebody moderates the audit; `yet_to_judge`: sealed, so that they read it later."""
    outcome, sample = aliased(ModerationOutcome), aliased(ModerationSample)
    sealed = (outcome.sealed, outcome.moderated_at.is_(None)) if yet_to_judge else ()
    return there_is(
        (outcome, sample),
        outcome.audit_id == comment.audit_id,
        outcome.moderator == worker,
        outcome.sample_id == sample.id,
        sample.state == SampleState.OPEN,
        *sealed,
    )


def awaits_an_answer(comment: Any) -> ColumnElement[bool]:
    """Whether it asks somebody, and can still be answered."""
    is_open = func.qa_is_open_to_comments(
        comment.kind,
        comment.audit_id,
        comment.response_id,
        comment.action_id,
        comment.escalation_id,
        comment.outcome_id,
        type_=Boolean,
    )
    return and_(
        comment.addressed,
        comment.reply_to.is_(None),
        comment.resolved_at.is_(None),
        of_standing_audit(comment),
        is_open,
    )


def _is_near(worker: Column, comment: Any) -> ColumnElement[bool]:
    """Whether somebody still has to do with what they were asked about.

    It says less often yes than they may read it: then Quality & Standards have it as well.
    """
    audit = aliased(Audit)
    action, response = aliased(RestorativeAction), aliased(AuditResponse)
    told = aliased(EscalationRecipient)
    return or_(
        holds(worker, *_OVER_ALL),
        holds_over(worker, comment.team, *_LEADERS),
        func.coalesce(worker == comment.worker, False),
        there_is(audit, audit.id == comment.audit_id, audit.auditor == worker),
        and_(
            comment.kind.in_(_OF_AUDIT),
            func.qa_was_audited(comment.audit_id, worker, type_=Boolean),
        ),
        and_(
            comment.kind.in_((*_OF_AUDIT, CommentKind.MODERATION_OUTCOME)),
            _moderates(worker, comment),
        ),
        there_is(
            action,
            action.id == comment.action_id,
            action.owner == worker,
            action.state.not_in(ACTION_SETTLED),
        ),
        there_is(
            response,
            response.audit_id == comment.audit_id,
            response.handed_to == worker,
            response.state != ResponseState.ADEQUATE,
        ),
        there_is(told, told.escalation_id == comment.escalation_id, told.recipient == worker),
    )
