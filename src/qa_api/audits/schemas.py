"""What goes into the audit routes."""

from typing import Annotated

from pydantic import ConfigDict, Discriminator, Field, Tag

from qa_api.rules.actions import ActionKind
from qa_api.rules.audits import ContactOutcome
from qa_api.rules.escalation import ChildSafeNow, UrgentFindingKind
from qa_api.rules.states import AuditState
from qa_api.values.fields import (
    AboutSubject,
    Choice,
    Code,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    LongText,
    Many,
    Number,
    QueryCount,
    QueryFlag,
    Reference,
    ShortText,
    Text,
    Uuid,
)
from qa_api.values.pages import PageQuery


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


class SubjectRef(Input):
    """A subject as its case system names it."""

    system: Code
    ref: Reference


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
                }
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
        json_schema_extra={"examples": [{"question_key": "plan_reviewed", "value": "yes"}]}
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
                }
            ]
        }
    )

    kind: Choice[ActionKind]
    description: Text
    needed_before_closure: bool
    owner: Code | None = None


class AuditPlan(Input):
    """A new audit. With answers or actions it begins at once; then auditor and subject are due."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "closure",
                    "subject": {"system": "mosaic", "ref": "C-1001"},
                    "due_on": "2026-12-04",
                },
                {"type": "collaborative", "team": "lincoln-fast", "auditor": "au-1"},
            ]
        }
    )

    type: Code
    subject: SubjectRef | None = None
    team: Code | None = None
    """Only of an audit without a subject; the team of a subject is known."""
    auditor: Code | None = None
    due_on: IsoDate | None = None
    re_audit_of: Uuid | None = None
    answers: Many[KeyedAnswerIn] = Field(default_factory=list)
    actions: Few[ActionIn] = Field(default_factory=list)


class AuditEdit(Input):
    """What of an open audit is to change. A field that is left out stays; null empties it.

    The plan (`due_on`, and while it is planned `subject` or `team`) is for who may plan audits. An
    audit about a subject has that subject's team: another team alone is refused, and with `subject`
    null the audit is about that team until a subject is named.
    `positive_feedback` and `paper_records_read` are for the auditor, from in_progress on.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"due_on": "2026-12-11"},
                {"positive_feedback": "Direct work with the child was warm and purposeful."},
            ]
        }
    )

    due_on: IsoDate | None = None
    subject: SubjectRef | None = None
    team: Code | None = None
    positive_feedback: Text | None = None
    paper_records_read: Text | None = None


class Assignment(Input):
    """Who audits. Q&S may override a supervisor's conflict, with the reason (R4.1.8)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"auditor": "ps-lincoln-fast"}]})

    auditor: Code
    conflict_override_reason: Text | None = None


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


class Amendment(Input):
    """What of a completed audit is to read otherwise, and why. What is left out stays.

    It changes something: a reason alone, or what the audit says already, is refused.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reason": "The visit of 12 November was on the file after all.",
                    "overall": {"judgement": "good", "rationale": "Visits were in time."},
                }
            ]
        }
    )

    reason: Text
    overall: JudgementIn | None = None
    judgements: Few[KeyedJudgementIn] = Field(default_factory=list)
    answers: Many[KeyedAnswerIn] = Field(default_factory=list)
    positive_feedback: Text | None = None
    paper_records_read: Text | None = None
    actions: Few[ActionIn] = Field(default_factory=list)
    """Further actions. An audit that had none now calls for a response."""


class ErrorReport(Input):
    """Why an audit should never have been in this child's record."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The audit is about another child."}]}
    )

    reason: Text


class Completion(Input):
    """The overall judgement, unless it was recorded before."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"overall": {"judgement": "good", "rationale": "Purposeful work."}}]
        }
    )

    overall: JudgementIn | None = None


class Cancellation(Input):
    """Why an audit will not be carried out."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The case moved to another authority."}]}
    )

    reason: Text


class SupervisionIn(Input):
    """When an audit was, or is to be, discussed in case supervision (R4.2.2)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"discussed_on": "2026-12-01"}]})

    discussed_on: IsoDate


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


class AuditQuery(PageQuery):
    """The filters of the list of audits."""

    state: Choice[AuditState] | None = None
    """Only in this state."""
    type: Code | None = None
    """Only of this audit type, by code."""
    team: Code | None = None
    """Only of this team, by code."""
    service: Code | None = None
    """Only of teams that belong to this service today, by code."""
    worker: Code | None = None
    """Only where this worker holds the case, by code."""
    auditor: Code | None = None
    """Only of this auditor, by worker code."""
    subject: AboutSubject | None = None
    """Only about this subject: our id, or `system/ref`, like `mosaic/C-88121`."""
    overdue: QueryFlag | None = None
    """`true`: only what is overdue today; `false`: only what is not."""
    done: QueryFlag | None = None
    """`true`: only what is completed; `false`: only what is not."""
    cancelled: QueryFlag | None = None
    """`true`: only what was cancelled; `false`: only what was not."""
    exempt: QueryFlag | None = None
    """`true`: only what was cancelled because its team is exempt; `false`: the rest."""
    theme: Code | None = None
    """Only of this theme, by code."""
    judgement: Key | None = None
    """Only with this overall judgement."""
    scale: Code | None = None
    """Only on this judgement scale, by code."""
    scale_number: QueryCount | None = None
    """Only on this version of a judgement scale, by number."""
    family_contacted: QueryFlag | None = None
    """`true`: only where the auditor spoke with the family; `false`: the rest."""
    completed_from: IsoDate | None = None
    """Only what was completed on this London date or later."""
    completed_to: IsoDate | None = None
    """Only what was completed before this London date."""
    due_from: IsoDate | None = None
    """Only what is due on this London date or later."""
    due_to: IsoDate | None = None
    """Only what is due before this London date."""
