"""What goes into and comes out of the routes of restorative actions."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from qa_api.rules.actions import ActionKind
from qa_api.rules.states import ActionState
from qa_api.subjects.schemas import SubjectOut
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

ActionDate = Literal["finish_on", "done_on"]
"""By when it will be finished, or when it was done."""
WorkingDays = Annotated[int, Field(ge=-100_000, le=100_000, json_schema_extra={"format": "int32"})]


class ActionRow(Output):
    """A restorative action in a list."""

    id: Uuid
    audit_id: Uuid
    subject: SubjectOut | None
    team: Code | None
    worker: Code | None
    owner: Code | None
    """Who was named to do it. Null: it follows the case, and moves with each allocation."""
    doer: Code | None
    """Who is to do it now: the owner, else the worker who holds the case."""
    kind: ActionKind
    description: Text
    needed_before_closure: bool
    state: ActionState
    due_on: IsoDate | None
    """The date it will be finished, as promised last."""
    first_promised_on: IsoDate | None
    """The date that was promised first, even if it has moved since."""
    missed_on: IsoDate | None
    """The earliest promised date that had passed when a new one took its place."""
    working_days_left: WorkingDays | None
    overdue: bool
    """Past its date. What was done late, or promised again after a missed date, stays overdue until
    it is verified."""
    done_on: IsoDate | None
    changed_at: Instant
    """When it was last written: a step, an edit, a new holder of the case."""
    restricted: bool
    version: Version


class ActionDateChangeOut(Output):
    """One change of a date of an action, and why it was made."""

    which: ActionDate
    was: IsoDate
    became: IsoDate
    reason: Text
    changed_at: Instant
    changed_by: Code | None


class ActionOut(ActionRow):
    """One restorative action, whole."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0199d1f0-7c1b-7000-8000-000000000001",
                    "audit_id": "0199d1f0-7c1b-7000-8000-0000000000b1",
                    "subject": {
                        "id": "0199d1f0-7c1b-7000-8000-0000000000a1",
                        "kind": "child",
                        "system": "mosaic",
                        "ref": "C-1001",
                    },
                    "team": "lincoln-fast",
                    "worker": "sw1-lincoln-fast",
                    "owner": None,
                    "doer": "sw1-lincoln-fast",
                    "kind": "practice",
                    "description": "See her alone and record what she says.",
                    "needed_before_closure": True,
                    "state": "planned",
                    "due_on": "2026-12-04",
                    "first_promised_on": "2026-11-27",
                    "missed_on": None,
                    "working_days_left": 9,
                    "overdue": False,
                    "done_on": None,
                    "changed_at": "2026-11-23T09:30:00Z",
                    "restricted": False,
                    "version": 2,
                    "how": "A visit after school is booked.",
                    "planned_at": "2026-11-23T09:30:00Z",
                    "done_by": None,
                    "done_reported_by": None,
                    "verified_at": None,
                    "verified_by": None,
                    "made_a_difference": None,
                    "verification_note": None,
                    "not_achieved_reason": None,
                    "cancelled_at": None,
                    "cancel_reason": None,
                    "date_changes": [
                        {
                            "which": "finish_on",
                            "was": "2026-11-27",
                            "became": "2026-12-04",
                            "reason": "Her father asked for a week more.",
                            "changed_at": "2026-11-24T09:30:00Z",
                            "changed_by": "sw1-lincoln-fast",
                        }
                    ],
                    "reassigned_at": None,
                    "reassigned_by": None,
                    "reassigned_because": None,
                    "allowed_actions": ["complete", "replan"],
                }
            ]
        }
    )

    how: Text | None
    planned_at: Instant | None
    done_by: Code | None
    done_reported_by: Code | None
    """Who said that it is done: `done_by`, or whoever responded on their behalf."""
    verified_at: Instant | None
    verified_by: Code | None
    made_a_difference: bool | None
    verification_note: Text | None
    not_achieved_reason: Text | None
    cancelled_at: Instant | None
    cancel_reason: Text | None
    date_changes: Few[ActionDateChangeOut]
    """Its former dates, the earliest change first: what each was, who changed it, when and why."""
    reassigned_at: Instant | None
    reassigned_by: Code | None
    reassigned_because: Text | None
    """Why the owner was changed last."""
    allowed_actions: Few[Key]


class ActionQuery(DueQuery):
    """The filters of the list of restorative actions."""

    state: Several[Choice[ActionState]] | None = None
    """Only in this state, or in one of several."""
    kind: Several[Choice[ActionKind]] | None = None
    """Only of this kind, or of one of several."""
    team: Several[Code] | None = None
    """Only of this team, or of one of several, by code."""
    service: Code | None = None
    """Only of teams that belong to this service today, by code."""
    worker: Several[Code] | None = None
    """Only where this worker holds the case, or one of several, by code."""
    supervisor: Code | None = None
    """Only where somebody whom this worker supervises today holds the case, by code."""
    owner: Code | None = None
    """Only what this worker has to do, by code: as its owner, or as holder of the case."""
    subject: AboutSubject | None = None
    """Only about this subject: our id, or `system/ref`, like `mosaic/C-88121`."""
    audit: Uuid | None = None
    """Only of this audit."""
    needed_before_closure: QueryFlag | None = None
    """`true`: only what must be done before the case closes; `false`: the rest."""
    overdue: QueryFlag | None = None
    """`true`: only what is overdue today; `false`: only what is not."""
    by_first_promise: QueryFlag | None = None
    """`true`: only what was done at once or by the first date promised; `false`: the rest."""
    audit_type: Code | None = None
    """Only of audits of this type, by code."""
    settled: QueryFlag | None = None
    """`true`: only what is verified or cancelled; `false`: only what is not."""
    set_from: IsoDate | None = None
    """Only what was set on this London date or later."""
    set_to: IsoDate | None = None
    """Only what was set before this London date."""
    due_from: IsoDate | None = None
    """Only what is due on this London date or later."""
    due_to: IsoDate | None = None
    """Only what is due before this London date."""


class ActionPlan(Input):
    """How an action is addressed and the date it will be finished."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"finish_on": "2026-12-04", "how": "Chronology to be brought up to date."}]
        }
    )

    finish_on: IsoDate
    how: Text | None = None


class ActionReplan(Input):
    """A new date by which an action will be finished, and why the former one does not hold."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "finish_on": "2026-12-11",
                    "reason": "The school can see her on 10 December only.",
                },
                {
                    "finish_on": "2026-12-11",
                    "reason": "Her worker is ill.",
                    "how": "The duty worker sees her at home.",
                },
            ]
        }
    )

    finish_on: IsoDate
    reason: Text
    how: Text | None = None


class DoneCorrection(Input):
    """The London date on which an action was really done, and why another one was recorded."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"done_on": "2026-11-26", "reason": "The day of the visit was mistyped."}]
        }
    )

    done_on: IsoDate
    reason: Text


class ActionCompletion(Input):
    """An action was done on a London date: today or before, but not before it was set."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"done_on": "2026-11-27"},
                {"done_on": "2026-11-27", "how": "Seen alone at school; her view is recorded."},
            ]
        }
    )

    done_on: IsoDate
    how: Text | None = None


class ActionVerification(Input):
    """Somebody other than the doer has seen that it was done, and whether it helped."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"made_a_difference": True, "note": "Seen on the file; the plan is used."}]
        }
    )

    made_a_difference: bool
    note: Text | None = None


class ActionShortfall(Input):
    """Why what was reported done is not done, and by when it will be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reason": "The visit is not recorded.", "finish_on": "2026-12-11"}]
        }
    )

    reason: Text
    finish_on: IsoDate


class ActionCancellation(Input):
    """Why the action is no longer to be done."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The family has moved to another authority."}]}
    )

    reason: Text


class ActionReassignment(Input):
    """Who is to do the action from now on, and why; without an owner it follows the case."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"owner": "sw2-lincoln-fast", "reason": "She knows the school and will ask."},
                {"owner": None, "reason": "It belongs with whoever holds the case."},
            ]
        }
    )

    owner: Code | None
    reason: Text
