"""Schemas of the idiomatic service, as everybody writes them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Out(BaseModel):
    """Read from attributes, as everybody does it."""

    model_config = ConfigDict(from_attributes=True)


class SubjectOut(Out):
    id: UUID
    kind: str
    system: str
    ref: str


class AnswerOut(Out):
    question_key: str
    value: Any
    evidence: str | None
    rationale: str | None
    comment: str | None
    done_on: date | None
    expected_by: date | None
    answered_at: datetime
    applies: bool
    version: int


class JudgementOut(Out):
    domain_key: str
    judgement: str
    rationale: str


class AttemptOut(Out):
    who: str
    how: str
    at: datetime
    outcome: str
    feedback: str | None


class FamilyContactOut(Out):
    expected: bool
    not_expected_reason: str | None
    key_worker_forewarned: bool | None
    contact_details_checked: bool | None
    contacts: list[AttemptOut]


class WorkerViewOut(Out):
    view: str
    recorded_at: datetime


class OwnViewOut(Out):
    view: str
    written_at: datetime


class RevisionOut(Out):
    number: int
    reason: str
    replaced_at: datetime
    replaced_by: str | None


class OwedOut(Out):
    due_on: date
    settled_on: date | None
    stands: bool
    policy_version: int
    explanation: dict[str, Any]


class UrgentFindingOut(Out):
    id: UUID
    kind: str
    description: str
    child_safe_now: str
    raised_at: datetime


class ActionOut(Out):
    id: UUID
    kind: str
    description: str
    needed_before_closure: bool
    state: str
    owner: str | None
    due_on: date | None
    done_on: date | None
    version: int


class AuditRow(Out):
    id: UUID
    type: str
    state: str
    subject: SubjectOut | None
    team: str | None
    worker: str | None
    auditor: str | None
    opened_by: str
    due_on: date | None
    working_days_left: int | None = None
    planned_at: datetime
    completed_at: datetime | None
    changed_at: datetime
    judgement_sealed: bool = False
    overall_judgement: str | None
    restricted: bool
    version: int


class AuditOut(AuditRow):
    tool_id: UUID | None
    scale_code: str | None
    scale_number: int | None
    overall_asked: str
    revision: int
    re_audit_of: UUID | None
    gate_id: UUID | None
    plan_id: UUID | None
    plan_team: str | None
    theme_code: str | None
    audited_team: str | None
    audited_worker: str | None
    audited_team_manager: str | None
    audited_head_of_service: str | None
    conflict_override_reason: str | None
    started_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    discussed_in_supervision_on: date | None
    discussed_in_comment_id: UUID | None
    policy_version: int
    content_withheld: bool = False
    overall_rationale: str | None
    positive_feedback: str | None
    paper_records_read: str | None
    answers: list[AnswerOut]
    judgements: list[JudgementOut]
    family_contact: FamilyContactOut | None
    worker_view: WorkerViewOut | None
    own_view: OwnViewOut | None
    error_reason: str | None
    error_reported_by: UUID | None
    revisions: list[RevisionOut]
    urgent_findings: list[UrgentFindingOut]
    actions: list[ActionOut]
    owed: OwedOut | None
    allowed_actions: list[str] = []


class AuditPage(Out):
    items: list[AuditRow]
    next_cursor: str | None


class SubjectIn(BaseModel):
    system: str
    ref: str


class AnswerIn(BaseModel):
    question_key: str
    value: Any
    evidence: str | None = None
    rationale: str | None = None


class ActionIn(BaseModel):
    kind: str
    description: str
    needed_before_closure: bool


class AuditIn(BaseModel):
    type: str
    subject: SubjectIn
    auditor: str
    answers: list[AnswerIn]
    actions: list[ActionIn]
