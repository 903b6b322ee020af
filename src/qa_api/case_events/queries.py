"""Reading case events: who may see which, and the statements that return them."""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONPATH

from qa_api.auth.actor import Me
from qa_api.auth.reach import (
    own_system,
    unrestricted,
    whole_authority,
)
from qa_api.case_events.schemas import CaseEventOut, CaseEventRow
from qa_api.models.aliases import aliased
from qa_api.models.closures import CaseEvent, CaseEventOutcome, ConflictingCaseEvent
from qa_api.models.inner import rows_of, there_is, value_of
from qa_api.models.subjects import Subject, SubjectAlias
from qa_api.reads.documents import Document
from qa_api.reads.filters import equals, flag, is_true
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape


def event_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """A case system sees its own events, Q&S all but those about a restricted record (X3)."""
    outcome = aliased(CaseEventOutcome)
    subject = aliased(Subject)
    seen = there_is(
        subject, subject.id == outcome.subject_id, unrestricted(subject, me, subject.id)
    )
    about_hidden = there_is(
        outcome, outcome.case_event_id == row.id, outcome.subject_id.is_not(None), ~seen
    )
    return or_(own_system(row.system, me), and_(whole_authority(me), ~about_hidden))


def _conflicting(row: Any, _: Me) -> ColumnElement[bool]:
    second = aliased(ConflictingCaseEvent)
    return there_is(second, second.case_event_id == row.id)


def _conflicts(row: Any, me: Me) -> ColumnElement[Any]:
    second = aliased(ConflictingCaseEvent)
    received_at = func.to_char(
        func.timezone("UTC", second.received_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
    )
    found = (
        select(second.id, received_at.label("received_at"), second.data.label("message"))
        .where(second.case_event_id == row.id, whole_authority(me))
        .order_by(second.id)
        .limit(50)
    )
    return rows_of(second, found)


_INVISIBLE: Final = "[\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]"
"""Control characters that are neither a tab nor the end of a line."""


def _readable(text: ColumnElement[str]) -> ColumnElement[str | None]:
    """Text as it came, as far as it can be shown; null if nothing of it can."""
    lines = func.regexp_replace(text, "\\r\\n?", "\n", "g")
    shown = func.normalize(func.regexp_replace(lines, _INVISIBLE, "", "g"))
    return case((shown.regexp_match("\\S"), shown))


def _reason_text(row: Any, me: Me) -> ColumnElement[Any]:
    said = row.data["data"]["closure"]["reason_text"].astext
    return case((whole_authority(me), _readable(said)))


_EVENT: dict[str, Expression] = {
    "event_id": lambda row, _: row.id,
    "id": lambda row, _: row.event_id,
    "conflicting": _conflicting,
}


def _named_in(row: Any, _: Me) -> ColumnElement[Any]:
    """The subjects that the outcomes of an event name."""
    outcome = aliased(CaseEventOutcome)
    named = select(outcome.subject_id).where(outcome.case_event_id == row.id)
    return func.array(value_of(outcome, named))


_NAMED_IN_MESSAGE: Final = ("$.data.subjects[*].ref", "$.data.merge.*")
"""Where a message names children; a merge that waits has no outcome yet."""


def _found_at(message: ColumnElement[Any], path: str) -> ColumnElement[Any]:
    return func.jsonb_path_query_array(message, cast(path, JSONPATH))


def _named_in_message(row: Any, me: Me) -> ColumnElement[Any]:
    """The same, and whoever is named in the event or in what conflicts with it, as they came."""
    second = aliased(ConflictingCaseEvent)
    alias = aliased(SubjectAlias)
    conflicting = select(second.data).where(second.case_event_id == row.id)
    messages = union_all(
        select(row.data.label("data")).correlate_except(),
        conflicting.correlate_except(second),
    ).subquery("messages")
    refs = union_all(
        *(
            select(func.jsonb_array_elements_text(_found_at(messages.c.data, path)).label("ref"))
            for path in _NAMED_IN_MESSAGE
        )
    ).subquery("refs")
    known = select(alias.subject_id).where(
        alias.system == row.system, alias.ref.in_(select(refs.c.ref))
    )
    known_ids = func.array(value_of(alias, known))
    return func.array_cat(_named_in(row, me), known_ids)


def _had_outcome(row: Any, value: ColumnElement[Any], _: Me) -> ColumnElement[bool]:
    outcome = aliased(CaseEventOutcome)
    return there_is(outcome, outcome.case_event_id == row.id, outcome.outcome == value)


CASE_EVENT = Document(
    Shape(
        CaseEventOut,
        CaseEvent,
        {
            **_EVENT,
            "reason_text": _reason_text,
            "message": lambda row, me: case((whole_authority(me), row.data)),
            "conflicts": _conflicts,
        },
    ),
    visible=event_visible_to,
    version=None,
    subjects=_named_in_message,
)
"""It names children, and whoever reads it leaves a line for each of them."""

CASE_EVENTS = Listing(
    name="case-events",
    shape=Shape(CaseEventRow, CaseEvent, _EVENT),
    visible=event_visible_to,
    subjects=_named_in,
    filters={
        "system": equals("system"),
        "type": equals("type"),
        "episode_id": equals("episode_id"),
        "parked": is_true("parked"),
        "conflicting": flag(_conflicting),
        "outcome": Filter(_had_outcome),
    },
)
"""Newest first."""
