"""What makes audits fall due, and which due date each audit is for (R3.1, R3.2)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base, Changing, Identified, JsonObject, Versioned
from qa_api.models.directory import one_at_a_time


class AuditInterval(Base, Identified, Changing, Versioned):
    """How often a team is to be audited on a type, as its manager set it; one at a time."""

    __tablename__ = "audit_intervals"
    __table_args__ = (
        one_at_a_time("type", "team", name="audit_intervals_one_at_a_time"),
        CheckConstraint("every_months BETWEEN 1 AND 120", name="every_months"),
        CheckConstraint("audits_each_time BETWEEN 1 AND 50", name="audits_each_time"),
    )

    type: Mapped[str] = mapped_column(ForeignKey("audit_types.code"))
    team: Mapped[str] = mapped_column(ForeignKey("teams.code"), index=True)
    valid: Mapped[Range[date]]
    """Counted from its first day; no audit falls due on its last or later."""
    every_months: Mapped[int]
    audits_each_time: Mapped[int]
    scope: Mapped[str]
    reason: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    ended_reason: Mapped[str | None]


class AuditDueDate(Base, Changing):
    """The due date that an audit is for: a household's, or one of a team's.

    An audit's own `due_on` may be moved by people; this date is the rule's. One audit stands for
    a date, and settles it when it is completed, or is cancelled with a reason.
    """

    __tablename__ = "audit_due_dates"
    __table_args__ = (
        CheckConstraint("(subject_id IS NULL) <> (owed_team IS NULL)", name="owed_by_one"),
        Index(
            "audit_due_dates_one_of_household",
            "subject_id",
            "type",
            "due_on",
            unique=True,
            postgresql_where="stands AND subject_id IS NOT NULL",
        ),
        Index(
            "audit_due_dates_one_of_team",
            "owed_team",
            "type",
            "due_on",
            "number",
            unique=True,
            postgresql_where="stands AND owed_team IS NOT NULL",
        ),
    )

    audit_id: Mapped[UUID] = mapped_column(
        ForeignKey("audits.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    type: Mapped[str] = mapped_column(ForeignKey("audit_types.code"))
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id"))
    owed_team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    """The team that its manager's interval is about; the audit itself moves with its case."""
    number: Mapped[int]
    """Which of the audits due on the day; a household owes one."""
    due_on: Mapped[date]
    settled_on: Mapped[date | None]
    """The London date of completion or cancellation."""
    stands: Mapped[bool] = mapped_column(default=True)
    """False once the audit was recorded in error, or the date is no longer a due date."""
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))
    explanation: Mapped[JsonObject]
