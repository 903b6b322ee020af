"""The event log: what was done, by whom, about whom. Appended to, never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base, Identified, JsonObject, Xid8


class LoggedEvent(Base, Identified):
    """One event; `data` holds ids and codes only, never free text or personal data."""

    __tablename__ = "events"
    __table_args__ = (
        Index("events_feed_idx", "xid", "id"),
        Index(None, "about_id"),
        Index(None, "subject_id"),
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
    """The hash chain over the event log, written by the one sealer, in `(xid, id)` order."""

    __tablename__ = "event_seals"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    hash: Mapped[str]


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
