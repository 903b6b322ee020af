"""What the service told people, once each: the proof that no deadline passed unseen."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from qa_api.models.base import Base, Identified, SubjectData


class Alert(Base, Identified, SubjectData):
    """One telling: what kind, about which record, to whom; unique, so it is told once."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("kind", "about_id", "recipient_role", "recipient", "occasion"),
        Index(None, "recipient_role", "recipient"),
        Index(
            "alerts_waiting_idx",
            "recipient",
            postgresql_where=text("seen_at IS NULL AND over_at IS NULL"),
        ),
    )

    kind: Mapped[str]
    about_id: Mapped[UUID]
    occasion: Mapped[str]
    """What made it due: the date or round it is about, so that a new one is told again."""
    recipient_role: Mapped[str]
    recipient: Mapped[str]
    """The worker's code, or the role's name where the telling goes to a whole team (Q&S)."""
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]
    """When the worker noted that what it is about is over; it waits in nobody's list any more."""
