"""What goes into and comes out of the routes of restorative actions."""

from typing import Annotated

from pydantic import ConfigDict, Field

from qa_api.audits.read_schemas import SubjectOut
from qa_api.http.fields import (
    Choice,
    Code,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    Output,
    QueryFlag,
    Text,
    Uuid,
    Version,
)
from qa_api.http.reading import PageQuery
from qa_api.rules.actions import ActionKind
from qa_api.rules.transitions import ActionState

WorkingDays = Annotated[int, Field(ge=-100_000, le=100_000, json_schema_extra={"format": "int32"})]


class ActionRow(Output):
    """A restorative action in a list."""

    id: Uuid
    audit_id: Uuid
    subject: SubjectOut | None
    team: Code | None
    worker: Code | None
    owner: Code | None
    kind: ActionKind
    description: Text
    needed_before_closure: bool
    state: ActionState
    due_on: IsoDate | None
    """The date it will be finished, as planned."""
    working_days_left: WorkingDays | None
    overdue: bool
    """Also of what was done late, until somebody else has seen it."""
    done_on: IsoDate | None
    restricted: bool
    version: Version


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
                    "owner": "sw1-lincoln-fast",
                    "kind": "practice",
                    "description": "See her alone and record what she says.",
                    "needed_before_closure": True,
                    "state": "planned",
                    "due_on": "2026-12-04",
                    "working_days_left": 9,
                    "overdue": False,
                    "done_on": None,
                    "restricted": False,
                    "version": 2,
                    "how": "A visit after school is booked.",
                    "planned_at": "2026-11-23T09:30:00Z",
                    "done_by": None,
                    "verified_at": None,
                    "verified_by": None,
                    "made_a_difference": None,
                    "verification_note": None,
                    "not_achieved_reason": None,
                    "cancelled_at": None,
                    "cancel_reason": None,
                    "allowed_actions": ["complete", "replan"],
                }
            ]
        }
    )

    how: Text | None
    planned_at: Instant | None
    done_by: Code | None
    verified_at: Instant | None
    verified_by: Code | None
    made_a_difference: bool | None
    verification_note: Text | None
    not_achieved_reason: Text | None
    cancelled_at: Instant | None
    cancel_reason: Text | None
    allowed_actions: Few[Key]


class ActionQuery(PageQuery):
    """The filters of the list of restorative actions."""

    state: Choice[ActionState] | None = None
    kind: Choice[ActionKind] | None = None
    team: Code | None = None
    service: Code | None = None
    worker: Code | None = None
    owner: Code | None = None
    subject: Uuid | None = None
    audit: Uuid | None = None
    needed_before_closure: QueryFlag | None = None
    overdue: QueryFlag | None = None
    audit_type: Code | None = None
    settled: QueryFlag | None = None
    set_from: IsoDate | None = None
    set_to: IsoDate | None = None
    due_from: IsoDate | None = None
    due_to: IsoDate | None = None


class ActionPlan(Input):
    """How an action is addressed and the date it will be finished."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"finish_on": "2026-12-04", "how": "Chronology to be brought up to date."}]
        }
    )

    finish_on: IsoDate
    how: Text | None = None


class ActionCompletion(Input):
    """An action was done on a London date, today or before."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"done_on": "2026-11-27"}]})

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
    """What was reported done is not: why, and by when it will be."""

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
