"""The line that a read leaves in the access log, and the purpose that a policy may ask for (X3).

Where a statement changes something or is asked for a purpose, it writes its line itself. All others
say whom they show (`told`), and the reader writes the line before it answers (`reads.lines`).

Both concern the subjects on the page that is shown. If the policy asks for a purpose and the
request names none, the statement itself refuses a page that shows somebody outside the caller's own
work: nothing of it leaves the database, and no line says that it was read.
"""

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    DateTime,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    not_,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, array

from qa_api.auth.actor import Me
from qa_api.auth.reach import own_work
from qa_api.db import parameter
from qa_api.models.access import AccessLog

Limit = ColumnElement[Any] | None


def told(
    me: Me, one: ColumnElement[Any], several: ColumnElement[Any] | None
) -> list[ColumnElement[Any]]:
    """Of a row shown, for its line: whom it is about and who reads it, as text."""
    about = cast(one, Text) if several is None else func.array_to_string(several, ",")
    return [about.label("about"), cast(me.principal_id, Text).label("reader")]


def access_line(me: Me, shown: CTE, limit: Limit, verdict: CTE | None = None) -> CTE:
    """One line of the access log that names every subject on the page.

    `verdict`: that of `asked_why`, where there is one: no line where it refuses, and the purpose.
    """
    subjects = _subjects(shown, limit)
    named = func.array_agg(subjects.c.subject_id.distinct())
    lines = _lines(me, named, verdict).where(subjects.c.subject_id.is_not(None))
    return _written(lines.having(func.count() > 0))


def access_line_of_one(me: Me, shown: CTE, verdict: CTE | None = None) -> CTE:
    """The same where one row at most is shown: nothing is to be gathered."""
    if "subject_ids" in shown.c:
        return access_line(me, shown, None, verdict)
    named = array([shown.c.subject_id])
    return _written(_lines(me, named, verdict).where(shown.c.subject_id.is_not(None)))


def _lines(me: Me, subject_ids: ColumnElement[Any], verdict: CTE | None) -> Select[Any]:
    line = select(
        func.gen_random_uuid().label("id"),
        parameter("now", DateTime(timezone=True)).label("at"),
        select(me.principal_id).scalar_subquery().label("principal_id"),
        parameter("correlation_id", Text()).label("correlation_id"),
        parameter("operation", Text()).label("operation"),
        subject_ids.label("subject_ids"),
    )
    if verdict is None:
        return line
    return line.add_columns(_purpose(me).label("purpose")).where(not_(refused(verdict)))


def _written(lines: Select[Any]) -> CTE:
    columns = [column.name for column in lines.selected_columns]
    return insert(AccessLog).from_select(columns, lines).cte("access_line")


def asked_why(me: Me, shown: CTE, limit: Limit) -> CTE:
    """Whether the page is refused: for want of a purpose, somebody on it not being own work."""
    subjects = _subjects(shown, limit)
    # In the list of columns, so that nobody is looked for before the policies' context is set.
    own = or_(subjects.c.subject_id.is_(None), own_work(subjects.c.subject_id, me))
    who: Any = me.principal_id
    anothers = select(func.coalesce(func.bool_or(not_(own)), literal(False))).select_from(
        subjects.join(who.table, literal(True))
    )
    lacks = and_(_purpose(me).is_(None), anothers.scalar_subquery())
    return select(lacks.label("refused")).cte("verdict")


def refused(verdict: CTE) -> ColumnElement[bool]:
    """What the verdict is."""
    found: ColumnElement[bool] = select(verdict.c.refused).scalar_subquery()
    return found


def unless_refused(body: ColumnElement[Any], verdict: CTE) -> list[ColumnElement[Any]]:
    """The `body` of a row, null where it is refused; and `refused`."""
    verdict_is = refused(verdict)
    return [case((verdict_is, null()), else_=body).label("body"), verdict_is.label("refused")]


def _purpose(me: Me) -> ColumnElement[Any]:
    """The purpose that the request names, else the standing one of a system's own account."""
    standing = parameter("standing", JSONB()).op("->>")(cast(me.principal_id, Text))
    of_system = case((me.worker.is_(None), cast(standing, Text)))
    found = select(func.coalesce(parameter("purpose", Text()), of_system))
    return found.correlate(None).scalar_subquery()


def _subjects(shown: CTE, limit: Limit) -> Subquery:
    several = "subject_ids" in shown.c
    page = select(shown.c.subject_ids if several else shown.c.subject_id).limit(limit)
    if several:
        rows = page.subquery("rows")
        page = select(func.unnest(rows.c.subject_ids).label("subject_id"))
    return page.subquery("subjects")
