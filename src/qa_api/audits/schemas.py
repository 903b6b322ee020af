"""What goes into the audit routes; what is recorded in an audit is in `content_schemas`."""

from pydantic import ConfigDict, Field

from qa_api.audits.content_schemas import ActionIn, JudgementIn, KeyedAnswerIn, KeyedJudgementIn
from qa_api.rules.states import AuditState
from qa_api.values.fields import (
    AboutSubject,
    Choice,
    Code,
    Few,
    Input,
    IsoDate,
    KeptReference,
    Key,
    Many,
    QueryCount,
    QueryFlag,
    Several,
    Text,
    Uuid,
)
from qa_api.values.judged import AskedOfDomain, AskedScale
from qa_api.values.pages import DueQuery


class SubjectRef(Input):
    """A subject as its case system names it."""

    system: Code
    ref: KeptReference


class AuditPlan(Input):
    """A new audit. With answers or actions it starts at once, and must name auditor and subject."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "closure",
                    "subject": {"system": "mosaic", "ref": "C-1001"},
                    "due_on": "2026-12-04",
                },
                {"type": "collaborative", "team": "lincoln-fast", "auditor": "au-1"},
                {
                    "type": "closure",
                    "subject": {"system": "mosaic", "ref": "C-1001"},
                    "auditor": "ps-lincoln-fast",
                    "re_audit_of": "0199d1f0-7c1b-7000-8000-000000000003",
                    "answers": [{"question_key": "plan_reviewed", "value": "yes"}],
                    "actions": [
                        {
                            "kind": "practice",
                            "description": "See the child alone and record their view.",
                            "needed_before_closure": True,
                        }
                    ],
                },
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
    """Changes to an open audit. A field that is left out stays as it is; null empties it.

    Whoever may plan audits can change `due_on` and, until the audit starts, `subject` or `team`. An
    audit about a subject has that subject's team, so naming another team alone is refused. With
    `subject` null the audit is about the team until a subject is named. The auditor writes
    `positive_feedback` and `paper_records_read`, once the audit has started.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"due_on": "2026-12-11"},
                {"positive_feedback": "Direct work with the child was warm and purposeful."},
                {"subject": {"system": "mosaic", "ref": "C-1002"}},
                {"subject": None, "team": "boston-fast"},
                {"paper_records_read": "The foster carers' file of 2019."},
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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"auditor": "ps-lincoln-fast"},
                {
                    "auditor": "ps-lincoln-fast",
                    "conflict_override_reason": "Nobody else of the service knows this tool.",
                },
            ]
        }
    )

    auditor: Code
    conflict_override_reason: Text | None = None


class Amendment(Input):
    """Changes to a completed audit, and why. What is left out stays as it is.

    An amendment that changes nothing is refused: a reason alone, or what the audit says already.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reason": "The visit of 12 November was on the file after all.",
                    "overall": {"judgement": "good", "rationale": "Visits were in time."},
                },
                {
                    "reason": "Two answers and a judgement were of another child's file.",
                    "judgements": [
                        {
                            "domain_key": "voice",
                            "judgement": "good",
                            "rationale": "She was seen alone each month.",
                        }
                    ],
                    "answers": [{"question_key": "voice_heard", "value": "yes"}],
                    "positive_feedback": "Her words are on the file as she said them.",
                    "paper_records_read": "The school's letters.",
                    "actions": [
                        {
                            "kind": "recording",
                            "description": "File the school's letters.",
                            "needed_before_closure": False,
                        }
                    ],
                },
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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"discussed_on": "2026-12-01"},
                {
                    "discussed_on": "2026-12-02",
                    "comment_id": "0199d1f0-7c1b-7000-8000-000000000012",
                },
            ]
        }
    )

    discussed_on: IsoDate
    comment_id: Uuid | None = None
    """The comment on this audit that says what was discussed; one to everybody who reads it."""


class AuditQuery(DueQuery):
    """The filters of the list of audits."""

    state: Several[Choice[AuditState]] | None = None
    """Only in this state, or in one of several."""
    type: Several[Code] | None = None
    """Only of this audit type, or of one of several, by code."""
    team: Several[Code] | None = None
    """Only of this team, or of one of several, by code."""
    service: Code | None = None
    """Only of teams that belong to this service today, by code."""
    worker: Several[Code] | None = None
    """Only where this worker holds the case, or one of several, by code."""
    supervisor: Code | None = None
    """Only where somebody whom this worker supervises today holds the case, by code."""
    auditor: Several[Code] | None = None
    """Only of this auditor, or of one of several, by worker code."""
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
    judgement: Several[Key] | None = None
    """Only with this overall judgement, or with one of several."""
    scale: Code | None = None
    """Only judged as a whole on this judgement scale, by code."""
    scale_number: QueryCount | None = None
    """Only judged as a whole on this version of a judgement scale, by number."""
    profile: AskedScale | None = None
    """Only where the tool requires no overall judgement, so that the domains stand for the audit,
    on this version of a judgement scale: its code and number, like `four-point/1`."""
    domain: Key | None = None
    """Only where this domain of the tool is judged, by key."""
    domain_judgement: Several[AskedOfDomain] | None = None
    """Only with this judgement of a domain, or with one of several: the domain's key and the
    judgement, like `voice_of_the_child/good`."""
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
