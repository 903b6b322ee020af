"""What is kept out of a subject's record when it is read, and why (R4.1.7)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base, Changing, Identified, SubjectData


class Redaction(Base, Identified, SubjectData, Changing):
    """One text of a record that nobody reads there any more; the text itself stays where it is."""

    __tablename__ = "redactions"
    __table_args__ = (UniqueConstraint("subject_id", "path"),)

    audit_id: Mapped[UUID | None] = mapped_column(ForeignKey("audits.id"), index=True)
    path: Mapped[str]
    """Where the text stands in the record, by keys: `/audits/{id}/answers/{key}/comment`."""
    reason: Mapped[str]
    redacted_by: Mapped[UUID] = mapped_column(ForeignKey("principals.id"))
    redacted_at: Mapped[datetime]
