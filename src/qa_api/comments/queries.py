"""Reading comments: whoever may read what they are about, addressed ones those addressed (X8)."""

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Uuid,
    and_,
    case,
    func,
    not_,
    or_,
    select,
    union_all,
)

from qa_api.auth.actor import Me
from qa_api.auth.reach import (
    ACROSS_THE_AUTHORITY,
    BY_ALLOCATION,
    BY_TEAM,
    Arm,
    unrestricted,
    whole_authority,
)
from qa_api.auth.reasons.cases import ESCALATIONS, drawn_for
from qa_api.auth.reasons.through_audits import (
    BY_AUDIT_AGAIN,
    BY_AUDIT_RESPONDED_FOR,
    BY_AUDITOR,
    BY_SUBJECT_TO_AUDIT,
    audits_of_own_work,
)
from qa_api.comments.schemas import CommentOut
from qa_api.comments.things import audited_before, may_read_the_thing
from qa_api.models.actions import RestorativeAction
from qa_api.models.aliases import aliased
from qa_api.models.audits import Audit
from qa_api.models.comments import Comment, CommentAddressee
from qa_api.models.inner import there_is
from qa_api.models.sealed import is_sealed
from qa_api.reads.documents import Document
from qa_api.reads.expressions import of_standing_audit, subject_of
from qa_api.reads.filters import about_subject, equals, flag
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape
from qa_api.rules.states import ACTION_SETTLED


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Whoever may read what it is about; of an addressed conversation those of them who are in it.

    What is said of an audit that is sealed from its moderator is sealed with it (R4.5.3); what was
    said of an audit recorded in error goes out of sight with it (R4.1.5).
    """
    return and_(
        unrestricted(row, me),
        of_standing_audit(row),
        not_(func.coalesce(is_sealed(row.audit_id), False)),
        or_(not_(row.addressed), _takes_part(row, me)),
        or_(not_(_audited_before(row, me)), func.coalesce(_theirs_to_read(row, me), False)),
        may_read_the_thing(row, me),
    )


def _audited_before(row: Any, me: Me) -> ColumnElement[bool]:
    """Whether it is about an audit that the caller reads for their own view alone (R4.1.9)."""
    audit = aliased(Audit)
    about_it = and_(audit.id == row.audit_id, audit.audited_worker == me.worker)
    return there_is(audit, about_it, audited_before(audit, me))


def _theirs_to_read(row: Any, me: Me) -> ColumnElement[bool]:
    """Of such an audit: what was said while the case was theirs, and where they take part.

    What was said while another had it is of a child who was not theirs.
    """
    then = func.qa_was_theirs(row.audit_id, me.worker, row.written_at, type_=Boolean)
    return or_(then, row.written_by == me.worker, _takes_part(row, me))


def conversation(row: Any) -> ColumnElement[Any]:
    """The id of the first comment of its conversation."""
    first: ColumnElement[Any] = func.coalesce(row.reply_to, row.id)
    return first


def _takes_part(row: Any, me: Me) -> ColumnElement[bool]:
    """Whoever began the conversation, whom it asks, and Quality & Standards."""
    first = aliased(Comment)
    began = there_is(first, first.id == conversation(row), first.written_by == me.worker)
    return or_(whole_authority(me), began, _asks(row, me))


def _asks(row: Any, me: Me) -> ColumnElement[bool]:
    asked = aliased(CommentAddressee)
    return there_is(asked, asked.comment_id == conversation(row), asked.addressee == me.worker)


def about(row: Any, _: Me | None = None) -> ColumnElement[Any]:
    """The id of what it is about."""
    named = (row.outcome_id, row.response_id, row.action_id, row.escalation_id, row.audit_id)
    return func.coalesce(*named)


def is_open(row: Any) -> ColumnElement[bool]:
    """Whether what it is about is open, so that the conversation may go on."""
    named = (row.audit_id, row.response_id, row.action_id, row.escalation_id, row.outcome_id)
    return func.qa_is_open_to_comments(row.kind, *named, type_=Boolean)


def _audits_nearby(me: Me) -> Select[Any]:
    """Audits of their own work, and those of which something is theirs to do or to look at."""
    by_audit = (BY_AUDIT_AGAIN, BY_AUDIT_RESPONDED_FOR)
    action = aliased(RestorativeAction)
    found = union_all(
        *(arm.values(me) for arm in by_audit if arm.values is not None),
        audits_of_own_work(me),
        select(action.audit_id.label("value")).where(
            action.owner == me.worker, action.state.not_in(ACTION_SETTLED)
        ),
        drawn_for(me),
    ).subquery("audits_nearby")
    return select(found.c.value)


def _escalations_addressed(me: Me) -> Select[Any]:
    named = [arm.values(me) for arm in ESCALATIONS.arms if arm.names_rows and arm.values]
    found = union_all(*named).subquery("escalations_addressed")
    return select(found.c.value)


_ARMS = (
    ACROSS_THE_AUTHORITY,
    BY_TEAM,
    BY_ALLOCATION,
    BY_AUDITOR,
    BY_SUBJECT_TO_AUDIT,
    Arm(column="audit_id", values=_audits_nearby, searches=True),
    Arm(column="escalation_id", values=_escalations_addressed, searches=True),
)
"""The ways by which somebody reads any of the things; each comment found is asked about itself."""

_PARTS: dict[str, Expression | Shape] = {
    "about": about,
    "team": lambda row, me: case((not_(_audited_before(row, me)), row.team)),
    "subject": subject_of,
    "locked": lambda row, _: not_(is_open(row)),
}

COMMENT = Document(
    Shape(CommentOut, Comment, _PARTS),
    visible=visible_to,
    subject="subject_id",
)

COMMENTS = Listing(
    name="comments",
    shape=Shape(CommentOut, Comment, _PARTS),
    visible=visible_to,
    subject="subject_id",
    arms=_ARMS,
    filters={
        "audit": equals("audit_id", Uuid(), narrows=True),
        "about": Filter(lambda row, value, _: about(row) == value, Uuid()),
        "kind": equals("kind"),
        "subject": about_subject(narrows=True),
        "reply_to": equals("reply_to", Uuid(), narrows=True),
        "written_by": equals("written_by", narrows=True),
        "resolved": flag(lambda row, _: row.resolved_at.is_not(None)),
        "asks_me": flag(lambda row, me: and_(row.reply_to.is_(None), _asks(row, me))),
    },
)
"""Newest first."""
