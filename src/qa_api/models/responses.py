"""The worker's response to an audit and the manager's review of it (§4.2)."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

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
    changed_last,
    life_cycle,
    soonest_first,
    soonest_in_state,
)

_RESPONDER: Final = """(
CASE
    WHEN handed_to IS NULL THEN worker
    ELSE handed_to
END)"""
"""Who is to respond, as `responder` asks for it; in the lines that PostgreSQL writes."""


class AuditResponse(Base, Identified, SubjectData, Stateful, Changing, ChangedWhen, Versioned):
    """The response that an audit with restorative actions calls for.

    `due_on` is the original due date; only a newly proclaimed bank holiday moves it, and then
    `due_on_before` keeps the old one. It is null before the notification, and while the calendar
    does not reach it: then the explanation says so.
    """

    __tablename__ = "audit_responses"
    __aggregate__ = "audit_response"
    __table_args__ = (
        life_cycle(),
        *changed_last("audit_responses"),
        UniqueConstraint("audit_id"),
        CheckConstraint("due_on IS NULL OR notified_at IS NOT NULL", name="due_once_notified"),
        CheckConstraint("(notified_at IS NULL) = (explanation IS NULL)", name="due_explained"),
        Index(
            "audit_responses_uncounted_idx",
            "id",
            postgresql_where=text("due_on IS NULL AND explanation IS NOT NULL"),
        ),
        Index(
            "audit_responses_open_idx",
            "due_on",
            "id",
            postgresql_where=text("state <> 'adequate'"),
        ),
        Index(None, "due_on"),
        Index(None, "worker", "id"),
        Index(None, "handed_to"),
        # Larger than one of what is awaited: PostgreSQL joins the two for a list of that where this
        # is the smaller, as if of two alike conditions each left a part.
        Index(
            "audit_responses_responder_to_submit_idx",
            text(_RESPONDER),
            text(SOONEST),
            "id",
            postgresql_where=text(
                "state IN ('awaiting_notification', 'awaiting_response', 'returned')"
            ),
        ),
        Index(
            "audit_responses_restricted_open_idx",
            "id",
            postgresql_where=text("restricted AND state <> 'adequate'"),
        ),
        CheckConstraint(
            "num_nulls(handed_over_at, handed_over_by, handed_over_because) IN (0, 3)"
            " AND (handed_to IS NULL OR handed_over_at IS NOT NULL)",
            name="handed_over_why",
        ),
        *soonest_in_state("audit_responses"),
        *soonest_first("audit_responses", "team", "worker", "auditor"),
        *soonest_first(
            "audit_responses",
            "team",
            "worker",
            "auditor",
            name="awaited",
            only="state IN ('awaiting_response', 'returned')",
        ),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audits.id"))
    auditor: Mapped[str | None]
    """Who audited; a trigger keeps it, for lists alone (ADR 76)."""
    notified_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    due_on_before: Mapped[date | None]
    explanation: Mapped[JsonObject | None]
    policy_version: Mapped[int | None] = mapped_column(ForeignKey("policy_versions.version"))
    calendar_version: Mapped[int | None] = mapped_column(ForeignKey("calendar_versions.version"))
    first_submitted_at: Mapped[datetime | None]
    first_submitted_on: Mapped[date | None]
    adequate_at: Mapped[datetime | None]
    handed_to: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    """The worker of the team who responds instead of the one who holds the case; null is nobody."""
    handed_over_at: Mapped[datetime | None]
    handed_over_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    handed_over_because: Mapped[str | None]
    adequate_submitted_on: Mapped[date | None]
    """The London date on which the round that was found adequate had been submitted."""

    rounds: Mapped[list["ResponseRound"]] = relationship(
        lazy="raise", order_by="ResponseRound.number"
    )


class ResponseRound(Base, Identified, SubjectData, Changing):
    """One submission and its review; a return opens the next."""

    __tablename__ = "response_rounds"
    __table_args__ = (
        UniqueConstraint("response_id", "number"),
        CheckConstraint("outcome IN ('adequate', 'returned')", name="outcome"),
        CheckConstraint("outcome <> 'returned' OR reasons IS NOT NULL", name="returned_why"),
        CheckConstraint(
            "outcome IS NULL OR submitted_at IS NOT NULL", name="reviewed_once_submitted"
        ),
        CheckConstraint("reviewed_by <> submitted_by", name="reviewed_by_another"),
        CheckConstraint(
            "reviewed_as IN ('team_manager', 'deputy', 'head_of_service', 'quality_standards')",
            name="reviewed_as",
        ),
        Index(
            "response_rounds_uncounted_idx",
            "response_id",
            postgresql_where=text(
                "(due_on IS NULL AND explanation IS NOT NULL)"
                " OR (review_due_on IS NULL AND review_explanation IS NOT NULL)"
            ),
        ),
        Index(
            "response_rounds_submitted_by_idx",
            "submitted_by",
            postgresql_where=text("submitted_by IS NOT NULL"),
        ),
        Index(
            "response_rounds_on_behalf_of_idx",
            "on_behalf_of",
            postgresql_where=text("on_behalf_of IS NOT NULL"),
        ),
        # Of earlier rounds a trigger holds the same.
        CheckConstraint("reviewed_by <> on_behalf_of", name="reviewed_by_nobody_answered_for"),
        CheckConstraint("on_behalf OR on_behalf_of IS NULL", name="for_whom_on_behalf"),
    )

    response_id: Mapped[UUID] = mapped_column(ForeignKey("audit_responses.id"))
    number: Mapped[int]
    due_on: Mapped[date | None]
    explanation: Mapped[JsonObject | None]
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    on_behalf: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether a supervisor or manager responded on the worker's behalf."""
    on_behalf_of: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    """On whose; null also where nobody was known to hold the case."""
    review_due_on: Mapped[date | None]
    review_explanation: Mapped[JsonObject | None]
    reviewer: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    """Who was last told to review, or reviewed; nobody named means Quality & Standards."""
    reviewer_acts_as: Mapped[str | None]
    asked_before: Mapped[list[JsonObject]] = mapped_column(
        JSONB, default=list, server_default=text("'[]'")
    )
    """Who was told to review it before, as what, and from when until when, oldest first."""
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    reviewed_as: Mapped[str | None]
    """In which place they did: it may be another's than the one who was to review."""
    outcome: Mapped[str | None]
    reasons: Mapped[str | None]

    items: Mapped[list["ResponseItem"]] = relationship(
        lazy="raise", order_by="ResponseItem.action_id"
    )


class ResponseItem(Base, SubjectData):
    """How one action is addressed: done now, or by when it will be finished and why not now."""

    __tablename__ = "response_items"
    __table_args__ = (
        CheckConstraint(
            "(done_on IS NOT NULL AND finish_on IS NULL AND reason_not_immediate IS NULL)"
            " OR (done_on IS NULL AND finish_on IS NOT NULL AND reason_not_immediate IS NOT NULL)",
            name="done_or_dated",
        ),
    )

    round_id: Mapped[UUID] = mapped_column(ForeignKey("response_rounds.id"), primary_key=True)
    action_id: Mapped[UUID] = mapped_column(ForeignKey("restorative_actions.id"), primary_key=True)
    how: Mapped[str]
    done_on: Mapped[date | None]
    finish_on: Mapped[date | None]
    reason_not_immediate: Mapped[str | None]
