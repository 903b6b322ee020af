"""A conversation on the record: comments on an audit and on what belongs to it (X8)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_api.models.base import Base, Changing, Identified, SubjectData, Versioned, Witness


class Comment(Base, Identified, SubjectData, Changing, Versioned, Witness):
    """What somebody wrote about a thing, or replied to that.

    The first comment of a conversation is addressed, resolved and answered; replies point to it.
    """

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint(
            "CASE kind WHEN 'audit' THEN question_key IS NULL"
            " WHEN 'question' THEN question_key IS NOT NULL"
            " WHEN 'audit_response' THEN response_id IS NOT NULL"
            " WHEN 'restorative_action' THEN action_id IS NOT NULL"
            " WHEN 'escalation' THEN escalation_id IS NOT NULL"
            " WHEN 'moderation_outcome' THEN outcome_id IS NOT NULL ELSE false END",
            name="kind",
        ),
        CheckConstraint(
            "num_nonnulls(question_key, response_id, action_id, escalation_id, outcome_id)"
            " = (kind <> 'audit')::int AND (audit_id IS NOT NULL OR kind = 'escalation')",
            name="about_one_thing",
        ),
        CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="resolved_by_whom"),
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released_by_whom"),
        CheckConstraint(
            "reply_to IS NULL OR resolved_at IS NULL", name="resolved_as_a_conversation"
        ),
        Index(
            "comments_asked_idx",
            "id",
            postgresql_where=text("addressed AND reply_to IS NULL AND resolved_at IS NULL"),
        ),
        Index(None, "team", "id"),
        Index(None, "worker", "id"),
        Index(None, "written_by", "id"),
        Index(None, "auditor", "id"),
        Index(None, "subject_id", "id"),
    )

    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id"))
    kind: Mapped[str]
    """What it is about: an audit, a question of it, or what follows from it."""
    audit_id: Mapped[UUID | None] = mapped_column(ForeignKey("audits.id"), index=True)
    """The audit behind it; none where an escalation has none."""
    auditor: Mapped[str | None]
    """Who audited what it is about; a trigger keeps it, for lists alone (ADR 76)."""
    question_key: Mapped[str | None]
    response_id: Mapped[UUID | None] = mapped_column(ForeignKey("audit_responses.id"), index=True)
    action_id: Mapped[UUID | None] = mapped_column(ForeignKey("restorative_actions.id"), index=True)
    escalation_id: Mapped[UUID | None] = mapped_column(ForeignKey("escalations.id"), index=True)
    outcome_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("moderation_outcomes.id"), index=True
    )
    reply_to: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id"), index=True)
    """The first comment of the conversation; null for the first itself."""
    addressed: Mapped[bool]
    """Whether only its writer, those it is addressed to, and Quality & Standards read it."""
    text: Mapped[str]
    written_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    written_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    released_at: Mapped[datetime | None]
    """Since when it stands in the subject's record."""
    released_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))

    addressees: Mapped[list["CommentAddressee"]] = relationship(
        lazy="raise", order_by="CommentAddressee.addressee"
    )


class CommentAddressee(Base):
    """Somebody whom a comment asks, until they answer it."""

    __tablename__ = "comment_addressees"

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    addressee: Mapped[str] = mapped_column(ForeignKey("workers.code"), primary_key=True, index=True)
    answered_at: Mapped[datetime | None]
