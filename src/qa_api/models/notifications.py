"""The notification of the allocated worker through the case system (R4.1.6, R4.2.8)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

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


class Notification(Base, Identified, SubjectData, Stateful, Changing, ChangedWhen, Versioned):
    """One notification: queued, then delivered, or undeliverable until somebody does it by hand."""

    __tablename__ = "notifications"
    __aggregate__ = "notification"
    __table_args__ = (
        life_cycle(),
        *changed_last("notifications"),
        Index(None, "team", "id"),
        CheckConstraint("kind IN ('information_only', 'response_required')", name="kind"),
        CheckConstraint(
            "(state = 'delivered') = (notified_at IS NOT NULL)", name="delivered_when_notified"
        ),
        CheckConstraint(
            "state <> 'undeliverable' OR undeliverable_reason IS NOT NULL", name="undeliverable_why"
        ),
        CheckConstraint(
            "undeliverable_reason IN ('no_allocated_worker', 'worker_left', 'restricted',"
            " 'refused', 'exhausted', 'skipped')",
            name="undeliverable_reason",
        ),
        Index(
            "notifications_open_idx",
            "queued_until",
            postgresql_where=text("state <> 'delivered'"),
        ),
        Index("notifications_uncounted_idx", "id", postgresql_where=text("queued_until IS NULL")),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audits.id"), index=True)
    kind: Mapped[str]
    event_id: Mapped[UUID | None]
    """The event whose delivery notifies the worker; none where nothing could be sent."""
    queued_at: Mapped[datetime]
    queued_until: Mapped[datetime | None]
    """Queued past this instant, the team manager and Q&S are told; null past the calendar."""
    explanation: Mapped[JsonObject]
    notified_at: Mapped[datetime | None]
    undeliverable_reason: Mapped[str | None]
    delivered_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    delivered_how: Mapped[str | None]
