"""What goes into and comes out of the routes of learning actions (R4.5.5)."""

from typing import Annotated

from pydantic import ConfigDict, Field

from qa_api.rules.states import LearningActionState
from qa_api.values.fields import (
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
from qa_api.values.pages import DueQuery


class NewLearningAction(Input):
    """What somebody is to learn or change, and by when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "description": "Record the child's words in each audit.",
                    "owner": "ps-lincoln-fast",
                    "due_on": "2026-12-18",
                }
            ]
        }
    )

    description: Text
    owner: Code
    due_on: IsoDate


class LearningActionRow(Output):
    """A learning action in a list."""

    id: Uuid
    sample_id: Uuid | None
    audit_id: Uuid | None
    """The moderated audit, by our id; null where it is not yours to see."""
    description: Text
    owner: Code
    due_on: IsoDate
    working_days_left: Annotated[int, Field(ge=-100_000, le=100_000)] | None
    overdue: bool
    state: LearningActionState
    set_by: Code
    set_at: Instant
    done_on: IsoDate | None
    changed_at: Instant
    version: Version


class LearningActionOut(LearningActionRow):
    """One learning action, whole."""

    how: Text | None
    done_by: Code | None
    verified_at: Instant | None
    verified_by: Code | None
    made_a_difference: bool | None
    verification_note: Text | None
    not_achieved_reason: Text | None
    cancelled_at: Instant | None
    cancel_reason: Text | None
    allowed_actions: Few[Key]


class LearningActionQuery(DueQuery):
    """The filters of the list of learning actions."""

    state: Choice[LearningActionState] | None = None
    """Only in this state."""
    owner: Code | None = None
    """Only what this person has to do, by worker code."""
    sample: Uuid | None = None
    """Only from outcomes of this moderation sample."""
    overdue: QueryFlag | None = None
    """`true`: only what is overdue today; `false`: only what is not."""
    due_from: IsoDate | None = None
    """Only what is due on this London date or later."""
    due_to: IsoDate | None = None
    """Only what is due before this London date."""


class LearningDone(Input):
    """What was learnt or changed, on a London date, today or before."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"done_on": "2026-12-01"},
                {"done_on": "2026-12-01", "how": "Her last two audits quote the child."},
            ]
        }
    )

    done_on: IsoDate
    how: Text | None = None


class LearningVerified(Input):
    """Somebody else has seen that it was done, and whether it made a difference."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"made_a_difference": True},
                {"made_a_difference": False, "note": "The words are there, and not yet used."},
            ]
        }
    )

    made_a_difference: bool
    note: Text | None = None


class LearningShortfall(Input):
    """Why what was reported done is not, and by when it will be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reason": "Not in the next audit.", "due_on": "2027-01-15"}]
        }
    )

    reason: Text
    due_on: IsoDate


class LearningCancelled(Input):
    """Why it is no longer to be done."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The tool changed."}]})

    reason: Text
