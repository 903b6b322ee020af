"""Events on their way out: to which endpoint, in what order, and what came of each attempt."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_api.models.base import Base, Changing, Identified, Stateful, Versioned, life_cycle


class WebhookEndpoint(Base, Identified, Changing, Versioned):
    """Where a case system or another consumer receives events, and which."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        CheckConstraint(
            "deleted_at IS NULL OR disabled_at IS NOT NULL", name="deleted_is_disabled"
        ),
    )

    system: Mapped[str | None] = mapped_column(ForeignKey("case_systems.code"))
    """Only events about this system's subjects go there; none means all."""
    url: Mapped[str]
    event_types: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    secrets: Mapped[list[Any]]
    """`whsec_` secrets, newest first; all sign while they overlap in a rotation."""
    parked_at: Mapped[datetime | None]
    """Set when the receiver answered 410: deliveries wait, nothing is dropped."""
    disabled_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    """Set for good; then it is disabled too and holds no secret. What was sent to it stays."""


class Delivery(Base, Identified, Stateful, Versioned):
    """One event for one endpoint; sent at least once, in order per case and lane.

    When it is due, leased, was last attempted and fails since is the database's clock, which all
    processes share; what people are shown as `delivered_at` and `settled_at` is the service's.
    """

    __tablename__ = "deliveries"
    __aggregate__ = "webhook_delivery"
    __table_args__ = (
        life_cycle(),
        CheckConstraint("lane IN ('escalation', 'ordinary', 'test')", name="lane"),
        Index(
            "deliveries_waiting_idx",
            "endpoint_id",
            "lane",
            "case_key",
            "position",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("deliveries_due_idx", "due_at", postgresql_where=text("state = 'waiting'")),
        # What became of an endpoint's deliveries since some attempt: those it took, and those not.
        Index(
            "deliveries_taken_idx",
            "endpoint_id",
            "attempted_at",
            postgresql_where=text("state = 'delivered'"),
        ),
        Index(
            "deliveries_failing_idx",
            "endpoint_id",
            "attempted_at",
            postgresql_where=text("state = 'waiting' AND attempted_at IS NOT NULL"),
        ),
        # What an endpoint was sent since some time, to send it again.
        Index(
            "deliveries_settled_idx",
            "endpoint_id",
            "settled_at",
            postgresql_where=text("settled_at IS NOT NULL"),
        ),
        Index(None, "event_id"),
        Index(
            "deliveries_replayed_as_idx",
            "replayed_as",
            postgresql_where=text("replayed_as IS NOT NULL"),
        ),
    )

    state: Mapped[str] = mapped_column(default="waiting", server_default="waiting")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    """The place in its case's queue, taken under the case's turn just before the commit."""
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"))
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id"))
    lane: Mapped[str]
    case_key: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[datetime]
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    attempted_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    """The first failed attempt."""
    alone_since: Mapped[datetime | None]
    """Since when it fails while its endpoint takes others."""
    delivered_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    replayed_as: Mapped[UUID | None] = mapped_column(
        ForeignKey("deliveries.id", ondelete="SET NULL")
    )
    """The newest delivery that sends its event to the endpoint once more."""

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
