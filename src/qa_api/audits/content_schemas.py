"""What an auditor records in an audit, as it goes in: answers, judgements, contact, actions."""

from typing import Annotated

from pydantic import ConfigDict, Discriminator, Field, Tag

from qa_api.rules.actions import ActionKind
from qa_api.rules.audits import ContactOutcome
from qa_api.rules.escalation import ChildSafeNow, UrgentFindingKind
from qa_api.values.fields import (
    Choice,
    Code,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    LongText,
    Number,
    ShortText,
    Text,
)


def _kind_of_value(value: object) -> str:
    return "text" if isinstance(value, str) else "number"


AnswerValue = (
    Annotated[
        Annotated[Text, Tag("text")] | Annotated[Number, Tag("number")],
        Discriminator(_kind_of_value),
    ]
    | None
)
"""A word, a text, a date as `YYYY-MM-DD`, or a number, as the question's kind says."""


class AnswerIn(Input):
    """The answer to one question of the tool, finished or not."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "value": "yes",
                    "evidence": "Case note of 3 November",
                    "done_on": "2026-11-03",
                    "expected_by": "2026-11-05",
                },
                {
                    "value": "partial",
                    "evidence": "Minutes of the strategy meeting",
                    "rationale": "The plan names who, but not by when.",
                    "comment": "Ask the chair for the missing dates.",
                },
            ]
        }
    )

    value: AnswerValue = None
    evidence: Text | None = None
    rationale: Text | None = None
    comment: Text | None = None
    done_on: IsoDate | None = None
    expected_by: IsoDate | None = None


class KeyedAnswerIn(AnswerIn):
    """An answer with the key of its question."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question_key": "plan_reviewed", "value": "yes"},
                {
                    "question_key": "visits_in_time",
                    "value": "no",
                    "evidence": "Case notes of November",
                    "rationale": "The visit was nine days late.",
                    "comment": "The worker was on leave.",
                    "done_on": "2026-11-21",
                    "expected_by": "2026-11-12",
                },
            ]
        }
    )

    question_key: Key


class ActionIn(Input):
    """A restorative action: what must be put right. Without an owner it follows the case."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "practice",
                    "description": "See the child alone and record their view.",
                    "needed_before_closure": True,
                },
                {
                    "kind": "recording",
                    "description": "Bring the chronology up to date.",
                    "needed_before_closure": False,
                    "owner": "sw2-lincoln-fast",
                },
            ]
        }
    )

    kind: Choice[ActionKind]
    description: Text
    needed_before_closure: bool
    owner: Code | None = None


class JudgementIn(Input):
    """A judgement, always with its rationale (R4.1.3)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "judgement": "requires_improvement",
                    "rationale": "Visits were in time, but the plan was not reviewed.",
                }
            ]
        }
    )

    judgement: Key
    """A point of the scale that the tool uses."""
    rationale: Text


class KeyedJudgementIn(JudgementIn):
    """A judgement with the key of its domain."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "domain_key": "voice_of_the_child",
                    "judgement": "good",
                    "rationale": "Her own words are on the file, and the plan follows them.",
                }
            ]
        }
    )

    domain_key: Key


class ContactIn(Input):
    """One contact with the child, young person or family, or an attempt at one."""

    who: ShortText
    how: ShortText
    at: Instant
    outcome: Choice[ContactOutcome]
    feedback: Text | None = None


class FamilyContactIn(Input):
    """Contact with the family, as a whole: it replaces what was recorded (R4.1.4)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "expected": True,
                    "key_worker_forewarned": True,
                    "contact_details_checked": True,
                    "contacts": [
                        {
                            "who": "mother",
                            "how": "telephone",
                            "at": "2026-11-20T14:30:00Z",
                            "outcome": "spoken",
                            "feedback": "We knew who would call and why.",
                        }
                    ],
                },
                {"expected": False, "not_expected_reason": "The young person asked us not to."},
            ]
        }
    )

    expected: bool
    not_expected_reason: Text | None = None
    key_worker_forewarned: bool | None = None
    contact_details_checked: bool | None = None
    contacts: Few[ContactIn] = Field(default_factory=list)


class WorkerViewIn(Input):
    """The worker's own view of the work audited (R4.1.9)."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"view": "The plan changed twice; I recorded it late."}]}
    )

    view: LongText


class UrgentFindingIn(Input):
    """A serious safeguarding issue or another urgent matter, and whether the child is safe now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "serious_safeguarding",
                    "description": "No visit since the allegation of 12 November.",
                    "child_safe_now": "not_known",
                }
            ]
        }
    )

    kind: Choice[UrgentFindingKind]
    description: Text
    child_safe_now: Choice[ChildSafeNow]
