"""Columns and conditions that the documents of several domains have in common."""

from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Integer, cast, exists, func, literal, select
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import aliased

from qa_api.auth.actor import Me
from qa_api.auth.reach import audited_by
from qa_api.models.audits import Audit
from qa_api.models.directory import TeamService
from qa_api.models.policy import CalendarDay
from qa_api.models.subjects import Subject

# A list that is ordered by due date ends with what is not due yet.
_NOT_DUE = cast(literal("9999-12-31"), Date)


def subject_of(row: Any, _: Me) -> ColumnElement[Any]:
    """The subject of a record as the contract shows it (`SubjectOut`), or null."""
    subject = aliased(Subject)
    shown = select(subject.id, subject.kind, subject.system, subject.ref).where(
        subject.id == row.subject_id
    )
    fields = shown.correlate_except(subject).subquery()
    return select(func.row_to_json(fields.table_valued(), type_=JSON)).scalar_subquery()


def working_days_left(due_on: ColumnElement[Any], me: Me) -> ColumnElement[Any]:
    """Working days after today up to a due date: 0 on the day, negative once missed."""
    due, today = aliased(CalendarDay), aliased(CalendarDay)
    left = select(due.working_index - today.working_index).where(
        due.day == due_on, today.day == me.today
    )
    return cast(left.correlate_except(due, today).scalar_subquery(), Integer)


def soonest_due(row: Any, _: Me) -> ColumnElement[Any]:
    """The order of what waits: the soonest due date first, what has none last."""
    return func.coalesce(row.due_on, _NOT_DUE, type_=Date)


def in_service(row: Any, service: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Held by a team that belongs to the service today."""
    belongs = aliased(TeamService)
    teams = select(belongs.team).where(belongs.service == service, belongs.valid.contains(me.today))
    held: ColumnElement[bool] = row.team.in_(teams.correlate_except(belongs))
    return held


def of_standing_audit(row: Any) -> ColumnElement[bool]:
    """Not of an audit that was recorded in error: that is out of every list (R4.1.5)."""
    audit: Any = aliased(Audit)
    in_error = exists().where(audit.id == row.audit_id, audit.recorded_in_error_at.is_not(None))
    return ~in_error.correlate_except(audit)


def london_midnight(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The instant at which a London date begins."""
    return func.timezone("Europe/London", cast(day, DateTime()), type_=DateTime(timezone=True))


def of_audit_type(row: Any, type_: ColumnElement[str], _: Me) -> ColumnElement[bool]:
    """Belongs to an audit of this type."""
    audit: Any = aliased(Audit)
    found = exists().where(audit.id == row.audit_id, audit.type == type_)
    return found.correlate_except(audit)


def audited_for(row: Any, me: Me) -> ColumnElement[bool]:
    """Belongs to an audit that is assigned to the caller as auditor."""
    audit: Any = aliased(Audit)
    theirs = exists().where(audit.id == row.audit_id, audited_by(audit.auditor, me))
    return theirs.correlate_except(audit)
