"""What keeps records and what lets their content go: legal holds, runs and their items (X4)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import (
    Base,
    Changing,
    Identified,
    JsonObject,
    Stateful,
    Versioned,
    life_cycle,
)


class LegalHold(Base, Identified, Changing, Versioned):
    """Nothing it covers goes while it stands: one subject's, one class of record, or all there is.

    A hold over somebody whose record was merged holds for the record it was merged into.
    """

    __tablename__ = "legal_holds"
    __table_args__ = (
        CheckConstraint("subject_id IS NULL OR record_class IS NULL", name="one_scope"),
        CheckConstraint(
            "num_nulls(lifted_at, lifted_by, lift_reason) IN (0, 3)", name="lifted_why"
        ),
        Index("legal_holds_standing_idx", "id", postgresql_where=text("lifted_at IS NULL")),
    )

    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id"), index=True)
    record_class: Mapped[str | None]
    reason: Mapped[str]
    placed_at: Mapped[datetime]
    placed_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    lift_reason: Mapped[str | None]


class RetentionRun(Base, Identified, Stateful, Changing, Versioned):
    """A list of records whose day has passed, until two people have agreed that they go.

    What was proposed never changes; the database holds that, and that the two are two.
    """

    __tablename__ = "retention_runs"
    __aggregate__ = "retention_run"
    __table_args__ = (
        life_cycle(),
        CheckConstraint("approved_by <> proposed_by", name="second_person"),
        CheckConstraint("num_nulls(approved_at, approved_by) IN (0, 2)", name="approved_by_whom"),
        CheckConstraint(
            "state NOT IN ('approved', 'executed') OR approved_at IS NOT NULL",
            name="approved_first",
        ),
        CheckConstraint(
            "num_nulls(cancelled_at, cancelled_by, cancel_reason) IN (0, 3)"
            " AND (state = 'cancelled') = (cancelled_at IS NOT NULL)",
            name="cancelled_why",
        ),
        CheckConstraint("(state = 'executed') = (executed_at IS NOT NULL)", name="executed_when"),
    )

    as_at: Mapped[date]
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    items_hash: Mapped[str]
    """Of every item as it was proposed; the run is not approved if it no longer fits."""
    truncated: Mapped[bool]
    """Whether more was past its day than one run holds."""
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    cancel_reason: Mapped[str | None]
    executed_at: Mapped[datetime | None]


class RetentionItem(Base, Identified, Changing):
    """One record of a run: why its day has passed, and what became of it.

    It stays after the record is removed, and says under which run and rule that was. It then names
    the year only: an exact day would give a birthday away.
    """

    __tablename__ = "retention_items"
    __table_args__ = (
        CheckConstraint("num_nonnulls(subject_id, observation_id, month) = 1", name="one_record"),
        CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled_when"),
        Index(
            "retention_items_one_waiting",
            "record_class",
            "subject_id",
            "observation_id",
            "month",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("outcome IS NULL"),
        ),
        Index(None, "run_id", "id"),
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("retention_runs.id"))
    record_class: Mapped[str]
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id"), index=True)
    observation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("practice_observations.id"), index=True
    )
    month: Mapped[date | None]
    """The first day of the London month whose lines of a log it stands for."""
    kept_until: Mapped[date]
    explanation: Mapped[JsonObject]
    outcome: Mapped[str | None]
    settled_at: Mapped[datetime | None]


class RetainedContent(Base):
    """A column whose content goes with its record, and what stays in its place.

    The database's own list: the one function that removes content works it off.
    """

    __tablename__ = "retained_content"
    __table_args__ = (
        CheckConstraint("content_of IN ('subject', 'practice_observation')", name="content_of"),
        CheckConstraint(
            "treatment IN ('mark', 'clear', 'empty', 'name', 'observation')", name="treatment"
        ),
    )

    table_name: Mapped[str] = mapped_column(primary_key=True)
    column_name: Mapped[str] = mapped_column(primary_key=True)
    content_of: Mapped[str]
    found_by: Mapped[str]
    """The column that holds the id of the subject or the observation."""
    treatment: Mapped[str]
