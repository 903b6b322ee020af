"""Reading caseloads: which there are, who is in one, who is open here and in none (R4.4.4)."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Date, Text, and_, any_, case, func, null, or_, select

from qa_api.auth.actor import Me
from qa_api.auth.reach import names_for, own_system, unrestricted, whole_authority
from qa_api.caseloads.schemas import CaseloadChildRow, CaseloadRow, MissingChildRow
from qa_api.db import parameter
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.caseloads import Caseload, CaseloadChild
from qa_api.models.closures import ClosureGate
from qa_api.models.inner import there_is, value_of
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.reads.documents import Document
from qa_api.reads.expressions import NO_DATE
from qa_api.reads.filters import equals, flag
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Which caseloads there are: for Quality & Standards, and for the system that sent them."""
    return or_(whole_authority(me), own_system(row.system, me))


def children_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Who is in one: for Quality & Standards alone, and of restricted records with leave (X3).

    Whoever sent a caseload sees every row as they sent it: one left out would tell them whose
    record is restricted. Of the record they see nothing.
    """
    kept_from: ColumnElement[bool] = func.qa_is_kept_from(row.system, row.ref, type_=Boolean)
    return and_(
        whole_authority(me), row.ref.is_not(None), or_(_in_one_of_theirs(row, me), ~kept_from)
    )


def _in_one_of_theirs(row: Any, me: Me) -> ColumnElement[bool]:
    """In a caseload that the caller sent themselves."""
    sent = aliased(Caseload)
    theirs = select(sent.id).where(sent.taken_by == me.worker)
    return func.coalesce(row.caseload_id == any_(func.array(value_of(sent, theirs))), False)


def missing_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Who is open here: the children whom Quality & Standards may see."""
    return and_(whole_authority(me), unrestricted(row, me, row.id), _is_open(row))


# --- caseloads ---


def _of_the_whole(name: str) -> Expression:
    """What is said of the whole, to whoever sent it or may see all of it; else null."""

    def told(row: Any, me: Me) -> ColumnElement[Any]:
        sent_it = func.coalesce(row.taken_by == me.worker, False)
        of_theirs = or_(own_system(row.system, me), sent_it)
        kept_from: ColumnElement[bool] = func.qa_keeps_some_from(row.id, type_=Boolean)
        return case((or_(of_theirs, ~kept_from), getattr(row, name)), else_=null())

    return told


_CASELOAD = Shape(
    CaseloadRow,
    Caseload,
    {name: _of_the_whole(name) for name in ("children", "rows_hash")},
)


def _named_and_visible(row: Any, me: Me) -> ColumnElement[bool]:
    """The caseload of a case system; where none is named, the caller's own or the only one."""
    named = parameter("system", Text())
    other = aliased(Caseload)
    several = there_is(other, other.taken_on == row.taken_on, other.system != row.system)
    meant = or_(row.system == named, and_(named.is_(None), or_(row.system == me.system, ~several)))
    return and_(meant, visible_to(row, me))


CASELOAD = Document(_CASELOAD, _named_and_visible, key=("taken_on",))
SENT = Document(Shape(CaseloadRow, Caseload), _named_and_visible, key=("taken_on",))
"""The answer to whoever sent it: the same whoever is in it, for what they sent they know."""
CASELOADS = Listing(
    name="caseloads",
    shape=_CASELOAD,
    visible=visible_to,
    filters={"system": equals("system"), "taken_on": equals("taken_on", Date())},
    order=(lambda row, _: row.taken_on, lambda row, _: row.system),
)
"""The latest day first."""


# --- children of a caseload ---


def _of_day() -> Filter:
    """Those in the caseloads of a day."""

    def keeps(row: Any, day: Any, _: Me) -> ColumnElement[bool]:
        of_day = aliased(Caseload)
        found: ColumnElement[bool] = row.caseload_id.in_(
            select(of_day.id).where(of_day.taken_on == day)
        )
        return found

    return Filter(keeps, Date())


def _meant(row: Any, me: Me) -> tuple[Any, list[Any]]:
    """The references that mean a row's child for the caller: their alias, and what must hold."""
    alias, subject = aliased(SubjectAlias), aliased(Subject)
    seen = there_is(subject, subject.id == alias.subject_id, unrestricted(subject, me, subject.id))
    return alias, [alias.system == row.system, alias.ref == row.ref, names_for(alias, me), seen]


def _known_here(row: Any, me: Me) -> ColumnElement[bool]:
    alias, means = _meant(row, me)
    return there_is(alias, *means)


def _last_audited_on(row: Any, me: Me) -> ColumnElement[Any]:
    alias, means = _meant(row, me)
    audit, of_day = aliased(Audit), aliased(Caseload)
    found = select(func.max(audit.completed_on)).where(
        *means,
        audit.subject_id == alias.subject_id,
        audit.recorded_in_error_at.is_(None),
        of_day.id == row.caseload_id,
        audit.completed_on <= of_day.taken_on,
    )
    return value_of((alias, audit, of_day), found)


def _never_audited(row: Any, me: Me) -> ColumnElement[bool]:
    return _last_audited_on(row, me).is_(None)


def _open_longest(row: Any, _: Me) -> ColumnElement[Any]:
    return func.coalesce(row.open_since, NO_DATE)


def _subjects_of(row: Any, me: Me) -> ColumnElement[Any]:
    alias, means = _meant(row, me)
    return func.array(value_of(alias, select(alias.subject_id).where(*means)))


CHILDREN = Listing(
    name="caseload-children",
    shape=Shape(
        CaseloadChildRow,
        CaseloadChild,
        {"known_here": _known_here, "last_audited_on": _last_audited_on},
    ),
    visible=children_visible_to,
    filters={
        "day": _of_day(),
        "system": equals("system"),
        "team": equals("team"),
        "worker": equals("worker"),
        "status": equals("status"),
        "never_audited": flag(_never_audited),
        "known_here": flag(_known_here),
    },
    order=(_open_longest, lambda row, _: row.digest),
    descending=False,
    subjects=_subjects_of,
)
"""Who is open longest first; of whom it is not known last."""


# --- open here, and in no caseload ---


def _is_open(row: Any) -> ColumnElement[bool]:
    """A child's case that somebody holds, and that was not told to have closed since."""
    gate = aliased(ClosureGate)
    closed = there_is(
        gate,
        gate.subject_id == row.id,
        gate.current,
        gate.closed_at.is_not(None),
        or_(row.allocated_at.is_(None), gate.closed_at >= row.allocated_at),
    )
    held = or_(
        row.team.is_not(None),
        row.worker.is_not(None),
        row.reported_team.is_not(None),
        row.reported_worker.is_not(None),
    )
    return and_(
        row.kind == "child", row.merged_into_id.is_(None), row.died_on.is_(None), held, ~closed
    )


def _not_in_caseload_of() -> Filter:
    """Of the case systems that have a caseload of the day: who is not in it."""

    def keeps(row: Any, day: Any, _: Me) -> ColumnElement[bool]:
        of_day, child, alias = aliased(Caseload), aliased(CaseloadChild), aliased(SubjectAlias)
        has_one = there_is(of_day, of_day.system == row.system, of_day.taken_on == day)
        of_child = aliased(Caseload)
        named = there_is(
            (child, alias, of_child),
            alias.subject_id == row.id,
            child.system == alias.system,
            child.ref == alias.ref,
            of_child.id == child.caseload_id,
            of_child.taken_on == day,
        )
        return and_(has_one, ~named)

    return Filter(keeps, Date())


MISSING = Listing(
    name="caseload-missing",
    shape=Shape(MissingChildRow, Subject),
    visible=missing_visible_to,
    filters={
        "day": _not_in_caseload_of(),
        "system": equals("system"),
        "team": equals("team"),
    },
    order=(lambda row, _: row.id,),
    descending=False,
    subject="id",
)
"""Who was registered first is first."""
