"""What goes into and comes out of the record of a subject.

A field that is not for the audience asked for is null, and a list of such is empty; which those are
is decided in `audiences`, nowhere else.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from qa_api.records.audit_schemas import Label, RecordedAudit, Words
from qa_api.values.fields import (
    Choice,
    Code,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    Many,
    Output,
    Reference,
    ShortText,
    Uuid,
)
from qa_api.values.text import Formed

Place = Annotated[
    str,
    Formed(
        r"^/[a-z_]+(/[A-Za-z0-9_-]{1,60}){2,6}$",
        "The place of a text in the record, as the record itself gives it in `path`: keys"
        " after slashes.",
        least=5,
        most=300,
    ),
]
"""Where a text stands in the record, by keys instead of positions."""


class Audience(StrEnum):
    """The reader of the record: the child or carer it is about, or a professional."""

    SUBJECT = "subject"
    PROFESSIONAL = "professional"


class RecordQuery(Input):
    """The audience that the record is shown to."""

    audience: Choice[Audience] = Audience.PROFESSIONAL
    """Whom it is read by: the child or carer it is about, or a professional."""


Year = Annotated[int, Field(ge=1900, le=2400, json_schema_extra={"format": "int32"})]


class RemovedOut(Output):
    """That the content of a record went: when, under which run, and until when it was kept."""

    removed_on: IsoDate
    run_id: Uuid
    kept_until_year: Year
    """The calendar year only: an exact day would give a birthday away."""


class RecordedSubject(Output):
    """The subject of the record, and who holds the case now."""

    id: Uuid
    kind: Key
    system: Code
    ref: Reference
    born_on: IsoDate | None
    died_on: IsoDate | None
    first_panel_on: IsoDate | None
    team: Code | None
    team_name: Label | None
    worker: Code | None
    restriction_kind: Key | None
    removed: RemovedOut | None
    """What is known of the removal, if the record's time has come and its content was removed
    (X4)."""


class RecordedUnfinishedAudit(Output):
    """That an audit is planned, under way or was cancelled; what it says is a draft."""

    id: Uuid
    type_name: Label
    state: Key
    due_on: IsoDate | None
    cancel_reason: Words | None


class RecordedEscalation(Output):
    """What went to the manager and to Quality & Standards at once, and what came of it (§4.3)."""

    id: Uuid
    audit_id: Uuid | None
    finding_id: Uuid | None
    trigger: Key
    state: Key
    raised_at: Instant
    acknowledged_at: Instant | None
    quality_standards_informed_at: Instant | None
    actions_to_be_taken: Words | None
    resolved_at: Instant | None
    resolution: Words | None
    disputed_at: Instant | None
    dispute_reason: Words | None


class RecordedComment(Output):
    """What somebody said about an audit or what followed from it, released to this record (X8)."""

    id: Uuid
    kind: Key
    audit_id: Uuid | None
    question_key: Key | None
    written_by: Code | None
    written_at: Instant
    text: Words | None
    released_at: Instant


class RecordedGate(Output):
    """Whether the case might close, and when it did (§3)."""

    id: Uuid
    episode_id: Reference
    state: Key
    may_close: bool
    audit_id: Uuid | None
    opened_at: Instant
    closure_on: IsoDate | None
    closed_at: Instant | None
    override_reason: Words | None
    override_withdrawn_at: Instant | None
    override_withdrawal_reason: Words | None
    reopened_at: Instant | None
    reopen_reason: Words | None


class RecordedRedaction(Output):
    """What is not shown in the record, and why."""

    id: Uuid
    audit_id: Uuid | None
    path: Place
    reason: ShortText
    redacted_by: Code | None
    redacted_at: Instant
    lifted_at: Instant | None
    """Since when it is shown again."""
    lifted_by: Code | None
    lift_reason: ShortText | None


class RecordedLook(Output):
    """Who was shown something about the subject, and when; roles as they held them that day."""

    at: Instant
    who: Annotated[str, Field(max_length=200)]
    roles: Few[Key]
    operation: Annotated[str, Field(max_length=100)]
    purpose: Key | None
    """For what it was read, where the authority's policy asks for that."""


class StoredRecord(Output):
    """All that is held, before it is redacted and fitted to its audience."""

    subject: RecordedSubject
    audits: Many[RecordedAudit]
    """Completed audits in the order in which they were completed."""
    unfinished_audits: Many[RecordedUnfinishedAudit]
    escalations: Many[RecordedEscalation]
    comments: Many[RecordedComment]
    """Those that were released, in the order in which they were written."""
    closure_gates: Many[RecordedGate]
    redactions: Many[RecordedRedaction]
    looks: Many[RecordedLook]
    """The newest 500 reads, newest first; this one is not among them yet."""


class SubjectHistory(StoredRecord):
    """Everything held about a subject in reading order (R4.1.7).

    One identity only: what was recorded under another, before an adoption, is not joined to it.
    """

    audience: Choice[Audience]
