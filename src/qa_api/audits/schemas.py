"""What goes into and comes out of the audit routes."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from qa_api.http.fields import (
    Choice,
    Code,
    Count,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    LongText,
    Many,
    Number,
    Output,
    QueryCount,
    QueryFlag,
    Reference,
    ShortText,
    Text,
    Uuid,
    Version,
)
from qa_api.http.reading import PageQuery
from qa_api.rules.actions import ActionKind
from qa_api.rules.audits import ContactOutcome
from qa_api.rules.escalation import ChildSafeNow, UrgentFindingKind
from qa_api.rules.transitions import ActionState, AuditState

AnswerValue = Annotated[str, Field(max_length=4_000)] | Number | None
"""A word, a text, a date as `YYYY-MM-DD`, or a number, as the question's kind says."""

ActionName = Annotated[str, Field(max_length=60)]


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
    """A restorative action: what must be put right. The allocated worker's, or an owner's."""

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

    The plan (`due_on`, and while it is planned `subject` or `team`) is for who may plan audits;
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
    """What of a completed audit is to read otherwise, and why. What is left out stays."""

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


class SubjectOut(Output):
    """The subject of a record."""

    id: Uuid
    kind: Literal["child", "carer_household"]
    system: Code
    ref: Reference


class AnswerOut(Output):
    """An answer as it was given, with the version that a change of it must name."""

    question_key: Key
    value: AnswerValue
    evidence: Text | None
    rationale: Text | None
    comment: Text | None
    done_on: IsoDate | None
    expected_by: IsoDate | None
    answered_at: Instant
    version: Version


class JudgementOut(Output):
    """A judgement with its rationale."""

    domain_key: Key
    judgement: Key
    rationale: Text


class ContactOut(Output):
    """One contact with the child, young person or family, or an attempt at one."""

    who: ShortText
    how: ShortText
    at: Instant
    outcome: ContactOutcome
    feedback: Text | None


class FamilyContactOut(Output):
    """Contact with the family (R4.1.4)."""

    expected: bool
    not_expected_reason: Text | None
    key_worker_forewarned: bool | None
    contact_details_checked: bool | None
    contacts: Few[ContactOut]


class WorkerViewOut(Output):
    """The worker's own view (R4.1.9)."""

    view: LongText
    recorded_at: Instant


class RevisionOut(Output):
    """That an audit was amended: which revision was replaced, when, by whom and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": 1,
                    "reason": "The visit of 12 November was on the file after all.",
                    "replaced_at": "2026-12-01T10:12:00.000000Z",
                    "replaced_by": "au-1",
                }
            ]
        }
    )

    number: Version
    reason: Text
    replaced_at: Instant
    replaced_by: Code | None


class UrgentFindingOut(Output):
    """An urgent finding (§4.3)."""

    id: Uuid
    kind: UrgentFindingKind
    description: Text
    child_safe_now: ChildSafeNow
    raised_at: Instant


class AuditActionOut(Output):
    """A restorative action as its audit shows it."""

    id: Uuid
    kind: ActionKind
    description: Text
    needed_before_closure: bool
    state: ActionState
    owner: Code | None
    due_on: IsoDate | None
    done_on: IsoDate | None


class AuditRow(Output):
    """An audit in a list: that it exists, its state and what it is about."""

    id: Uuid
    type: Code
    state: AuditState
    subject: SubjectOut | None
    team: Code | None
    worker: Code | None
    auditor: Code | None
    opened_by: Literal["person", "gate", "plan", "schedule"]
    due_on: IsoDate | None
    working_days_left: Annotated[int, Field(ge=-100_000, le=100_000)] | None
    planned_at: Instant
    completed_at: Instant | None
    overall_judgement: Key | None
    restricted: bool
    version: Version


class AuditOut(AuditRow):
    """A whole audit, as far as the caller may see it."""

    tool_id: Uuid | None
    scale_code: Code | None
    scale_number: Version | None
    revision: Version
    re_audit_of: Uuid | None
    gate_id: Uuid | None
    plan_id: Uuid | None
    plan_team: Code | None
    theme_code: Code | None
    audited_team: Code | None
    audited_worker: Code | None
    audited_team_manager: Code | None
    audited_head_of_service: Code | None
    conflict_override_reason: Text | None
    started_at: Instant | None
    closed_at: Instant | None
    cancelled_at: Instant | None
    cancel_reason: Text | None
    discussed_in_supervision_on: IsoDate | None
    policy_version: Version
    content_withheld: bool
    """True where the caller may know that the audit exists and is due, but not what it says."""
    overall_rationale: Text | None
    positive_feedback: Text | None
    paper_records_read: Text | None
    answers: Many[AnswerOut]
    judgements: Few[JudgementOut]
    family_contact: FamilyContactOut | None
    worker_view: WorkerViewOut | None
    error_reason: Text | None
    """Set where somebody reported the audit as an error and a second person has yet to agree."""
    revisions: Few[RevisionOut]
    """What was replaced by an amendment, oldest first."""
    urgent_findings: Few[UrgentFindingOut]
    actions: Few[AuditActionOut]
    allowed_actions: Few[ActionName]


class JudgementCompared(Output):
    """A domain's judgement in the earlier and in the later audit; null where there was none."""

    domain_key: Key
    before: Key | None
    after: Key | None


class AnswerCompared(Output):
    """The answer to one question in the earlier and in the later audit."""

    question_key: Key
    before: AnswerValue
    after: AnswerValue


class ComparisonOut(Output):
    """An audit beside the earlier one that it looks at again, and whether that one helped."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0199d1f0-7c1b-7000-8000-000000000002",
                    "earlier": "0199d1f0-7c1b-7000-8000-000000000001",
                    "earlier_completed_on": "2026-06-30",
                    "completed_on": "2026-11-20",
                    "same_scale": True,
                    "overall_before": "requires_improvement",
                    "overall_after": "good",
                    "judgements": [
                        {
                            "domain_key": "voice_of_the_child",
                            "before": "requires_improvement",
                            "after": "good",
                        }
                    ],
                    "answers": [
                        {"question_key": "child_seen_alone", "before": "no", "after": "yes"}
                    ],
                    "actions_verified": 2,
                    "actions_that_made_a_difference": 2,
                }
            ]
        }
    )

    id: Uuid
    earlier: Uuid
    earlier_completed_on: IsoDate | None
    completed_on: IsoDate | None
    same_scale: bool
    """Judgements of two scales stand side by side and are not compared."""
    overall_before: Key | None
    overall_after: Key | None
    judgements: Few[JudgementCompared]
    answers: Many[AnswerCompared]
    actions_verified: Count
    actions_that_made_a_difference: Count


class AuditQuery(PageQuery):
    """The filters of the list of audits."""

    state: Choice[AuditState] | None = None
    type: Code | None = None
    team: Code | None = None
    service: Code | None = None
    worker: Code | None = None
    auditor: Code | None = None
    subject: Uuid | None = None
    overdue: QueryFlag | None = None
    done: QueryFlag | None = None
    cancelled: QueryFlag | None = None
    judgement: Key | None = None
    scale: Code | None = None
    scale_number: QueryCount | None = None
    family_contacted: QueryFlag | None = None
    completed_from: IsoDate | None = None
    completed_to: IsoDate | None = None
    due_from: IsoDate | None = None
    due_to: IsoDate | None = None
