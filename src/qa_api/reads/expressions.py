"""Columns and conditions that the documents of several domains have in common."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    all_,
    and_,
    case,
    cast,
    extract,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from qa_api.auth.actor import Me
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.directory import CaseSystemReference, TeamService
from qa_api.models.inner import one_of, there_is, value_of
from qa_api.models.policy import CalendarDay
from qa_api.models.responses import ResponseRound
from qa_api.models.retention import RetentionItem
from qa_api.models.subjects import Subject
from qa_api.rules.retention import Settled

NO_DATE: Final = date(9000, 1, 1)
"""Stands in an order of due dates for none, which comes last. (Not the last date there is: the
driver takes that one for infinity, and nothing would come after it on the next page.)"""


def subject_of(row: Any, _: Me) -> ColumnElement[Any]:
    """The subject of a record as the contract shows it (`SubjectOut`), or null."""
    subject = aliased(Subject)
    shown = select(subject.id, subject.kind, subject.system, subject.ref).where(
        subject.id == row.subject_id
    )
    return one_of(subject, shown)


def called_by_system(row: Any, kind: Literal["team", "worker"], me: Me) -> ColumnElement[Any]:
    """The name of a record's team or worker in the subject's case system today, or null.

    Of several names, the one given last counts; a name that has ended is none.
    """
    subject = aliased(Subject)
    called = aliased(CaseSystemReference)
    own = getattr(called, kind)
    found = (
        select(called.reference)
        .join(subject, subject.system == called.system)
        .where(
            subject.id == row.subject_id,
            own == getattr(row, kind),
            or_(func.upper(called.valid).is_(None), func.upper(called.valid) > me.today),
        )
        .order_by(
            called.valid.contains(me.today).desc(),
            func.lower(called.valid).desc().nulls_last(),
            called.folded,
        )
        .limit(1)
    )
    return value_of((subject, called), found)


def same_person(subject_id: ColumnElement[Any]) -> Select[Any]:
    """Every id of a subject's record: its own, and those that were merged into it."""
    each = aliased(Subject)
    found = select(each.id).where(or_(each.id == subject_id, each.merged_into_id == subject_id))
    return found.correlate_except(each)


def london_day(instant: ColumnElement[Any]) -> ColumnElement[Any]:
    """The London date of an instant."""
    return cast(func.timezone("Europe/London", instant), Date)


def removal_of(subject: Any, _: Me) -> ColumnElement[Any]:
    """When a subject's content was removed and under which run; null if it was not (X4)."""
    item = aliased(RetentionItem)
    found = (
        select(
            london_day(item.settled_at).label("removed_on"),
            item.run_id,
            cast(extract("year", item.kept_until), Integer).label("kept_until_year"),
        )
        .where(item.subject_id.in_(same_person(subject.id)), item.outcome == Settled.REMOVED.value)
        .order_by(item.settled_at.desc())
        .limit(1)
    )
    return one_of(item, found)


def working_days_left(due_on: ColumnElement[Any], me: Me) -> ColumnElement[Any]:
    """Working days after today up to a due date: 0 on the day, negative once missed."""
    due, today = aliased(CalendarDay), aliased(CalendarDay)
    left = select(due.working_index - today.working_index).where(
        due.day == due_on, today.day == me.today
    )
    return cast(value_of((due, today), left), Integer)


def uncounted(due: Any, explanation: Any) -> ColumnElement[bool]:
    """Whether its clock runs towards a date that the calendar does not reach yet (Trap 1)."""
    return and_(due.is_(None), explanation.is_not(None))


def passes_a_day(explanation: Any, days: Iterable[date]) -> ColumnElement[bool]:
    """A date that was counted across one of these days, whatever was said of the day."""
    across = (explanation.contains({"steps": [{"date": day.isoformat()}]}) for day in days)
    return or_(false(), *across)


def soonest_due(row: Any, _: Me | None = None) -> ColumnElement[Any]:
    """The order of work lists: the soonest due date first, no date last.

    No COALESCE: PostgreSQL does not know that it leaks nothing, and would ask the policies of each
    row before it looks where in the index a page begins.
    """
    return case((row.due_on.is_(None), cast(literal(NO_DATE.isoformat()), Date)), else_=row.due_on)


def soonest_stood_for(action: Any) -> ColumnElement[Any]:
    """The same of an action whose date may have been missed: the date that was, else the due date.

    What was missed stays late by it, whatever was promised since.
    """
    return case((action.missed_on.is_not(None), action.missed_on), else_=soonest_due(action))


def changed(row: Any, _: Me) -> ColumnElement[Any]:
    """The order of changes: when a row was last written."""
    at: ColumnElement[Any] = row.changed_at
    return at


def in_service(row: Any, service: ColumnElement[Any], me: Me) -> ColumnElement[bool]:
    """Held by a team that belongs to the service today."""
    belongs = aliased(TeamService)
    teams = select(belongs.team).where(belongs.service == service, belongs.valid.contains(me.today))
    held: ColumnElement[bool] = row.team.in_(teams.correlate_except(belongs))
    return held


def of_standing_audit(row: Any) -> ColumnElement[bool]:
    """Whether its audit was not recorded in error: what belongs to such an audit is in no list.

    The function asks as the owner of the table (R4.1.5). The reader's own view would not do:
    row-level security may hide the audit from them and not the row that belongs to it.
    """
    return or_(row.audit_id.is_(None), row.audit_id != all_(in_error()))


def in_error() -> ColumnElement[Any]:
    """The ids of the audits recorded in error; whoever asks."""
    ids = ARRAY(Uuid)
    # Cast, it is one array looked up once, and not a list of rows to compare with.
    return cast(select(func.qa_in_error(type_=ids)).scalar_subquery(), ids)


def moderated_in_error() -> ColumnElement[Any]:
    """The ids of the moderation outcomes of audits recorded in error; whoever asks."""
    ids = ARRAY(Uuid)
    return cast(select(func.qa_moderated_in_error(type_=ids)).scalar_subquery(), ids)


def doer(action: Any) -> ColumnElement[Any]:
    """Who is to do an action now: the owner named, else whoever holds the case (R4.2.6)."""
    return _first(action.owner, action.worker)


def responder(response: Any) -> ColumnElement[Any]:
    """Who is to respond: whom it was handed to, else whoever holds the case (R4.2.3)."""
    return _first(response.handed_to, response.worker)


def _first(named: Any, holder: Any) -> ColumnElement[Any]:
    """Who is named, else who holds the case; as `soonest_due`, so that an index may find them."""
    return case((named.is_(None), holder), else_=named)


def responded(response_id: Any) -> ColumnElement[Any]:
    """Whoever answered in any round, and on whose behalf, as an array: none reviews it (R4.2.4)."""
    round_ = aliased(ResponseRound)
    people = func.array_agg(round_.submitted_by).op("||")(func.array_agg(round_.on_behalf_of))
    found = select(cast(people, ARRAY(Text))).where(round_.response_id == response_id)
    return value_of(round_, found)


def london_midnight(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The instant at which a London date begins."""
    return func.timezone("Europe/London", cast(day, DateTime()), type_=DateTime(timezone=True))


def of_audit_type(row: Any, type_: ColumnElement[str], _: Me) -> ColumnElement[bool]:
    """Belongs to an audit of this type."""
    audit = aliased(Audit)
    return there_is(audit, audit.id == row.audit_id, audit.type == type_)
