"""What is open of somebody, as far as the caller may hand it over: their teams', or everybody's."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import Select, func, null, select

from qa_api.auth.reach import unrestricted, whole_authority
from qa_api.hand_overs.reach import soonest
from qa_api.hand_overs.standing import held_action, held_audit, held_outcome, held_response
from qa_api.hand_overs.staying import staying_of
from qa_api.models.actions import RestorativeAction
from qa_api.models.audits import Audit
from qa_api.models.board import AwaitedUpdate
from qa_api.models.moderation import ModerationOutcome
from qa_api.models.responses import AuditResponse
from qa_api.rules.hand_over import HandedKind, HandOverKind, StaysBecause
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


async def movable(
    work: Work, holder: str, kinds: Iterable[HandOverKind], *, to_move: bool = False
) -> list[Held]:
    """What they were named for, of these kinds, by kind and soonest first.

    `to_move`: locked until the commit. Whoever is moving one of them is waited for, and what is
    not theirs any more then is left out.
    """
    held: list[Held] = []
    for kind in HandOverKind:
        if kind in set(kinds):
            statement = _MOVABLE[kind](work, holder)
            if to_move:
                thing = statement.column_descriptions[0]["entity"]
                statement = statement.with_for_update(of=thing)
            held += await _found(work, HandedKind(kind.value), statement)
    return held


async def staying(work: Work, holder: str) -> list[Held]:
    """What is in their list and cannot be given to anybody, with the reason."""
    held: list[Held] = []
    for kind, why, statement in staying_of(work, holder):
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
    if isinstance(record, ModerationOutcome):
        return f"/v1/moderation-samples/{record.sample_id}/outcomes/{record.audit_id}"
    if isinstance(record, AwaitedUpdate):
        return f"/v1/qa-updates?quarter={quote(record.quarter)}&service={record.service}"
    return f"/v1/{_COLLECTIONS[kind]}/{record.id}"


_COLLECTIONS = {
    HandedKind.AUDIT: "audits",
    HandedKind.RESPONSE: "audit-responses",
    HandedKind.ACTION: "restorative-actions",
    HandedKind.REVIEW: "audit-responses",
    HandedKind.ESCALATION: "escalations",
    HandedKind.VERIFICATION: "restorative-actions",
    HandedKind.LEARNING_ACTION: "learning-actions",
    HandedKind.LEARNING_VERIFICATION: "learning-actions",
    HandedKind.QA_UPDATE: "qa-updates",
    HandedKind.BOARD_DECISION: "board-decisions",
    HandedKind.COMMENT: "comments",
    HandedKind.HAND_OVER: "hand-overs",
    HandedKind.PRACTICE_AUDIT: "practice-cases",
}


def _audits(work: Work, holder: str) -> Select[Any, Any]:
    return soonest(Audit, Audit.due_on, held_audit(Audit, holder), me=work.me)


def _responses(work: Work, holder: str) -> Select[Any, Any]:
    response = AuditResponse
    return soonest(response, response.due_on, held_response(response, holder), me=work.me)


def _actions(work: Work, holder: str) -> Select[Any, Any]:
    action = RestorativeAction
    return soonest(action, action.due_on, held_action(action, holder), me=work.me)


def _outcomes(work: Work, holder: str) -> Select[Any, Any]:
    outcome = ModerationOutcome
    return (
        select(outcome, null().label("due_on"))
        .where(
            held_outcome(outcome, holder),
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
