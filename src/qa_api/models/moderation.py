"""Moderation: what was drawn from what, who moderates it, and what came of it (§4.5)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_api.models.base import (
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


class ModerationSample(Base, Identified, Stateful, Changing, Versioned, Witness):
    """One draw: a group's completed audits of a period, or those of auditors in no group.

    What was drawn is added by the transaction that adds it, and by no other.
    """

    __tablename__ = "moderation_samples"
    __aggregate__ = "moderation_sample"
    __table_args__ = (
        life_cycle(),
        UniqueConstraint(
            "group",
            "starts_on",
            name="moderation_samples_one_per_period",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("starts_on < ends_before", name="period"),
        CheckConstraint("second_grade IN ('sealed', 'open')", name="second_grade"),
    )

    group: Mapped[str | None] = mapped_column(ForeignKey("auditor_groups.code"))
    period: Mapped[str]
    starts_on: Mapped[date]
    ends_before: Mapped[date]
    method: Mapped[str]
    seed: Mapped[str]
    population_hash: Mapped[str]
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))
    second_grade: Mapped[str] = mapped_column(server_default="open")
    """What the policy said of it at the draw (R4.5.3); a later policy does not change it."""
    explanation: Mapped[JsonObject]
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))


class ModeratingTeam(Base):
    """A team whose turn it is to moderate a sample (R4.5.2)."""

    __tablename__ = "moderating_teams"

    sample_id: Mapped[UUID] = mapped_column(ForeignKey("moderation_samples.id"), primary_key=True)
    team: Mapped[str] = mapped_column(ForeignKey("teams.code"), primary_key=True, index=True)


class ModerationMember(Base, SubjectData):
    """An audit of the population as it was at the draw: from these rows it can be drawn again.

    Only whom it is about and who holds the case move on; what the lot was drawn from never does.
    """

    __tablename__ = "moderation_members"

    sample_id: Mapped[UUID] = mapped_column(ForeignKey("moderation_samples.id"), primary_key=True)
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audits.id"), primary_key=True)
    audit_type: Mapped[str]
    judgement: Mapped[str]
    audited_team: Mapped[str | None]
    exclusion: Mapped[str | None]
    stratum: Mapped[str | None]
    drawn: Mapped[bool]


class ModerationOutcome(Base, Identified, SubjectData, Changing, ChangedWhen, Versioned):
    """A drawn audit, its moderator and the outcome, beside the auditor's judgement (R4.5.3).

    The auditor's judgement is kept as it was drawn; the audit itself is never written from here.
    """

    __tablename__ = "moderation_outcomes"
    __table_args__ = (
        UniqueConstraint("sample_id", "audit_id"),
        ForeignKeyConstraint(
            ["scale_code", "scale_number", "auditor_judgement"],
            ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
            name="moderation_outcomes_auditor_judgement_fkey",
        ),
        ForeignKeyConstraint(
            ["scale_code", "scale_number", "moderated_judgement"],
            ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
            name="moderation_outcomes_moderated_judgement_fkey",
        ),
        CheckConstraint("moderator <> auditor", name="not_own_audit"),
        CheckConstraint(
            "relation_to_auditor IN ('none', 'manages_auditor', 'supervises_auditor')",
            name="relation_to_auditor",
        ),
        CheckConstraint(
            "(moderated_judgement IS NULL) = (moderated_rationale IS NULL)",
            name="judgement_with_why",
        ),
        CheckConstraint(
            "(auditor_judgement IS NULL) = (auditor_rationale IS NULL)",
            name="auditor_judgement_with_why",
        ),
        # Where the auditor judged no whole, the moderator judges the domains alone.
        CheckConstraint(
            "(moderated_judgement IS NULL) = (moderated_at IS NULL OR auditor_judgement IS NULL)"
            " AND (moderated_at IS NULL) = (moderated_by IS NULL)",
            name="judged_by_somebody",
        ),
        CheckConstraint(r"moderated_rationale ~ '\S'", name="rationale_said"),
        CheckConstraint("sealed = (unsealed_because IS NULL)", name="unsealed_why"),
        ForeignKeyConstraint(
            ["scale_code", "scale_number", "consensus_judgement"],
            ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
            name="moderation_outcomes_consensus_judgement_fkey",
        ),
        CheckConstraint(
            "num_nonnulls(consensus_proposed_at, consensus_proposed_by) IN (0, 2)"
            " AND num_nonnulls(consensus_judgement, consensus_rationale)"
            " = CASE WHEN consensus_proposed_at IS NULL OR auditor_judgement IS NULL"
            " THEN 0 ELSE 2 END",
            name="consensus_whole",
        ),
        CheckConstraint(
            "(consensus_agreed_at IS NULL) = (consensus_agreed_by IS NULL)"
            " AND (consensus_agreed_at IS NULL OR consensus_proposed_at IS NOT NULL)"
            " AND consensus_agreed_by <> consensus_proposed_by",
            name="consensus_by_two",
        ),
        CheckConstraint(
            "unsealed_because IN"
            " ('policy', 'reads_all', 'answers_for_case', 'addressed', 'has_read',"
            " 'could_read')",
            name="unsealed_because",
        ),
        *changed_last("moderation_outcomes"),
        Index(None, "moderator", "completed_on", "id"),
        Index(None, "auditor", "completed_on", "id"),
        Index(None, "completed_on", "id"),
        Index(None, "sample_id", "moderator"),
        Index(
            "moderation_outcomes_sealed_idx",
            "moderator",
            postgresql_where=text("sealed AND moderated_at IS NULL"),
        ),
    )

    sample_id: Mapped[UUID] = mapped_column(ForeignKey("moderation_samples.id"))
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audits.id"), index=True)
    position: Mapped[int]
    """Its place in the order of the lot, from 1."""
    auditor: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    auditor_team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    audit_type: Mapped[str] = mapped_column(ForeignKey("audit_types.code"))
    audit_revision: Mapped[int]
    completed_on: Mapped[date]
    scale_code: Mapped[str]
    scale_number: Mapped[int]
    auditor_judgement: Mapped[str | None]
    """Null where the auditor judged no whole: then the domains are what is moderated."""
    auditor_rationale: Mapped[str | None]
    moderator: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    """Who is to moderate it; nobody while Quality & Standards must still find somebody."""
    relation_to_auditor: Mapped[str | None]
    assigned_at: Mapped[datetime | None]
    """When it was given to its moderator; null where nobody has it, or it was so before seals."""
    sealed: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether the moderator judges, or judged, before they saw the auditor's judgement (R4.5.3)."""
    unsealed_because: Mapped[str | None] = mapped_column(server_default="policy")
    """Why the pair is not sealed; null where it is, which a new row says by `null()`."""
    quality: Mapped[str | None]
    analysis: Mapped[str | None]
    themes: Mapped[str | None]
    observations: Mapped[str | None]
    contribution_to_impact: Mapped[str | None]
    moderated_judgement: Mapped[str | None]
    moderated_rationale: Mapped[str | None]
    action_plan_comments: Mapped[str | None]
    feedback_to_auditor: Mapped[str | None]
    moderated_at: Mapped[datetime | None]
    moderated_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    consensus_judgement: Mapped[str | None]
    """What auditor and moderator agreed on afterwards; it replaces neither of the two."""
    consensus_rationale: Mapped[str | None]
    consensus_proposed_at: Mapped[datetime | None]
    consensus_proposed_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    consensus_agreed_at: Mapped[datetime | None]
    consensus_agreed_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))

    domains: Mapped[list["ModeratedDomain"]] = relationship(
        lazy="raise", order_by="ModeratedDomain.domain_key"
    )


class ModeratedDomain(Base, SubjectData, Changing):
    """A domain of a drawn audit that carries a judgement: the auditor's and, beside it, others."""

    __tablename__ = "moderated_domains"
    __table_args__ = (
        *(
            ForeignKeyConstraint(
                ["scale_code", "scale_number", f"{whose}_judgement"],
                ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
                name=f"moderated_domains_{whose}_judgement_fkey",
            )
            for whose in ("auditor", "moderated", "consensus")
        ),
        CheckConstraint(
            "(moderated_judgement IS NULL) = (moderated_rationale IS NULL)",
            name="judgement_with_why",
        ),
        CheckConstraint(
            "(consensus_judgement IS NULL) = (consensus_rationale IS NULL)",
            name="consensus_with_why",
        ),
    )

    outcome_id: Mapped[UUID] = mapped_column(ForeignKey("moderation_outcomes.id"), primary_key=True)
    domain_key: Mapped[str] = mapped_column(primary_key=True)
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audits.id"), index=True)
    scale_code: Mapped[str]
    scale_number: Mapped[int]
    auditor_judgement: Mapped[str]
    auditor_rationale: Mapped[str]
    moderated_judgement: Mapped[str | None]
    moderated_rationale: Mapped[str | None]
    consensus_judgement: Mapped[str | None]
    consensus_rationale: Mapped[str | None]


class LearningAction(Base, Identified, SubjectData, Stateful, Changing, ChangedWhen, Versioned):
    """What somebody is to learn or change because of a moderation, until it is seen (R4.5.5)."""

    __tablename__ = "learning_actions"
    __aggregate__ = "learning_action"
    __table_args__ = (
        life_cycle(),
        CheckConstraint("verified_by <> done_by", name="verified_by_another"),
        CheckConstraint(
            "(state = 'cancelled') = (cancel_reason IS NOT NULL)", name="cancelled_why"
        ),
        *changed_last("learning_actions"),
        *soonest_first("learning_actions", "owner", "set_by"),
        Index(None, "owner", "id"),
    )

    outcome_id: Mapped[UUID] = mapped_column(ForeignKey("moderation_outcomes.id"), index=True)
    description: Mapped[str]
    owner: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    due_on: Mapped[date]
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    done_on: Mapped[date | None]
    done_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    how: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    made_a_difference: Mapped[bool | None]
    verification_note: Mapped[str | None]
    not_achieved_reason: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
