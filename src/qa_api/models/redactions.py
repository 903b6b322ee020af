"""What is kept out of a subject's record when it is read, and why (R4.1.7)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base, Changing, Identified, SubjectData, Versioned


class Redaction(Base, Identified, SubjectData, Changing, Versioned):
    """One text of a record that nobody reads there any more; the text itself stays where it is.

    A redaction that was lifted stays on record; the same text can then be redacted anew.
    """

    __tablename__ = "redactions"
    __table_args__ = (
        CheckConstraint(
            "num_nulls(lifted_at, lifted_by, lift_reason) IN (0, 3)", name="lifted_why"
        ),
        Index(
            "redactions_one_standing",
            "subject_id",
            "path",
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    version: Mapped[int] = mapped_column(default=1, server_default="1")
    audit_id: Mapped[UUID | None] = mapped_column(ForeignKey("audits.id"), index=True)
    path: Mapped[str]
    """Where the text stands in the record, by keys: `/audits/{id}/answers/{key}/comment`."""
    reason: Mapped[str]
    redacted_by: Mapped[UUID] = mapped_column(ForeignKey("principals.id"))
    redacted_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("principals.id"))
    lift_reason: Mapped[str | None]
