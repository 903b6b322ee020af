"""Reading what is owed and what managers have set: who may see which."""

from typing import Any

from sqlalchemy import ColumnElement, Date, func, select, true

from qa_api.auth.actor import Me
from qa_api.auth.reasons.cases import DUE_AUDITS as DUE_AUDITS_SEEN
from qa_api.due_audits.due_list import DueListRow
from qa_api.due_audits.schemas import AuditIntervalOut, DueAuditOut
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.due_audits import AuditInterval
from qa_api.models.inner import one_of
from qa_api.reads.documents import Document
from qa_api.reads.expressions import in_service, subject_of
from qa_api.reads.filters import about_subject, equals, holds_today
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Who leads the team, and Q&S; of a restricted household who holds a grant (X3)."""
    return DUE_AUDITS_SEEN.see(row, me)


def _planned(row: Any, me: Me) -> ColumnElement[Any]:
    audit = aliased(Audit)
    found = select(audit.id, audit.state, audit.due_on)
    return one_of(audit, found.where(audit.id == row.audit_id, visible_to(audit, me)))


def _everything(_row: Any, _value: Any, _me: Me) -> ColumnElement[bool]:
    """The relation itself takes these two parameters."""
    return true()


DUE_AUDITS = Listing(
    name="due-audits",
    shape=Shape(DueAuditOut, DueListRow, {"subject": subject_of, "audit": _planned}),
    visible=visible_to,
    subject="subject_id",
    order=(lambda row, _: row.due_on, lambda row, _: row.key),
    descending=False,
    filters={
        "as_at": Filter(_everything, Date()),
        "until": Filter(_everything, Date()),
        "type": equals("type"),
        "team": equals("team"),
        "service": Filter(in_service),
        "subject": about_subject(),
        "status": equals("status"),
    },
)
"""The longest overdue first; of one day by type, then by household or team."""


def _everyone(_row: Any, _me: Me) -> ColumnElement[bool]:
    return true()


_DATED: dict[str, Expression] = {
    "from_": lambda row, _: func.lower(row.valid),
    "to": lambda row, _: func.upper(row.valid),
}
_INTERVAL = Shape(AuditIntervalOut, AuditInterval, _DATED)

INTERVAL = Document(_INTERVAL, visible=_everyone)

INTERVALS = Listing(
    name="audit-intervals",
    shape=_INTERVAL,
    visible=_everyone,
    filters={
        "type": equals("type"),
        "team": equals("team"),
        "service": Filter(in_service),
        "current": holds_today(),
    },
)
"""Newest first."""
