"""Urgent findings and inadequate judgements on their way to the manager and to Q&S (§4.3)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
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
    changed_last,
    life_cycle,
)


class Escalation(Base, Identified, SubjectData, Stateful, Changing, ChangedWhen, Versioned):
    """One escalation: two hops, each with its proof; nothing about it is ever deleted."""

    __tablename__ = "escalations"
    __aggregate__ = "escalation"
    __table_args__ = (
        life_cycle(),
        *changed_last("escalations"),
        CheckConstraint(
            "trigger IN ('urgent_finding', 'inadequate_judgement', 'closed_without_audit')",
            name="trigger",
        ),
        CheckConstraint("disputed = (dispute_reason IS NOT NULL)", name="disputed_why"),
        CheckConstraint(
            "state NOT IN ('quality_standards_informed', 'resolved')"
            " OR actions_to_be_taken IS NOT NULL OR resolution IS NOT NULL",
            name="informed_with_actions",
        ),
        Index(
            "escalations_open_idx", "acknowledge_by", postgresql_where=text("state <> 'resolved'")
        ),
        Index(None, "team", "state", "id"),
        Index(None, "team", "id"),
        Index(None, "raised_at"),
        Index(
            "escalations_uncounted_idx",
            "id",
            postgresql_where=text("acknowledge_by IS NULL OR inform_by IS NULL"),
        ),
    )

    trigger: Mapped[str]
    audit_id: Mapped[UUID | None] = mapped_column(ForeignKey("audits.id"), index=True)
    finding_id: Mapped[UUID | None] = mapped_column(ForeignKey("urgent_findings.id"))
    gate_id: Mapped[UUID | None] = mapped_column(ForeignKey("closure_gates.id"), index=True)
    raised_at: Mapped[datetime]
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))
    calendar_version: Mapped[int] = mapped_column(ForeignKey("calendar_versions.version"))
    explanation: Mapped[JsonObject]
    acknowledge_by: Mapped[datetime | None]
    inform_by: Mapped[datetime | None]
    """Both null while the calendar does not reach their day; the explanation says so."""
    notified_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    quality_standards_informed_at: Mapped[datetime | None]
    informed_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    actions_to_be_taken: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    resolution: Mapped[str | None]
    disputed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    disputed_at: Mapped[datetime | None]
    disputed_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    dispute_reason: Mapped[str | None]

    recipients: Mapped[list["EscalationRecipient"]] = relationship(
        lazy="raise", order_by="EscalationRecipient.id"
    )


class EscalationRecipient(Base, Identified, SubjectData):
    """A team that is asked about an escalation, and who was told for it when.

    Of each team one row is not replaced: the team is asked, whoever acts for it.
    """

    __tablename__ = "escalation_recipients"
    __table_args__ = (
        CheckConstraint(
            "acknowledged_as IN ('team_manager', 'deputy', 'head_of_service', 'quality_standards')",
            name="acknowledged_as",
        ),
        Index(
            "escalation_recipients_moved_on_idx",
            "for_team",
            postgresql_where=text("team IS DISTINCT FROM for_team"),
        ),
    )

    escalation_id: Mapped[UUID] = mapped_column(ForeignKey("escalations.id"), index=True)
    recipient: Mapped[str | None] = mapped_column(ForeignKey("workers.code"), index=True)
    """Nobody named means the Quality & Standards team acts."""
    acts_as: Mapped[str]
    for_team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    notified_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    """When somebody else was asked for the team instead; whoever holds the post acts (R4.3.3)."""
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    acknowledged_as: Mapped[str | None]
    """In which place they did; `acts_as` is that of whoever was told."""
