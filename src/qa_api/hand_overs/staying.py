"""What of somebody's open work cannot be given to anybody, and why: it is told all the same."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, all_, and_, case, func, literal, null, or_, select

from qa_api.auth.duty import heads, holds
from qa_api.auth.reach import unrestricted, whole_authority
from qa_api.auth.reasons.practice import BOARD_DECISIONS, QA_UPDATES
from qa_api.auth.roles import Permission, roles_with
from qa_api.hand_overs.reach import seen_by_who_proposed, soonest, within_reach
from qa_api.me.conversations import awaits_an_answer
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.board import AwaitedUpdate, BoardDecision, QaUpdate
from qa_api.models.comments import Comment, CommentAddressee
from qa_api.models.escalations import Escalation, EscalationRecipient
from qa_api.models.hand_overs import HandOver
from qa_api.models.inner import there_is
from qa_api.models.moderation import LearningAction, ModerationOutcome, ModerationSample
from qa_api.models.practice_audits import PracticeAudit, PracticeCase
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.reads.expressions import moderated_in_error, of_standing_audit
from qa_api.rules.hand_over import HandedKind, StaysBecause
from qa_api.rules.states import (
    ACTION_TO_DO,
    ESCALATION_UNRESOLVED,
    QA_UPDATE_TO_SUBMIT,
    ActionState,
    HandOverState,
    LearningActionState,
    ResponseState,
    SampleState,
)
from qa_api.work import Work

Staying = tuple[HandedKind, StaysBecause, Select[Any, Any]]


def staying_of(work: Work, holder: str) -> list[Staying]:
    """Each kind of thing that stays, why, and those of the holder that the caller may know of."""
    return [
        *_of_cases(work, holder),
        *_of_moderation(work, holder),
        *_of_the_board(work, holder),
        *_of_themselves(work, holder),
    ]


def _set_actions(*conditions: ColumnElement[bool], work: Work) -> Select[Any, Any]:
    """Actions that are set and stand, soonest due first."""
    action = RestorativeAction
    stands = and_(action.set_at.is_not(None), of_standing_audit(action))
    return soonest(action, action.due_on, stands, *conditions, me=work.me)


def _of_cases(work: Work, holder: str) -> list[Staying]:
    action = RestorativeAction
    follows = _set_actions(
        action.owner.is_(None),
        action.worker == holder,
        action.state.in_(ACTION_TO_DO),
        work=work,
    )
    to_verify = _set_actions(
        action.state == ActionState.DONE,
        select(Audit.auditor).where(Audit.id == action.audit_id).scalar_subquery() == holder,
        work=work,
    )
    return [
        (HandedKind.ACTION, StaysBecause.FOLLOWS_CASE, follows),
        (HandedKind.REVIEW, StaysBecause.FOLLOWS_POST, _reviews(work, holder)),
        (HandedKind.ESCALATION, StaysBecause.FOLLOWS_POST, _asked(work, holder)),
        (HandedKind.VERIFICATION, StaysBecause.OTHERS_DO_IT, to_verify),
        (HandedKind.COMMENT, StaysBecause.OTHERS_DO_IT, _comments(work, holder)),
    ]


def _reviews(work: Work, holder: str) -> Select[Any, Any]:
    response, turn = AuditResponse, ResponseRound
    return (
        select(response, turn.review_due_on.label("due_on"))
        .join(turn, turn.response_id == response.id)
        .where(
            response.state == ResponseState.SUBMITTED,
            turn.reviewer == holder,
            turn.submitted_at.is_not(None),
            turn.outcome.is_(None),
            of_standing_audit(response),
            within_reach(response, work.me),
        )
        .order_by(turn.review_due_on.nulls_last(), response.id)
    )


def _asked(work: Work, holder: str) -> Select[Any, Any]:
    escalation, asked = Escalation, EscalationRecipient
    theirs = select(literal(1)).where(
        asked.escalation_id == escalation.id,
        asked.recipient == holder,
        asked.replaced_at.is_(None),
    )
    return (
        select(escalation, null().label("due_on"))
        .where(
            escalation.state.in_(ESCALATION_UNRESOLVED),
            theirs.exists(),
            within_reach(escalation, work.me),
        )
        .order_by(escalation.id)
    )


def _comments(work: Work, holder: str) -> Select[Any, Any]:
    """What they are asked and have not answered, as far as the caller reads the conversation."""
    me, comment, asked, mine = work.me, Comment, CommentAddressee, aliased(CommentAddressee)
    theirs = there_is(
        asked,
        asked.comment_id == comment.id,
        asked.addressee == holder,
        asked.answered_at.is_(None),
    )
    reads = or_(
        whole_authority(me),
        comment.written_by == me.worker,
        there_is(mine, mine.comment_id == comment.id, mine.addressee == me.worker),
    )
    return (
        select(comment, null().label("due_on"))
        .where(awaits_an_answer(comment), theirs, reads, unrestricted(comment, me))
        .order_by(comment.id)
    )


def _of_moderation(work: Work, holder: str) -> list[Staying]:
    me, learning, outcome = work.me, LearningAction, ModerationOutcome
    stands = learning.outcome_id != all_(moderated_in_error())
    to_do = soonest(
        learning,
        learning.due_on,
        learning.owner == holder,
        learning.state == LearningActionState.OPEN,
        stands,
        me=me,
    )
    to_verify = soonest(
        learning,
        learning.due_on,
        learning.set_by == holder,
        learning.state == LearningActionState.DONE,
        learning.done_by != holder,
        stands,
        me=me,
    )
    by_auditor = outcome.consensus_proposed_by == outcome.auditor
    to_agree = (
        select(outcome, null().label("due_on"))
        .join(ModerationSample, ModerationSample.id == outcome.sample_id)
        .join(Audit, Audit.id == outcome.audit_id)
        .where(
            outcome.consensus_proposed_at.is_not(None),
            outcome.consensus_agreed_at.is_(None),
            case((by_auditor, outcome.moderated_by), else_=outcome.auditor) == holder,
            ModerationSample.state == SampleState.OPEN,
            Audit.recorded_in_error_at.is_(None),
            whole_authority(me),
            unrestricted(outcome, me),
        )
        .order_by(outcome.id)
    )
    return [
        (HandedKind.LEARNING_ACTION, StaysBecause.OTHERS_DO_IT, to_do),
        (HandedKind.LEARNING_VERIFICATION, StaysBecause.OTHERS_DO_IT, to_verify),
        (HandedKind.CONSENSUS, StaysBecause.ONLY_THEIRS, to_agree),
    ]


def _of_the_board(work: Work, holder: str) -> list[Staying]:
    me, decision, update, owed = work.me, BoardDecision, QaUpdate, AwaitedUpdate
    decided = (
        select(decision, decision.due_on.label("due_on"))
        .where(
            decision.owner == holder,
            decision.done_at.is_(None),
            BOARD_DECISIONS.hold(decision, me),
        )
        .order_by(decision.due_on.nulls_last(), decision.id)
    )
    begun = (
        select(update, update.due_on.label("due_on"))
        .where(
            update.state.in_(QA_UPDATE_TO_SUBMIT),
            heads(update.service, literal(holder)),
            QA_UPDATES.hold(update, me),
        )
        .order_by(update.due_on.nulls_last(), update.id)
    )
    to_begin = (
        select(owed, owed.due_on.label("due_on"))
        .where(
            heads(owed.service, literal(holder)),
            or_(whole_authority(me), heads(owed.service, me.worker)),
        )
        .order_by(owed.due_on.nulls_last(), owed.id)
    )
    return [
        (HandedKind.BOARD_DECISION, StaysBecause.OTHERS_DO_IT, decided),
        (HandedKind.QA_UPDATE, StaysBecause.FOLLOWS_POST, begun),
        (HandedKind.QA_UPDATE, StaysBecause.FOLLOWS_POST, to_begin),
    ]


_AUDITORS: Final = sorted(roles_with(Permission.PRACTICE_AUDIT_RECORD))


def _of_themselves(work: Work, holder: str) -> list[Staying]:
    """Proposals that they made, and practice cases that they could judge until a day to come."""
    me, proposal, practice, judged = work.me, HandOver, PracticeCase, PracticeAudit
    proposed = (
        select(proposal, null().label("due_on"))
        .where(
            proposal.state == HandOverState.PROPOSED,
            proposal.proposed_by == holder,
            seen_by_who_proposed(proposal, me),
        )
        .order_by(proposal.id)
    )
    unjudged = (
        select(practice, practice.ends_on.label("due_on"))
        .where(
            practice.ends_on >= work.today,
            holds(literal(holder), *_AUDITORS, even_away=True),
            ~there_is(judged, judged.case_id == practice.id, judged.auditor == holder),
            # Who has judged which case is for themselves and Quality & Standards to know.
            or_(whole_authority(me), func.coalesce(me.worker == holder, False)),
        )
        .order_by(practice.ends_on, practice.id)
    )
    return [
        (HandedKind.HAND_OVER, StaysBecause.OTHERS_DO_IT, proposed),
        (HandedKind.PRACTICE_AUDIT, StaysBecause.ONLY_THEIRS, unjudged),
    ]
