"""Reading retention: a subject's dates, the legal holds, the runs and their items."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    and_,
    func,
    or_,
    select,
)

from qa_api.auth.actor import Me
from qa_api.auth.reach import (
    allowed_actions,
    managed,
    subject_of_path,
    unrestricted,
    whole_authority,
)
from qa_api.models.aliases import aliased
from qa_api.models.inner import rows_of, there_is, value_of
from qa_api.models.policy import PolicyVersion
from qa_api.models.retention import LegalHold, RetentionItem, RetentionRun
from qa_api.models.subjects import Subject
from qa_api.reads.documents import Document
from qa_api.reads.expressions import london_day, removal_of, subject_of
from qa_api.reads.filters import about_subject, equals, flag, is_set
from qa_api.reads.listings import Listing
from qa_api.reads.shapes import Expression, Shape, written_instant
from qa_api.retention.facts import (
    case_closed_on,
    holds_over,
    last_looked_on,
    last_recorded_at,
)
from qa_api.retention.schemas import (
    LegalHoldOut,
    RetentionItemOut,
    RetentionRunOut,
    RetentionRunRow,
    StoredRetention,
)
from qa_api.rules.retention import RecordClass, Settled


def visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Whoever may read a subject's whole record may see until when it is kept (X3)."""
    return and_(unrestricted(row, me, row.id), or_(whole_authority(me), managed(row, me)))


def subject_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """About a subject whom the caller may know of, or about none."""
    subject = aliased(Subject)
    seen = there_is(subject, subject.id == row.subject_id, unrestricted(subject, me, subject.id))
    return or_(row.subject_id.is_(None), seen)


def hold_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Quality & Standards, but not of restricted records without a grant."""
    return and_(whole_authority(me), subject_visible_to(row, me))


def run_visible_to(_: Any, me: Me) -> ColumnElement[bool]:
    """Quality & Standards; which items they see is decided item by item."""
    return whole_authority(me)


# --- a subject's records ---


def _named(row: Any, me: Me) -> ColumnElement[bool]:
    return and_(row.id == subject_of_path(me), visible_to(row, me))


def _holds(row: Any, _: Me) -> ColumnElement[Any]:
    hold = aliased(LegalHold)
    over = or_(
        holds_over(row, hold),
        and_(
            hold.lifted_at.is_(None),
            hold.subject_id.is_(None),
            hold.record_class == RecordClass.ACCESS_LOG.value,
        ),
    )
    found = select(
        hold.id,
        hold.record_class,
        hold.reason,
        written_instant(hold.placed_at).label("placed_at"),
    )
    return rows_of(hold, found.where(over).order_by(hold.placed_at, hold.id).limit(500))


def _of_policy(name: str) -> Expression:
    """A column of the policy in force today."""

    def column(_: Any, me: Me) -> ColumnElement[Any]:
        policy = aliased(PolicyVersion)
        found: Select[Any] = (
            select(getattr(policy, name))
            .where(policy.effective_from <= me.today)
            .order_by(policy.effective_from.desc(), policy.version.desc())
            .limit(1)
        )
        return value_of(policy, found)

    return column


RETENTION = Document(
    Shape(
        StoredRetention,
        Subject,
        {
            "last_recorded_on": lambda row, _: london_day(last_recorded_at(row)),
            "case_closed_on": lambda row, _: case_closed_on(row),
            "last_looked_on": lambda row, _: last_looked_on(row),
            "today": lambda _, me: me.today,
            "holds": _holds,
            "removed": removal_of,
            "policy_version": _of_policy("version"),
            "policy_from": _of_policy("effective_from"),
            "policy_values": _of_policy("values"),
        },
    ),
    visible=_named,
    key=(),
    subject="id",
)


# --- legal holds ---

_HOLD = Shape(LegalHoldOut, LegalHold, {"subject": subject_of})

HOLD = Document(_HOLD, visible=hold_visible_to, subject="subject_id")
HOLDS = Listing(
    name="legal-holds",
    shape=_HOLD,
    visible=hold_visible_to,
    subject="subject_id",
    filters={
        "subject": about_subject(),
        "record_class": equals("record_class"),
        "current": flag(lambda row, _: row.lifted_at.is_(None)),
    },
)
"""Newest first."""


# --- runs ---


def _number_of_items(*conditions: Any) -> Expression:
    """How many items of a run the caller may see, of which `conditions` hold."""

    def column(row: Any, me: Me) -> ColumnElement[Any]:
        item = aliased(RetentionItem)
        found = select(func.count()).where(
            item.run_id == row.id,
            subject_visible_to(item, me),
            *(condition(item) for condition in conditions),
        )
        return value_of(item, found)

    return column


_COUNTS: dict[str, Expression] = {
    "items": _number_of_items(),
    "removed": _number_of_items(lambda item: item.outcome == Settled.REMOVED.value),
    "kept": _number_of_items(lambda item: item.outcome != Settled.REMOVED.value),
}

RUN = Document(
    Shape(
        RetentionRunOut,
        RetentionRun,
        {**_COUNTS, "allowed_actions": lambda row, me: allowed_actions(row, me.roles)},
    ),
    visible=run_visible_to,
)
RUNS = Listing(
    name="retention-runs",
    shape=Shape(RetentionRunRow, RetentionRun, _COUNTS),
    visible=run_visible_to,
    filters={"state": equals("state")},
)
"""Newest first."""

ITEMS = Listing(
    name="retention-items",
    shape=Shape(RetentionItemOut, RetentionItem, {"subject": subject_of}),
    visible=lambda row, me: and_(whole_authority(me), subject_visible_to(row, me)),
    subject="subject_id",
    descending=False,
    filters={
        "run": equals("run_id", Uuid()),
        "record_class": equals("record_class"),
        "outcome": equals("outcome"),
        "settled": is_set("outcome"),
    },
)
"""In the order in which they were listed."""
