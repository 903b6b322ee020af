"""Reading unusual reads: Quality & Standards alone; a restricted record shows by a grant only."""

from typing import Any

from sqlalchemy import ColumnElement, Date, Uuid, and_, any_, select

from qa_api.auth.actor import Me
from qa_api.auth.reach import allowed_actions, unrestricted, whole_authority
from qa_api.models.access import UnusualRead
from qa_api.models.aliases import aliased
from qa_api.models.inner import rows_of
from qa_api.models.subjects import Subject
from qa_api.reads.documents import Document
from qa_api.reads.filters import equals
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape
from qa_api.unusual_reads.schemas import UnusualReadOut, UnusualReadRow

MOST_SHOWN = 50


def visible_to(_: Any, me: Me) -> ColumnElement[bool]:
    """Quality & Standards; also where the record that was read is withheld from them."""
    return whole_authority(me)


def _subjects(row: Any, me: Me) -> ColumnElement[Any]:
    """The records read that the caller may see."""
    subject = aliased(Subject)
    found = (
        select(subject.id, subject.kind, subject.system, subject.ref)
        .where(subject.id == any_(row.subject_ids), unrestricted(subject, me, subject.id))
        .order_by(subject.system, subject.ref)
        .limit(MOST_SHOWN)
    )
    return rows_of(subject, found)


def _may_look_into(row: Any, me: Me) -> ColumnElement[bool]:
    """A person who is not the one who read."""
    return and_(me.worker.is_not(None), row.worker.is_distinct_from(me.worker))


_PARTS: dict[str, Expression | Shape] = {"subjects": _subjects}


def _every_subject(row: Any, _: Me) -> ColumnElement[Any]:
    # Whoever reads an entry reads about these, whichever of them are named.
    ids: ColumnElement[Any] = row.subject_ids
    return ids


UNUSUAL_READ = Document(
    Shape(
        UnusualReadOut,
        UnusualRead,
        {
            **_PARTS,
            "allowed_actions": lambda row, me: allowed_actions(
                row, me.roles, {"look_into": _may_look_into(row, me)}
            ),
        },
    ),
    visible=visible_to,
    subjects=_every_subject,
)
UNUSUAL_READS = Listing(
    "unusual-reads",
    Shape(UnusualReadRow, UnusualRead, _PARTS),
    visible_to,
    {
        "day": equals("day", Date()),
        "worker": equals("worker"),
        "principal": Filter(lambda row, value, _: value == any_(row.principal_ids), Uuid()),
        "rule": equals("rule"),
        "state": equals("state"),
    },
    order=(lambda row, _: row.day, lambda row, _: row.id),
    subjects=_every_subject,
)
"""The latest day first."""
