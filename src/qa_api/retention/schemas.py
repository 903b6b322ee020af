"""What goes into and comes out of the routes of retention."""

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, JsonValue

from qa_api.records.schemas import RemovedOut
from qa_api.rules.retention import NoDate, RecordClass, Settled
from qa_api.rules.states import RetentionRunState
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    AboutSubject,
    Choice,
    Code,
    Count,
    Few,
    Input,
    Instant,
    IsoDate,
    Many,
    Output,
    QueryFlag,
    Reference,
    Sha256,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery

_SUBJECT: Final[dict[str, JsonValue]] = {
    "id": "0197a3f5-7b21-7d10-9f3c-1c2d3e4f5a6b",
    "kind": "child",
    "system": "mosaic",
    "ref": "C-1001",
}
_HOLD: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000a1",
    "subject": _SUBJECT,
    "record_class": None,
    "reason": "The inquiry has asked for it.",
    "placed_at": "2026-11-20T09:00:00.000000Z",
    "placed_by": "qs-1",
    "lifted_at": None,
    "lifted_by": None,
    "lift_reason": None,
    "version": 1,
}
_WHY: Final[dict[str, JsonValue]] = {
    "rule": "retention",
    "clause": "X4",
    "policy_version": 1,
    "calendar_version": None,
    "steps": [],
    "facts": {
        "record_class": "child_record",
        "trigger": "born_on",
        "triggered_on": "1950-02-28",
        "years": 75,
        "kept_until": "2025-02-28",
        "no_date_because": None,
        "held_by": [],
    },
}
_RUN: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000a2",
    "as_at": "2026-11-23",
    "state": "proposed",
    "policy_version": 1,
    "items_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "truncated": False,
    "items": 12,
    "removed": 0,
    "kept": 1,
    "proposed_at": "2026-11-23T09:30:00.000000Z",
    "proposed_by": "qs-1",
    "approved_at": None,
    "approved_by": None,
    "cancelled_at": None,
    "cancelled_by": None,
    "cancel_reason": None,
    "executed_at": None,
    "version": 1,
    "allowed_actions": ["approve", "cancel"],
}
_ITEM: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000a3",
    "run_id": "0199d1f0-7c1b-7000-8000-0000000000a2",
    "record_class": "child_record",
    "subject": _SUBJECT,
    "observation_id": None,
    "month": None,
    "kept_until": "2025-02-28",
    "explanation": _WHY,
    "outcome": None,
    "settled_at": None,
}


def _example(example: JsonValue) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


# --- legal holds ---


class HeldSubject(Input):
    """The subject, as its case system names it."""

    system: Code
    ref: Reference


class LegalHoldIn(Input):
    """What is to be kept whatever its date, and why.

    One subject's records, or one class of record, or, where neither is named, everything.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": {"system": "mosaic", "ref": "C-1001"},
                    "reason": "The inquiry has asked for it.",
                },
                {"record_class": "access_log", "reason": "A data breach is looked into."},
            ]
        }
    )

    subject: HeldSubject | None = None
    record_class: Choice[RecordClass] | None = None
    reason: Text


class LegalHoldLift(Input):
    """Why a hold is lifted."""

    model_config = _example({"reason": "The inquiry has reported."})

    reason: Text


class LegalHoldOut(Output):
    """A legal hold. It stays on record when it is lifted."""

    model_config = _example(_HOLD)

    id: Uuid
    subject: SubjectOut | None
    record_class: RecordClass | None
    reason: Text
    placed_at: Instant
    placed_by: Code
    lifted_at: Instant | None
    lifted_by: Code | None
    lift_reason: Text | None
    version: Version


class LegalHoldQuery(PageQuery):
    """The filters of the list of holds; `current`: not lifted."""

    subject: AboutSubject | None = None
    """Only about this subject: our id, or `system/ref`, like `mosaic/C-88121`."""
    record_class: Choice[RecordClass] | None = None
    """Only of this class of record."""
    current: QueryFlag | None = None
    """`true`: only what stands; `false`: only what was lifted."""


# --- a subject's records ---


class StoredHold(Output):
    """A hold that stands over a subject's records, as their readers are told."""

    id: Uuid
    record_class: Choice[RecordClass] | None
    reason: Text
    placed_at: Instant


class StoredRetention(Output):
    """What the rule looks at, as it is stored."""

    id: Uuid
    kind: Literal["child", "carer_household"]
    system: Code
    ref: Reference
    born_on: IsoDate | None
    died_on: IsoDate | None
    approval_ended_on: IsoDate | None
    last_recorded_on: IsoDate | None
    case_closed_on: IsoDate | None
    last_looked_on: IsoDate | None
    today: IsoDate
    holds: Many[StoredHold]
    removed: RemovedOut | None
    policy_version: Version
    policy_from: IsoDate
    policy_values: Annotated[dict[str, JsonValue], Field(max_length=500)]


class RecordRetentionOut(Output):
    """Until when one class of record about a subject is kept, that day included, and why."""

    record_class: RecordClass
    kept_until: IsoDate | None
    no_date_because: NoDate | None
    """Why nobody can say until when: then it is kept."""
    held: bool
    due: bool
    """Whether its day has passed and nothing holds it: a run may list it."""
    explanation: ExplanationOut


class SubjectRetentionOut(Output):
    """Until when everything held about a subject is kept, and what holds it."""

    model_config = _example(
        {
            "subject": _SUBJECT,
            "records": [
                {
                    "record_class": "child_record",
                    "kept_until": "2025-02-28",
                    "no_date_because": None,
                    "held": True,
                    "due": False,
                    "explanation": _WHY,
                }
            ],
            "holds": [
                {
                    "id": _HOLD["id"],
                    "record_class": None,
                    "reason": _HOLD["reason"],
                    "placed_at": _HOLD["placed_at"],
                }
            ],
            "removed": None,
        }
    )

    subject: SubjectOut
    records: Few[RecordRetentionOut]
    holds: Many[StoredHold]
    removed: RemovedOut | None


# --- runs ---


class RetentionRunIn(Input):
    """As at which day to list the records whose own day has passed; today if it is left out."""

    model_config = _example({"as_at": "2026-11-23"})

    as_at: IsoDate | None = None


class RetentionRunCancel(Input):
    """Why the run is stopped."""

    model_config = _example({"reason": "The policy is being looked at again."})

    reason: Text


class RetentionRunRow(Output):
    """A run in a list; its figures count the items that you may see."""

    id: Uuid
    as_at: IsoDate
    state: RetentionRunState
    policy_version: Version
    items_hash: Sha256
    """SHA-256 of every item as it was proposed, in hexadecimal."""
    truncated: bool
    """Whether more was past its day than one run holds: propose again after it."""
    items: Count
    removed: Count
    kept: Count
    """How many items were listed, and kept after all: each says why."""
    proposed_at: Instant
    proposed_by: Code
    approved_at: Instant | None
    approved_by: Code | None
    cancelled_at: Instant | None
    cancelled_by: Code | None
    cancel_reason: Text | None
    executed_at: Instant | None
    version: Version


class RetentionRunOut(RetentionRunRow):
    """One run and what can be done with it."""

    model_config = _example(_RUN)

    allowed_actions: Few[Annotated[str, Field(max_length=60)]]


class RetentionRunQuery(PageQuery):
    """The filters of the list of runs."""

    state: Choice[RetentionRunState] | None = None
    """Only in this state."""


class RetentionItemOut(Output):
    """One record of a run: a subject's, an observation, or a month of a log."""

    model_config = _example(_ITEM)

    id: Uuid
    run_id: Uuid
    record_class: RecordClass
    subject: SubjectOut | None
    observation_id: Uuid | None
    month: IsoDate | None
    """The first day of the London month whose lines of a log it stands for; null where of none."""
    kept_until: IsoDate
    """The last day on which it was kept. Once removed: the first day of that year."""
    explanation: ExplanationOut
    outcome: Settled | None
    settled_at: Instant | None


class RetentionItemQuery(PageQuery):
    """The filters of a run's items; `settled`: removed, or kept after all."""

    record_class: Choice[RecordClass] | None = None
    """Only of this class of record."""
    outcome: Choice[Settled] | None = None
    """Only with this outcome."""
    settled: QueryFlag | None = None
    """`true`: only what was removed, or kept after all; `false`: only what is yet to be decided."""


class ItemsOf(RetentionItemQuery):
    """The same within one run."""

    run: Uuid
