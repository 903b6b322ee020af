"""The event log: what was done, by whom, about whom; and the seals of both logs. Never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import SEALABLE, Base, Identified, JsonObject, Xid8


class LoggedEvent(Base, Identified):
    """One event; `data` holds ids and codes only, never free text or personal data."""

    __tablename__ = "events"
    __table_args__ = (
        Index("events_feed_idx", "xid", "id"),
        Index(None, "about_id"),
        Index(None, "subject_id"),
        CheckConstraint(SEALABLE, name="at"),
    )

    xid: Mapped[int] = mapped_column(Xid8(), server_default=text("stamp()"))
    at: Mapped[datetime]
    type: Mapped[str]
    principal_id: Mapped[UUID | None]
    correlation_id: Mapped[str]
    about_id: Mapped[UUID]
    subject_id: Mapped[UUID | None]
    data: Mapped[JsonObject]


class EventSeal(Base):
    """The hash chain over both logs, written by the one sealer: of an event, or of lines read."""

    __tablename__ = "event_seals"
    __table_args__ = (
        Index("event_seals_of_events_idx", "number", postgresql_where=text("event_id IS NOT NULL")),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[UUID | None] = mapped_column(unique=True)
    """The event; null where the seal stands for lines of the access log."""
    hash: Mapped[str]


class AccessSeal(Base):
    """The lines of the access log that one seal stands for: all up to a place in their order."""

    __tablename__ = "access_seals"
    __table_args__ = (Index(None, "last_xid", "last_at", "last_id"),)

    number: Mapped[int] = mapped_column(
        ForeignKey("event_seals.number"), primary_key=True, autoincrement=False
    )
    lines: Mapped[int]
    root: Mapped[bytes]
    leaves: Mapped[bytes]
    """The hash of each line, in their order: what it takes to tell which one is not as it was."""
    last_xid: Mapped[int] = mapped_column(Xid8())
    last_at: Mapped[datetime]
    last_id: Mapped[UUID]


class AccessRemoval(Base):
    """Which of the lines behind a seal went, under which item of a retention run.

    Written by the function that removes them. The event of the removal is sealed and names how many
    went and a hash of these places, so nobody can have lines go and put it down to the run.
    """

    __tablename__ = "access_removals"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("retention_items.id"), primary_key=True)
    number: Mapped[int] = mapped_column(ForeignKey("access_seals.number"), primary_key=True)
    places: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class CheckpointReceipt(Base):
    """The newest checkpoint that a witness took. No event: it makes nothing due."""

    __tablename__ = "checkpoint_receipts"

    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id"), primary_key=True)
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    at: Mapped[datetime | None]
    """When it took it, by the service's clock."""
    failing_since: Mapped[datetime | None]


class Epoch(Base):
    """What began with a restore: transactions of the restored database are all before it.

    Number 0, where every log begins, has no row. `last_seal` is the number of the newest seal that
    was restored. Two restores of one dump begin two epochs of one number; `id` tells them apart.
    """

    __tablename__ = "epochs"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[UUID]
    begun_at: Mapped[datetime]
    last_seal: Mapped[int]
