"""What belongs to an audit names its auditor, by whom an auditor's lists find it (ADR 76)."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, select

from qa_api.checking.answers import Answer, Row
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.comments import Comment
from qa_api.models.moderation import ModerationOutcome
from qa_api.models.responses import AuditResponse
from qa_api.work import Workshop


async def every_row_names_the_auditor_of_its_audit(workshop: Workshop) -> Answer:
    """A row that named another would be missing in its auditor's lists."""
    asked, broken = 0, list[Row]()
    async with workshop.open_as_service("check") as work:
        await work.act_as_service()
        for table in _NAMING:
            row = aliased(table)
            differing = select(row.id).where(row.auditor.is_distinct_from(_auditor(table, row)))
            broken += [
                Row(table.__tablename__, id_) for id_ in await work.session.scalars(differing)
            ]
            asked += await work.session.scalar(select(func.count()).select_from(row)) or 0
    return Answer.of(asked, broken)


_NAMING: Final[tuple[Any, ...]] = (RestorativeAction, AuditResponse, Comment)


def _auditor(table: Any, row: Any) -> ColumnElement[Any]:
    """Who it is: of an outcome as the outcome says, of an action that shows nowhere yet nobody."""
    audit = aliased(Audit)
    of_audit = _one(select(audit.auditor).where(audit.id == row.audit_id))
    if table is RestorativeAction:
        return case((row.set_at.is_not(None), of_audit))
    if table is not Comment:
        return of_audit
    outcome = aliased(ModerationOutcome)
    of_outcome = _one(select(outcome.auditor).where(outcome.id == row.outcome_id))
    return case((row.outcome_id.is_not(None), of_outcome), else_=of_audit)


def _one(found: Select[Any]) -> ColumnElement[Any]:
    return found.scalar_subquery()
