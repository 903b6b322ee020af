"""What goes into and comes out of the routes of audit responses."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, JsonValue

from qa_api.rules.responses import ReviewOutcome
from qa_api.rules.routing import ActingAs
from qa_api.rules.states import ResponseState
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    AboutSubject,
    Choice,
    Code,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    Output,
    QueryFlag,
    Several,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import DueQuery

_ITEM: Final[dict[str, JsonValue]] = {
    "action": "0199d1f0-7c1b-7000-8000-000000000001",
    "how": "The chronology was brought up to date.",
    "done_on": "2026-11-24",
    "finish_on": None,
    "not_immediate_because": None,
}
_WHY: Final[dict[str, JsonValue]] = {
    "rule": "response_due",
    "clause": "§4.2, R4.2.1",
    "policy_version": 1,
    "calendar_version": 1,
    "steps": [
        {"date": "2026-11-23", "counted": False, "reason": "Day 0"},
        {"date": "2026-11-24", "counted": True, "reason": "Working day 1"},
    ],
    "facts": {"counted_from": "2026-11-23", "working_days": 5},
}
_ROUND: Final[dict[str, JsonValue]] = {
    "number": 1,
    "due_on": "2026-11-30",
    "explanation": _WHY,
    "submitted_at": "2026-11-24T15:00:00Z",
    "submitted_by": "sw1-lincoln-fast",
    "on_behalf": False,
    "on_behalf_of": None,
    "review_due_on": "2026-12-01",
    "review_explanation": {
        **_WHY,
        "rule": "review_due",
        "clause": "§4.2, R4.2.4",
        "facts": {"counted_from": "2026-11-24", "working_days": 5, "passed_over": []},
    },
    "reviewer": "tm-lincoln-fast",
    "reviewer_acts_as": "team_manager",
    "asked_before": [],
    "reviewed_at": None,
    "reviewed_by": None,
    "reviewed_as": None,
    "outcome": None,
    "reasons": None,
    "items": [_ITEM],
}
_RESPONSE: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000e1",
    "audit_id": "0199d1f0-7c1b-7000-8000-0000000000b1",
    "subject": {
        "id": "0199d1f0-7c1b-7000-8000-0000000000a1",
        "kind": "child",
        "system": "mosaic",
        "ref": "C-1001",
    },
    "team": "lincoln-fast",
    "worker": "sw1-lincoln-fast",
    "handed_to": None,
    "responder": "sw1-lincoln-fast",
    "state": "submitted",
    "changed_at": "2026-11-23T10:00:00Z",
    "notified_at": "2026-11-23T10:00:00Z",
    "due_on": "2026-11-30",
    "due_on_before": None,
    "calendar_unknown": False,
    "current_due_on": None,
    "working_days_left": None,
    "overdue": False,
    "first_submitted_on_time": True,
    "adequate_on_time": None,
    "restricted": False,
    "version": 3,
    "first_submitted_at": "2026-11-24T15:00:00Z",
    "adequate_at": None,
    "policy_version": 1,
    "calendar_version": 1,
    "handed_over_at": None,
    "handed_over_by": None,
    "handed_over_because": None,
    "explanation": _WHY,
    "rounds": [_ROUND],
    "allowed_actions": ["accept", "return"],
}

WorkingDays = Annotated[int, Field(ge=-100_000, le=100_000, json_schema_extra={"format": "int32"})]


class ResponseItemIn(Input):
    """How one action is addressed: done now, or by when it will be finished and why not now."""

    action: Uuid
    how: Text
    done_on: IsoDate | None = None
    finish_on: IsoDate | None = None
    not_immediate_because: Text | None = None


class ResponseSubmission(Input):
    """The response: it covers every action of the audit."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "action": "0199d1f0-7c1b-7000-8000-000000000001",
                            "how": "The chronology was brought up to date.",
                            "done_on": "2026-11-24",
                        },
                        {
                            "action": "0199d1f0-7c1b-7000-8000-000000000002",
                            "how": "Her father will be seen with her.",
                            "finish_on": "2026-12-11",
                            "not_immediate_because": "He is away until 4 December.",
                        },
                    ]
                },
                {
                    "items": [
                        {
                            "action": "0199d1f0-7c1b-7000-8000-000000000001",
                            "how": "The chronology was brought up to date.",
                            "done_on": "2026-11-24",
                        }
                    ],
                    "on_behalf": True,
                },
            ]
        }
    )

    items: Few[ResponseItemIn]
    on_behalf: bool = False
    """True if a practice supervisor or manager responds on the worker's behalf."""


class ResponseHandOver(Input):
    """Which worker of the team responds instead, and why; null gives it back to who holds it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"worker": "sw2-lincoln-fast", "reason": "He is on leave until 14 December."},
                {"worker": None, "reason": "He is back."},
            ]
        }
    )

    worker: Code | None
    reason: Text


class AdequacyReview(Input):
    """What the manager finds; a response is returned with reasons."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"outcome": "returned", "reasons": "Say who will see the father, and where."},
                {"outcome": "adequate"},
            ]
        }
    )

    outcome: Choice[ReviewOutcome]
    reasons: Text | None = None


class ResponseItemOut(Output):
    """How one action was addressed in a round."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM]})

    action: Uuid
    how: Text
    done_on: IsoDate | None
    finish_on: IsoDate | None
    not_immediate_because: Text | None


class AskedBefore(Output):
    """Who was told to review before somebody else came to act for the team."""

    reviewer: Code | None
    acts_as: ActingAs | None
    until: Instant


class ResponseRoundOut(Output):
    """One submission and its review; the last one may still be open."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ROUND]})

    number: Version
    due_on: IsoDate | None
    explanation: ExplanationOut | None
    submitted_at: Instant | None
    submitted_by: Code | None
    on_behalf: bool
    """Whether `submitted_by` responded on the worker's behalf."""
    on_behalf_of: Code | None
    """On whose behalf; null also if nobody was known to hold the case."""
    review_due_on: IsoDate | None
    review_explanation: ExplanationOut | None
    reviewer: Code | None
    """Who is to review: who acts for the team today, until it is reviewed.

    Null with `reviewer_acts_as` quality_standards means the whole team.
    """
    reviewer_acts_as: ActingAs | None
    asked_before: Few[AskedBefore]
    """Who was told to review it before, oldest first: the first of them from the submission on."""
    reviewed_at: Instant | None
    reviewed_by: Code | None
    reviewed_as: ActingAs | None
    """As what they reviewed it: a deputy's review is the deputy's."""
    outcome: ReviewOutcome | None
    reasons: Text | None
    items: Few[ResponseItemOut]


class ResponseRow(Output):
    """An audit response in a list."""

    id: Uuid
    audit_id: Uuid
    subject: SubjectOut | None
    team: Code | None
    worker: Code | None
    handed_to: Code | None
    """The worker of the team who responds instead of the one who holds the case, if anybody."""
    responder: Code | None
    """Who is to respond: `handed_to`, else `worker`."""
    state: ResponseState
    changed_at: Instant
    """When it was last written: a step, an edit, a new holder of the case."""
    notified_at: Instant | None
    """When the worker was told, which started the clock. Null also if they had responded before
    that, and the response was found adequate before it was recorded: then no clock started."""
    due_on: IsoDate | None
    """The original due date. Only a newly proclaimed bank holiday moves it.

    Null where no clock has begun, and while `calendar_unknown`.
    """
    due_on_before: IsoDate | None
    """The first due date, if a bank holiday moved it."""
    calendar_unknown: bool
    """Whether one of its dates (its own, a round's or a review's) lies past the end of the working
    calendar. Such a date is null and open, as its explanation says, and is counted when the
    calendar reaches further.
    """
    current_due_on: IsoDate | None
    """By when the worker is to answer now; a returned round has a date of its own. Null while no
    answer is expected."""
    working_days_left: WorkingDays | None
    """Working days to `current_due_on`; negative once missed."""
    overdue: bool
    first_submitted_on_time: bool | None
    adequate_on_time: bool | None
    """Whether the round found adequate was submitted by `due_on`. Null while that is open."""
    restricted: bool
    version: Version


class ResponseOut(ResponseRow):
    """One audit response with its rounds, and why its date is what it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RESPONSE]})

    first_submitted_at: Instant | None
    adequate_at: Instant | None
    policy_version: Version | None
    calendar_version: Version | None
    explanation: ExplanationOut | None
    handed_over_at: Instant | None
    handed_over_by: Code | None
    handed_over_because: Text | None
    """Why it was handed over last, or given back."""
    rounds: Few[ResponseRoundOut]
    allowed_actions: Few[Key]


class ResponseQuery(DueQuery):
    """The filters of the list of audit responses."""

    state: Several[Choice[ResponseState]] | None = None
    """Only in this state, or in one of several."""
    team: Several[Code] | None = None
    """Only of this team, or of one of several, by code."""
    service: Code | None = None
    """Only of teams that belong to this service today, by code."""
    worker: Several[Code] | None = None
    """Only where this worker holds the case, or one of several, by code."""
    supervisor: Code | None = None
    """Only where somebody whom this worker supervises today holds the case, by code."""
    subject: AboutSubject | None = None
    """Only about this subject: our id, or `system/ref`, like `mosaic/C-88121`."""
    audit: Uuid | None = None
    """Only of this audit."""
    overdue: QueryFlag | None = None
    """`true`: only what is overdue today; `false`: only what is not."""
    calendar_unknown: QueryFlag | None = None
    """`true`: only what has a date past the calendar's end; `false`: the rest."""
    audit_type: Code | None = None
    """Only of audits of this type, by code."""
    submitted: QueryFlag | None = None
    """`true`: only what was submitted; `false`: only what never was."""
    was_returned: QueryFlag | None = None
    """`true`: only what was returned at least once; `false`: only what never was."""
    first_submitted_on_time: QueryFlag | None = None
    """`true`: only what was first submitted on time; `false`: only what was not."""
    adequate_on_time: QueryFlag | None = None
    """`true`: only what was adequate on time; `false`: only what was not."""
    due_from: IsoDate | None = None
    """Only what is due on this London date or later."""
    due_to: IsoDate | None = None
    """Only what is due before this London date."""
