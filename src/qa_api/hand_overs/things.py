"""What is open of somebody, as far as the caller may hand it over: their teams', or everybody's."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, null, or_, select

from qa_api.auth.actor import Me
from qa_api.auth.reach import managed, unrestricted, whole_authority
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import Audit
from qa_api.models.escalations import Escalation, EscalationRecipient
from qa_api.models.moderation import LearningAction, ModerationOutcome, ModerationSample
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.reads.expressions import moderated_in_error, of_standing_audit
from qa_api.rules.hand_over import HandedKind, HandOverKind, StaysBecause
from qa_api.rules.states import (
    ACTION_TO_DO,
    AUDIT_OPEN,
    ESCALATION_UNRESOLVED,
    RESPONSE_TO_SUBMIT,
    ActionState,
    LearningActionState,
    ResponseState,
    SampleState,
)
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work


class Held(Unchanging, eq=False):
    """One thing that is open of somebody; `record` is the row, `stays` says why it cannot move."""

    kind: HandedKind
    record: Any
    path: str
    due_on: date | None
    stays: StaysBecause | None = None

    @property
    def id(self) -> UUID:
        """The id of the record."""
        id_: UUID = self.record.id
        return id_

    @property
    def key(self) -> str:
        """Its name among the things of a hand-over."""
        return f"{self.kind}:{self.id}"


async def movable(work: Work, holder: str, kinds: Iterable[HandOverKind]) -> list[Held]:
    """What they were named for, of these kinds, by kind and soonest first."""
    held: list[Held] = []
    for kind in HandOverKind:
        if kind in set(kinds):
            held += await _found(work, HandedKind(kind.value), _MOVABLE[kind](work, holder))
    return held


async def staying(work: Work, holder: str) -> list[Held]:
    """What is in their list and cannot be given to anybody, with the reason."""
    held: list[Held] = []
    for kind, why, statement in _staying(work, holder):
        held += await _found(work, kind, statement, why)
    return held


async def carried(work: Work, takers: Sequence[str]) -> dict[str, int]:
    """How many open things of these kinds each of them has already, as far as the caller sees."""
    counts = dict.fromkeys(takers, 0)
    for kind in HandOverKind:
        for taker in takers:
            found = _MOVABLE[kind](work, taker).order_by(None).subquery()
            counts[taker] += await work.session.scalar(select(func.count()).select_from(found)) or 0
    return counts


async def _found(
    work: Work, kind: HandedKind, statement: Select[Any, Any], stays: StaysBecause | None = None
) -> list[Held]:
    rows = await work.session.execute(statement.execution_options(populate_existing=True))
    return [
        Held(kind, row[0], _path(kind, row[0]), row.due_on, stays) for row in rows.unique().all()
    ]


def _path(kind: HandedKind, record: Any) -> str:
    if kind is HandedKind.MODERATION:
        return f"/v1/moderation-samples/{record.sample_id}/outcomes/{record.audit_id}"
    return f"/v1/{_COLLECTIONS[kind]}/{record.id}"


_COLLECTIONS = {
    HandedKind.AUDIT: "audits",
    HandedKind.RESPONSE: "audit-responses",
    HandedKind.ACTION: "restorative-actions",
    HandedKind.REVIEW: "audit-responses",
    HandedKind.ESCALATION: "escalations",
    HandedKind.VERIFICATION: "restorative-actions",
    HandedKind.LEARNING_ACTION: "learning-actions",
}


def _within_reach(row: Any, me: Me) -> ColumnElement[bool]:
    """In a team that the caller leads, or anywhere for Quality & Standards (X3)."""
    return and_(or_(whole_authority(me), managed(row, me)), unrestricted(row, me))


def _soonest(row: Any, due_on: Any, *conditions: ColumnElement[bool], me: Me) -> Select[Any, Any]:
    due = due_on.label("due_on")
    return (
        select(row, due)
        .where(*conditions, _within_reach(row, me))
        .order_by(due.nulls_last(), row.id)
    )


def _audits(work: Work, holder: str) -> Select[Any, Any]:
    return _soonest(
        Audit, Audit.due_on, Audit.auditor == holder, Audit.state.in_(AUDIT_OPEN), me=work.me
    )


def _responses(work: Work, holder: str) -> Select[Any, Any]:
    response = AuditResponse
    theirs = or_(
        response.handed_to == holder,
        and_(response.worker == holder, response.handed_to.is_(None)),
    )
    to_submit = and_(response.state.in_(RESPONSE_TO_SUBMIT), of_standing_audit(response))
    return _soonest(response, response.due_on, theirs, to_submit, me=work.me)


def _set_actions(*conditions: ColumnElement[bool], me: Me) -> Select[Any, Any]:
    action = RestorativeAction
    stands = and_(action.set_at.is_not(None), of_standing_audit(action))
    return _soonest(action, action.due_on, stands, *conditions, me=me)


def _actions(work: Work, holder: str) -> Select[Any, Any]:
    action = RestorativeAction
    return _set_actions(action.owner == holder, action.state.in_(ACTION_TO_DO), me=work.me)


def _outcomes(work: Work, holder: str) -> Select[Any, Any]:
    outcome = ModerationOutcome
    return (
        select(outcome, null().label("due_on"))
        .join(ModerationSample, ModerationSample.id == outcome.sample_id)
        .join(Audit, Audit.id == outcome.audit_id)
        .where(
            outcome.moderator == holder,
            outcome.moderated_at.is_(None),
            ModerationSample.state == SampleState.OPEN,
            Audit.recorded_in_error_at.is_(None),
            # Who moderates is Quality & Standards' to say.
            whole_authority(work.me),
            unrestricted(outcome, work.me),
        )
        .order_by(outcome.id)
    )


_MOVABLE = {
    HandOverKind.AUDIT: _audits,
    HandOverKind.RESPONSE: _responses,
    HandOverKind.ACTION: _actions,
    HandOverKind.MODERATION: _outcomes,
}


def _staying(work: Work, holder: str) -> list[tuple[HandedKind, StaysBecause, Select[Any, Any]]]:
    action, learning, me = RestorativeAction, LearningAction, work.me
    follows = _set_actions(
        action.owner.is_(None), action.worker == holder, action.state.in_(ACTION_TO_DO), me=me
    )
    to_verify = _set_actions(
        action.state == ActionState.DONE,
        select(Audit.auditor).where(Audit.id == action.audit_id).scalar_subquery() == holder,
        me=me,
    )
    learned = _soonest(
        learning,
        learning.due_on,
        learning.owner == holder,
        learning.state == LearningActionState.OPEN,
        learning.outcome_id.not_in(select(func.unnest(moderated_in_error()))),
        me=me,
    )
    return [
        (HandedKind.ACTION, StaysBecause.FOLLOWS_CASE, follows),
        (HandedKind.REVIEW, StaysBecause.FOLLOWS_POST, _reviews(holder, me)),
        (HandedKind.ESCALATION, StaysBecause.FOLLOWS_POST, _asked(holder, me)),
        (HandedKind.VERIFICATION, StaysBecause.OTHERS_DO_IT, to_verify),
        (HandedKind.LEARNING_ACTION, StaysBecause.OTHERS_DO_IT, learned),
    ]


def _reviews(holder: str, me: Me) -> Select[Any, Any]:
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
            _within_reach(response, me),
        )
        .order_by(turn.review_due_on.nulls_last(), response.id)
    )


def _asked(holder: str, me: Me) -> Select[Any, Any]:
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
            _within_reach(escalation, me),
        )
        .order_by(escalation.id)
    )
