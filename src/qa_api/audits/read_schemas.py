"""What the audit routes show: rows, whole audits, and two audits side by side."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from qa_api.audits.content_schemas import AnswerValue
from qa_api.rules.actions import ActionKind
from qa_api.rules.audits import ContactOutcome
from qa_api.rules.escalation import ChildSafeNow, UrgentFindingKind
from qa_api.rules.states import ActionState, AuditState, EscalationState
from qa_api.rules.tools import OverallAsked
from qa_api.subjects.schemas import SubjectOut
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Code,
    Count,
    Few,
    Instant,
    IsoDate,
    Key,
    LongText,
    Many,
    Output,
    ShortText,
    Text,
    Uuid,
    Version,
)

ActionName = Annotated[str, Field(max_length=60)]


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
    applies: bool
    """False if other answers switch the question off. The draft keeps the answer; the completed
    audit leaves it out."""
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


class OwnViewOut(Output):
    """What the worker wrote themselves about the audit of their work (R4.1.9)."""

    view: LongText
    written_at: Instant


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


class FindingFollowed(Output):
    """What became of an urgent finding: its way to the manager and on to Quality & Standards."""

    escalation_id: Uuid
    state: EscalationState
    acknowledged_at: Instant | None
    quality_standards_informed_at: Instant | None
    actions_to_be_taken: Text | None
    resolved_at: Instant | None
    resolution: Text | None


class UrgentFindingOut(Output):
    """An urgent finding (§4.3)."""

    id: Uuid
    kind: UrgentFindingKind
    description: Text
    child_safe_now: ChildSafeNow
    raised_at: Instant
    followed: FindingFollowed | None
    """For the auditor, the team's managers and Quality & Standards; null for others."""


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
    version: Version
    """The version that a change must name in `If-Match`: for version n, `"n.0000000000000000"` will
    do."""


class OwedOut(Output):
    """A due date of a household or a team, as the rule computed it (R3.2)."""

    due_on: IsoDate
    settled_on: IsoDate | None
    """When the audit was completed or cancelled."""
    stands: bool
    """False once the date is no longer a due date, or the audit was recorded in error."""
    policy_version: Version
    explanation: ExplanationOut


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
    changed_at: Instant
    """When it was last written: a step, an edit, a new holder of the case."""
    judgement_sealed: bool
    """True while you are to moderate it sealed: no judgement and no rationale of the auditor's is
    shown to you until you have recorded your own (R4.5.3)."""
    overall_judgement: Key | None
    restricted: bool
    version: Version


class AuditOut(AuditRow):
    """A whole audit, as far as the caller may see it."""

    tool_id: Uuid | None
    scale_code: Code | None
    scale_number: Version | None
    overall_asked: OverallAsked
    """Whether its tool asks for an overall judgement. Where that is not required, the judgements of
    the domains stand for the audit. Until it starts the tool is not settled, and this is
    `required`."""
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
    discussed_in_comment_id: Uuid | None
    """The comment that says what was discussed in supervision."""
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
    """The worker's view as the auditor noted it."""
    own_view: OwnViewOut | None
    """What the worker wrote themselves once they were told of the audit; null while it is sealed
    from you (R4.5.3)."""
    error_reason: Text | None
    """Why somebody reported the audit as an error; null unless a second person has yet to agree."""
    error_reported_by: Code | None
    """Who reported it: another of Quality & Standards confirms, or the report is withdrawn."""
    revisions: Few[RevisionOut]
    """What was replaced by an amendment, oldest first."""
    urgent_findings: Few[UrgentFindingOut]
    actions: Few[AuditActionOut]
    owed: OwedOut | None
    """The due date that it is for, where audits of its type fall due by the calendar."""
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
                    "not_compared_because": None,
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
    not_compared_because: Annotated[str, Field(max_length=200)] | None
    """Why the earlier audit is not shown: it was recorded in error, on another child. Null if the
    two are compared."""
    earlier_completed_on: IsoDate | None
    completed_on: IsoDate | None
    same_scale: bool
    """False if the scales differ: judgements are then shown side by side and not compared."""
    overall_before: Key | None
    overall_after: Key | None
    judgements: Few[JudgementCompared]
    answers: Many[AnswerCompared]
    actions_verified: Count
    actions_that_made_a_difference: Count
