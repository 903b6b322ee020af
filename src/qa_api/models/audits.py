"""An audit and everything recorded in it (§4.1)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_api.models.actions import RestorativeAction
from qa_api.models.base import (
    SOONEST,
    Base,
    ChangedWhen,
    Changing,
    Identified,
    JsonObject,
    Stateful,
    SubjectData,
    Versioned,
    Witness,
    changed_last,
    life_cycle,
    soonest_first,
)
from qa_api.models.due_audits import AuditDueDate


class Audit(Base, Identified, SubjectData, Stateful, Changing, ChangedWhen, Versioned):
    """An audit of the work done with a subject.

    `team` and `worker` hold the case now and route what follows; `audited_*` is who held it when
    the work was judged, and never moves.
    """

    __tablename__ = "audits"
    __aggregate__ = "audit"
    __table_args__ = (
        life_cycle(),
        *changed_last("audits"),
        *soonest_first("audits", "team"),
        UniqueConstraint("id", "tool_id"),
        ForeignKeyConstraint(
            ["scale_code", "scale_number", "overall_judgement"],
            ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
        ),
        CheckConstraint("auditor <> audited_worker", name="not_own_work"),
        CheckConstraint(
            "(plan_id IS NULL) = (plan_team IS NULL) AND (plan_id IS NULL) = (theme_code IS NULL)",
            name="planned_whole",
        ),
        CheckConstraint(
            "state IN ('planned', 'cancelled')"
            " OR (auditor IS NOT NULL AND subject_id IS NOT NULL AND tool_id IS NOT NULL)",
            name="begun_with_auditor_and_subject",
        ),
        CheckConstraint(
            "(overall_judgement IS NULL) = (overall_rationale IS NULL)", name="judgement_with_why"
        ),
        CheckConstraint(
            "state NOT IN ('completed', 'closed') OR (completed_at IS NOT NULL"
            " AND (overall_judgement IS NOT NULL OR overall_asked <> 'required'))",
            name="completed_with_judgement",
        ),
        CheckConstraint(
            "overall_asked <> 'none' OR overall_judgement IS NULL", name="judged_as_asked"
        ),
        # With the tool's own column: what the audit is asked is what its tool asks.
        ForeignKeyConstraint(
            ["tool_id", "overall_asked"], ["audit_tools.id", "audit_tools.overall"]
        ),
        CheckConstraint(
            "(state = 'cancelled') = (cancel_reason IS NOT NULL)", name="cancelled_why"
        ),
        CheckConstraint(r"overall_rationale ~ '\S'", name="rationale_said"),
        CheckConstraint("error_reported_by <> error_confirmed_by", name="error_by_two"),
        CheckConstraint(
            "(recorded_in_error_at IS NULL) = (error_confirmed_by IS NULL)", name="error_confirmed"
        ),
        Index(
            "audits_in_error_idx",
            "id",
            postgresql_where=text("recorded_in_error_at IS NOT NULL"),
        ),
        Index(
            "audits_error_reported_idx",
            "id",
            postgresql_where=text("error_reported_by IS NOT NULL AND recorded_in_error_at IS NULL"),
        ),
        Index(
            "audits_one_open_per_gate",
            "gate_id",
            unique=True,
            postgresql_where=text("state IN ('planned', 'in_progress')"),
        ),
        Index(None, "team", "state", "id"),
        Index(None, "team", "id"),
        Index(None, "auditor", "id"),
        Index(None, "auditor", "changed_at", "id"),
        Index(None, "subject_id", "id"),
        Index(None, "worker", "id"),
        Index(None, "audited_worker", "id"),
        Index(None, "completed_on", "id"),
        Index(None, "due_on"),
        Index(
            "audits_due_idx",
            "due_on",
            "id",
            postgresql_where=text("state IN ('planned', 'in_progress')"),
        ),
        # What somebody is to carry out, soonest first; and who has any.
        Index(
            "audits_to_complete_idx",
            "auditor",
            text(SOONEST),
            "id",
            postgresql_where=text("state IN ('planned', 'in_progress')"),
        ),
        Index(
            "audits_restricted_open_idx",
            "id",
            postgresql_where=text("restricted AND state IN ('planned', 'in_progress')"),
        ),
        # Whom somebody is to audit, and what they audit again, to look back at what was found.
        Index(
            "audits_to_audit_idx",
            "auditor",
            "subject_id",
            postgresql_where=text("state IN ('planned', 'in_progress')"),
        ),
        Index(
            "audits_audited_again_idx",
            "auditor",
            "re_audit_of",
            postgresql_where=text("re_audit_of IS NOT NULL"),
        ),
    )

    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id"))
    type: Mapped[str] = mapped_column(ForeignKey("audit_types.code"))
    tool_id: Mapped[UUID | None]
    overall_asked: Mapped[str] = mapped_column(default="required", server_default="required")
    """What its tool says of an overall judgement, kept from the start (R4.1.3)."""
    scale_code: Mapped[str | None]
    scale_number: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    re_audit_of: Mapped[UUID | None] = mapped_column(ForeignKey("audits.id"))
    gate_id: Mapped[UUID | None] = mapped_column(ForeignKey("closure_gates.id"), index=True)
    opened_by: Mapped[str]
    """What opened it: `person`, `gate`, `plan` or `schedule`."""
    plan_id: Mapped[UUID | None] = mapped_column(ForeignKey("quarter_plans.id"), index=True)
    plan_team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    """The team that the quarter plan chose; `team` moves with the case."""
    theme_code: Mapped[str | None] = mapped_column(ForeignKey("themes.code"))
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))

    auditor: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    auditor_team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    conflict_override_reason: Mapped[str | None]
    audited_worker: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    audited_team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    audited_team_manager: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    audited_head_of_service: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))

    due_on: Mapped[date | None]
    planned_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    completed_on: Mapped[date | None]
    """The London date of completion: months and quarters are counted by it."""
    closed_at: Mapped[datetime | None]
    closings: Mapped[int | None] = mapped_column(default=0, server_default=text("0"))
    """How often it was closed, by itself; null if an older release closed it last."""
    changed_before_closing_at: Mapped[datetime | None]
    """Of what has closed, and changed no more: when it was changed last before that."""
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    error_reason: Mapped[str | None]
    error_reported_by: Mapped[UUID | None] = mapped_column(ForeignKey("principals.id"))
    error_confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("principals.id"))
    recorded_in_error_at: Mapped[datetime | None]

    overall_judgement: Mapped[str | None]
    overall_rationale: Mapped[str | None]
    positive_feedback: Mapped[str | None]
    paper_records_read: Mapped[str | None]
    discussed_in_supervision_on: Mapped[date | None]
    discussed_in_comment_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("comments.id", name="audits_discussed_in_comment_id_fkey", use_alter=True)
    )
    """The comment that says what was discussed."""

    answers: Mapped[list["AuditAnswer"]] = relationship(
        lazy="raise", order_by="AuditAnswer.question_key"
    )
    judgements: Mapped[list["DomainJudgement"]] = relationship(
        lazy="raise", order_by="DomainJudgement.domain_key"
    )
    family_contact: Mapped["FamilyContact | None"] = relationship(lazy="raise")
    worker_view: Mapped["WorkerView | None"] = relationship(lazy="raise")
    own_view: Mapped["OwnView | None"] = relationship(lazy="raise")
    revisions: Mapped[list["AuditRevision"]] = relationship(
        lazy="raise", order_by="AuditRevision.number"
    )
    urgent_findings: Mapped[list["UrgentFinding"]] = relationship(
        lazy="raise", order_by="UrgentFinding.id"
    )
    actions: Mapped[list[RestorativeAction]] = relationship(
        lazy="raise", order_by=RestorativeAction.id
    )
    owed: Mapped[AuditDueDate | None] = relationship(lazy="raise", viewonly=True)


class AuditAnswer(Base, SubjectData, Changing, Versioned):
    """The answer to one question, pinned to the version of the tool that asked it."""

    __tablename__ = "audit_answers"
    __table_args__ = (
        ForeignKeyConstraint(["audit_id", "tool_id"], ["audits.id", "audits.tool_id"]),
        ForeignKeyConstraint(
            ["tool_id", "question_key"], ["tool_questions.tool_id", "tool_questions.key"]
        ),
    )

    audit_id: Mapped[UUID] = mapped_column(primary_key=True)
    question_key: Mapped[str] = mapped_column(primary_key=True)
    tool_id: Mapped[UUID]
    value: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    evidence: Mapped[str | None]
    """The document or case note that shows it, by its reference."""
    rationale: Mapped[str | None]
    comment: Mapped[str | None]
    done_on: Mapped[date | None]
    expected_by: Mapped[date | None]
    answered_at: Mapped[datetime]
    left_out: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """The question did not apply when the audit was completed or amended: it says nothing."""


class DomainJudgement(Base, SubjectData, Changing):
    """The judgement of one domain of the tool, always with its rationale (R4.1.3)."""

    __tablename__ = "domain_judgements"
    __table_args__ = (
        CheckConstraint(r"rationale ~ '\S'", name="rationale_said"),
        ForeignKeyConstraint(["audit_id", "tool_id"], ["audits.id", "audits.tool_id"]),
        ForeignKeyConstraint(
            ["tool_id", "domain_key"], ["tool_domains.tool_id", "tool_domains.key"]
        ),
        ForeignKeyConstraint(
            ["scale_code", "scale_number", "judgement"],
            ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
        ),
    )

    audit_id: Mapped[UUID] = mapped_column(primary_key=True)
    domain_key: Mapped[str] = mapped_column(primary_key=True)
    tool_id: Mapped[UUID]
    scale_code: Mapped[str]
    scale_number: Mapped[int]
    judgement: Mapped[str]
    rationale: Mapped[str]


class FamilyContact(Base, SubjectData, Changing):
    """Whether the family was contacted, and what they said in their words (R4.1.4)."""

    __tablename__ = "family_contacts"
    __table_args__ = (
        CheckConstraint("expected = (not_expected_reason IS NULL)", name="not_expected_why"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audits.id"), primary_key=True)
    expected: Mapped[bool]
    not_expected_reason: Mapped[str | None]
    key_worker_forewarned: Mapped[bool | None]
    contact_details_checked: Mapped[bool | None]

    contacts: Mapped[list["FamilyContactAttempt"]] = relationship(
        lazy="raise", order_by="FamilyContactAttempt.number", cascade="all, delete-orphan"
    )


class FamilyContactAttempt(Base, SubjectData):
    """One contact, or attempt at one: who, how, when, what came of it, their feedback."""

    __tablename__ = "family_contact_attempts"

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("family_contacts.audit_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    who: Mapped[str]
    how: Mapped[str]
    at: Mapped[datetime]
    outcome: Mapped[str]
    feedback: Mapped[str | None]


class WorkerView(Base, SubjectData):
    """The worker's own view of the work audited (R4.1.9)."""

    __tablename__ = "worker_views"

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audits.id"), primary_key=True)
    view: Mapped[str]
    recorded_at: Mapped[datetime]


class OwnView(Base, SubjectData):
    """What the worker wrote themselves about the audit of their work, once told (R4.1.9).

    It stands beside what the auditor noted as the worker's view.
    """

    __tablename__ = "own_views"

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audits.id"), primary_key=True)
    view: Mapped[str]
    written_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    written_at: Mapped[datetime]


class AuditRevision(Base, SubjectData, Witness):
    """What a completed audit said before it was amended, and why it was (R4.1.5)."""

    __tablename__ = "audit_revisions"
    __table_args__ = (CheckConstraint(r"reason ~ '\S'", name="reason_said"),)

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audits.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str]
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    content: Mapped[JsonObject]


class UrgentFinding(Base, Identified, SubjectData, Changing):
    """A serious safeguarding issue or other urgent matter found by the auditor (§4.3)."""

    __tablename__ = "urgent_findings"
    __table_args__ = (
        CheckConstraint(r"description ~ '\S'", name="description_said"),
        CheckConstraint(
            "kind IN ('serious_safeguarding', 'other_urgent_or_significant')", name="kind"
        ),
        CheckConstraint("child_safe_now IN ('yes', 'no', 'not_known')", name="child_safe_now"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audits.id"), index=True)
    kind: Mapped[str]
    description: Mapped[str]
    child_safe_now: Mapped[str]
    raised_at: Mapped[datetime]
