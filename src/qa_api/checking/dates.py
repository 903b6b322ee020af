"""Every date is the one that the rules count from what its explanation says (§4.2, §4.3, §4.6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from qa_api.checking.answers import Answer, Row
from qa_api.models.board import QaUpdate
from qa_api.models.escalations import Escalation
from qa_api.models.observations import LearningHighlight
from qa_api.models.responses import AuditResponse, ResponseRound
from qa_api.rules.deadlines import Counting, deadline
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work, Workshop

_Column = InstrumentedAttribute[Any] | ColumnElement[Any]
_AT_ONCE: Final = 2_000


class _Dated(Unchanging):
    """A date that a rule counts, and the explanation that is kept beside it."""

    table: Any
    due: _Column
    explanation: _Column


_DATES: Final = (
    _Dated(AuditResponse, AuditResponse.due_on, AuditResponse.explanation),
    _Dated(ResponseRound, ResponseRound.due_on, ResponseRound.explanation),
    _Dated(ResponseRound, ResponseRound.review_due_on, ResponseRound.review_explanation),
    _Dated(Escalation, Escalation.acknowledge_by, Escalation.explanation["acknowledge_by"]),
    _Dated(Escalation, Escalation.inform_by, Escalation.explanation["inform_by"]),
    _Dated(QaUpdate, QaUpdate.due_on, QaUpdate.explanation),
    _Dated(LearningHighlight, LearningHighlight.due_on, LearningHighlight.explanation),
)


async def every_date_is_the_rules(workshop: Workshop) -> Answer:
    """Counted again by the calendar that its explanation names, it is the date that is kept."""
    asked, broken = 0, list[Row]()
    for dated in _DATES:
        last: UUID | None = None
        while True:
            async with workshop.open_as_service("check") as work:
                await work.act_as_service()
                kept = list(await work.session.execute(_some(dated, last)))
                for id_, due, explanation in kept:
                    if explanation and due != await _counted(work, explanation, due):
                        broken.append(Row(dated.table.__tablename__, id_))
            asked += len(kept)
            if len(kept) < _AT_ONCE:
                break
            last = kept[-1].id
    return Answer.of(asked, broken)


def _some(dated: _Dated, after: UUID | None) -> Any:
    id_ = dated.table.id
    found = select(id_, dated.due, dated.explanation).order_by(id_).limit(_AT_ONCE)
    return found if after is None else found.where(id_ > after)


async def _counted(work: Work, explanation: Mapping[str, Any], due: object) -> object:
    calendar = await work.calendar(explanation["calendar_version"])
    counted = deadline(Counting.kept(explanation), calendar)
    return counted.due_at if isinstance(due, datetime) else counted.due_on
