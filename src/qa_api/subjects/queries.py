"""Reading subjects: who may know of which child or carer household."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Uuid,
    and_,
    func,
    literal,
    true,
)

from qa_api.auth.actor import Me
from qa_api.auth.reach import (
    subject_of_path,
)
from qa_api.auth.reasons.cases import SUBJECTS as SUBJECTS_SEEN
from qa_api.models.access import RestrictionGrant
from qa_api.models.aliases import aliased
from qa_api.models.inner import values_of
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.reads.documents import Document
from qa_api.reads.filters import about_subject, equals, flag
from qa_api.reads.listings import Listing
from qa_api.reads.shapes import Shape
from qa_api.subjects.schemas import PanelDateOut, RestrictionGrantOut, SubjectRecord


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Which subjects the caller may know of: who holds the case now, and who audits it (X3)."""
    return SUBJECTS_SEEN.see(row, me, subject_id=row.id)


def _names(row: Any, _: Me) -> ColumnElement[Any]:
    alias = aliased(SubjectAlias)
    name = func.json_build_object(literal("system"), alias.system, literal("ref"), alias.ref)
    order = (alias.system, alias.ref)
    return values_of(alias, name, alias.subject_id == row.id, order=order)


def _named_and_visible(row: Any, me: Me) -> ColumnElement[bool]:
    return and_(row.id == subject_of_path(me), visible_to(row, me))


SUBJECT = Document(
    Shape(SubjectRecord, Subject, {"names": _names}),
    visible=_named_and_visible,
    key=(),
    subject="id",
)


def _presented(row: Any, me: Me) -> ColumnElement[bool]:
    return and_(row.first_panel_on.is_not(None), _named_and_visible(row, me))


PANEL_DATE = Document(
    Shape(PanelDateOut, Subject, {"subject_id": lambda row, _: row.id}),
    visible=_presented,
    key=(),
    subject="id",
)


def _every_grant(_row: Any, _me: Me) -> ColumnElement[bool]:
    """Whoever may grant sees who was given access to which record, but not the record itself."""
    return true()


_GRANT = Shape(RestrictionGrantOut, RestrictionGrant)

RESTRICTION_GRANT = Document(_GRANT, visible=_every_grant, version=None, subject="subject_id")

RESTRICTION_GRANTS = Listing(
    name="restriction-grants",
    shape=_GRANT,
    visible=_every_grant,
    subject="subject_id",
    filters={
        "subject": about_subject(),
        "principal": equals("principal_id", Uuid()),
        "current": flag(lambda row, me: row.expires_at > me.now),
    },
)
"""Newest first."""
