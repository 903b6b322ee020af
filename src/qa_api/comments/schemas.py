"""What goes into and comes out of the routes of comments (X8)."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, JsonValue

from qa_api.rules.comments import CommentKind
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.fields import (
    AboutSubject,
    Choice,
    Code,
    Few,
    Input,
    Instant,
    Key,
    Output,
    QueryFlag,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery

_AUDIT: Final = "0199d1f0-7c1b-7000-8000-0000000000b1"
_COMMENT: Final = "0199d1f0-7c1b-7000-8000-0000000000c8"
_ASKED: Final = "Did anybody see her alone? The note of 3 November does not say."
_ROW: Final[dict[str, JsonValue]] = {
    "id": _COMMENT,
    "kind": "question",
    "about": _AUDIT,
    "audit_id": _AUDIT,
    "question_key": "child_seen",
    "reply_to": None,
    "subject": {
        "id": "0197a3f5-7b21-7d10-9f3c-1c2d3e4f5a6b",
        "kind": "child",
        "system": "mosaic",
        "ref": "C-1001",
    },
    "team": "lincoln-fast",
    "text": _ASKED,
    "addressed": True,
    "addressees": [{"addressee": "tm-lincoln-fast", "answered_at": None}],
    "written_by": "au-1",
    "written_at": "2026-11-23T09:30:00.000000Z",
    "resolved_at": None,
    "resolved_by": None,
    "released_at": None,
    "released_by": None,
    "locked": False,
    "version": 1,
}


class CommentIn(Input):
    """What you say, about what, and whom you ask.

    `about` is the id of the audit, response, action, escalation or moderation outcome; for a
    question the audit's, and `question_key` says which. Without `addressees` everybody reads it who
    may read the thing. With them you, those named and Quality & Standards alone read it and its
    replies, and it waits for those named (`GET /v1/me/work`) until they reply or it is resolved.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "question",
                    "about": _AUDIT,
                    "question_key": "child_seen",
                    "text": _ASKED,
                    "addressees": ["tm-lincoln-fast"],
                }
            ]
        }
    )

    kind: Choice[CommentKind]
    about: Uuid
    question_key: Key | None = None
    text: Text
    addressees: Annotated[list[Code], Field(max_length=20)] = Field(default_factory=list)


class ReplyIn(Input):
    """What you reply. Whoever reads the comment reads it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "On 5 November, at school: I add the note."}]}
    )

    text: Text


class AddresseeOut(Output):
    """Somebody whom a comment asks, and when they first replied."""

    addressee: Code
    answered_at: Instant | None


class CommentOut(Output):
    """A comment or a reply; the first of a conversation says whom it asks and when it was resolved.

    `locked`: what it is about is closed. What was said stands then; it can be read and released.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_ROW]})

    id: Uuid
    kind: Choice[CommentKind]
    about: Uuid
    """The thing by its id; of a question the audit's."""
    audit_id: Uuid | None
    """The audit behind it; null where an escalation has none."""
    question_key: Key | None
    reply_to: Uuid | None
    """The first comment of the conversation; null for that one itself."""
    subject: SubjectOut | None
    team: Code | None
    text: Text
    addressed: bool
    """Only its writer, those addressed, and Quality & Standards read the conversation."""
    addressees: Few[AddresseeOut]
    written_by: Code
    written_at: Instant
    resolved_at: Instant | None
    resolved_by: Code | None
    released_at: Instant | None
    """Since when it stands in the subject's record; null: it is not in it."""
    released_by: Code | None
    locked: bool
    version: Version


class CommentQuery(PageQuery):
    """The filters of comments."""

    audit: Uuid | None = None
    """Only about this audit, its questions and what follows from it."""
    about: Uuid | None = None
    """Only about this thing, by its id."""
    kind: Choice[CommentKind] | None = None
    """Only about things of this kind."""
    subject: AboutSubject | None = None
    """Only about this child or carer household."""
    reply_to: Uuid | None = None
    """Only the replies to this comment."""
    written_by: Code | None = None
    """Only what this worker wrote, by code."""
    resolved: QueryFlag | None = None
    """`true`: only first comments of conversations that were resolved; `false`: all others."""
    asks_me: QueryFlag | None = None
    """`true`: only comments that are addressed to you; `false`: only others."""
