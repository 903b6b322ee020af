"""Events on their way out: to which endpoint, in what order, and what came of each attempt."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_api.models.base import Base, Changing, Identified, Versioned


class WebhookEndpoint(Base, Identified, Changing, Versioned):
    """Where a case system or another consumer receives events, and which."""

    __tablename__ = "webhook_endpoints"

    system: Mapped[str | None] = mapped_column(ForeignKey("case_systems.code"))
    """Only events about this system's subjects go there; none means all."""
    url: Mapped[str]
    event_types: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    secrets: Mapped[list[Any]]
    """`whsec_` secrets, newest first; all sign while they overlap in a rotation."""
    parked_at: Mapped[datetime | None]
    """Set when the receiver answered 410: deliveries wait, nothing is dropped."""
    disabled_at: Mapped[datetime | None]


class Delivery(Base, Identified):
    """One event for one endpoint; sent at least once, in order per case and lane."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("lane IN ('escalation', 'ordinary')", name="lane"),
        Index(
            "deliveries_waiting_idx",
            "endpoint_id",
            "lane",
            "case_key",
            "position",
            postgresql_where=text("delivered_at IS NULL"),
        ),
        Index("deliveries_due_idx", "due_at", postgresql_where=text("delivered_at IS NULL")),
        Index(None, "event_id"),
    )

    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"))
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id"))
    lane: Mapped[str]
    case_key: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[datetime]
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]

    log: Mapped[list["DeliveryAttempt"]] = relationship(
        lazy="raise", order_by="DeliveryAttempt.number"
    )


class DeliveryAttempt(Base):
    """One attempt at a delivery and what the receiver answered."""

    __tablename__ = "delivery_attempts"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    status: Mapped[int | None]
    failure: Mapped[str | None]
    """Why there is no status: `timeout`, `connection`, `target_not_allowed`."""
