"""What goes into and comes out of the routes of redactions (R4.1.7)."""

from typing import Final

from pydantic import ConfigDict, JsonValue

from qa_api.records.schemas import Place
from qa_api.values.fields import Code, Input, Instant, Output, ShortText, Uuid, Version

_AUDIT: Final = "0199d1f0-7c1b-7000-8000-0000000000b1"
_PLACE: Final = f"/audits/{_AUDIT}/answers/child_seen/comment"
_REDACTION: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000f9",
    "subject_id": "0199d1f0-7c1b-7000-8000-0000000000a1",
    "audit_id": _AUDIT,
    "path": _PLACE,
    "reason": "It names somebody else's child.",
    "redacted_by": "qs-1",
    "redacted_at": "2026-11-23T09:30:00.000000Z",
    "lifted_at": None,
    "lifted_by": None,
    "lift_reason": None,
    "version": 1,
}


class RedactionIn(Input):
    """Which text of the record is not to be shown any more, and why. It names the text's place."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"path": _PLACE, "reason": _REDACTION["reason"]}]}
    )

    path: Place
    reason: ShortText


class RedactionLift(Input):
    """Why the text is to be shown again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "It was about this child after all."}]}
    )

    reason: ShortText


class RedactionOut(Output):
    """A redaction as it was made, and as it was lifted if it was."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REDACTION]})

    id: Uuid
    subject_id: Uuid
    audit_id: Uuid | None
    path: Place
    reason: ShortText
    redacted_by: Code | None
    redacted_at: Instant
    lifted_at: Instant | None
    lifted_by: Code | None
    lift_reason: ShortText | None
    version: Version
