"""What the case system tells us, and the gate it opens before a case closes (§3)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

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


class CaseEvent(Base, Identified, Changing):
    """An event from a case system, exactly as it came; `(source, event_id)` tells a repeat."""

    __tablename__ = "case_events"
    __table_args__ = (
        UniqueConstraint("system", "event_id"),
        Index(None, "system", "episode_id", "source_version"),
        Index("case_events_parked_idx", "received_at", postgresql_where=text("parked")),
    )

    system: Mapped[str] = mapped_column(ForeignKey("case_systems.code"))
    event_id: Mapped[str]
    type: Mapped[str]
    episode_id: Mapped[str | None]
    source_version: Mapped[int | None] = mapped_column(BigInteger)
    occurred_at: Mapped[datetime | None]
    """As the event says, even where that is ahead of us."""
    received_at: Mapped[datetime]
    """Its first receipt; a repeat changes nothing."""
    fingerprint: Mapped[str]
    data: Mapped[JsonObject]
    parked: Mapped[bool] = mapped_column(default=False)
    parked_reason: Mapped[str | None]

    outcomes: Mapped[list["CaseEventOutcome"]] = relationship(
        lazy="raise", order_by="CaseEventOutcome.position"
    )


class CaseEventOutcome(Base):
    """What one event did to one subject; a repeat of the event gets the same answer."""

    __tablename__ = "case_event_outcomes"

    case_event_id: Mapped[UUID] = mapped_column(ForeignKey("case_events.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ref: Mapped[str]
    outcome: Mapped[str]
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id"), index=True)
    gate_id: Mapped[UUID | None] = mapped_column(ForeignKey("closure_gates.id"))


class ConflictingCaseEvent(Base, Identified):
    """A second event with the same source and id but other data: kept, and shown to Q&S."""

    __tablename__ = "conflicting_case_events"
    __table_args__ = (UniqueConstraint("case_event_id", "fingerprint"),)

    case_event_id: Mapped[UUID] = mapped_column(ForeignKey("case_events.id"))
    received_at: Mapped[datetime]
    fingerprint: Mapped[str]
    data: Mapped[JsonObject]


class ClosureGate(Base, Identified, SubjectData, Stateful, Changing, ChangedWhen, Versioned):
    """The gate of one subject in one episode: may the case close?"""

    __tablename__ = "closure_gates"
    __aggregate__ = "closure_gate"
    __table_args__ = (
        life_cycle(),
        *changed_last("closure_gates"),
        UniqueConstraint("opened_by_event", "subject_id"),
        Index(None, "system", "episode_id", "subject_id", "cycle"),
        Index(
            "closure_gates_one_current",
            "subject_id",
            "system",
            "episode_id",
            unique=True,
            postgresql_where=text("current"),
        ),
        CheckConstraint("override_approved_by <> override_requested_by", name="second_person"),
        CheckConstraint(
            "num_nulls(override_withdrawn_by, override_withdrawn_at, override_withdrawal_reason)"
            " IN (0, 3)",
            name="withdrawn_why",
        ),
        CheckConstraint(
            "NOT may_close OR state IN ('clear', 'overridden', 'exempt', 'closed')",
            name="may_close_when",
        ),
        CheckConstraint("(closed_at IS NULL) = (closing_counts_at IS NULL)", name="closing_counts"),
        Index(None, "team", "state", "id"),
        Index(None, "team", "id"),
        Index(None, "closing_counts_at"),
        Index(None, "audit_id"),
        Index(
            "closure_gates_duplicate_of_idx",
            "duplicate_of",
            postgresql_where=text("duplicate_of IS NOT NULL"),
        ),
    )

    system: Mapped[str] = mapped_column(ForeignKey("case_systems.code"))
    episode_id: Mapped[str]
    cycle: Mapped[int]
    """Which closing of the episode this is: a reopened case has a new gate and a new audit."""
    current: Mapped[bool]
    """Whether it answers for the episode now; a reopened case has left its gate behind."""
    audit_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("audits.id", name="closure_gates_audit_id_fkey", use_alter=True)
    )
    """The closure audit that counts; a reopened gate has a new one."""
    opened_by_event: Mapped[UUID] = mapped_column(ForeignKey("case_events.id"))
    may_close: Mapped[bool]
    explanation: Mapped[JsonObject]
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))
    opened_at: Mapped[datetime]
    closure_on: Mapped[date | None]
    reason_code: Mapped[str | None]
    cleared_at: Mapped[datetime | None]
    """Since when it has been clear, overridden or exempt."""
    closed_at: Mapped[datetime | None]
    """When the case closed, as the case system said."""
    closing_counts_at: Mapped[datetime | None]
    """When that counts: `closed_at`, or its first receipt where the sender's clock was ahead."""
    duplicate_of: Mapped[UUID | None] = mapped_column(ForeignKey("closure_gates.id"))
    """The gate that counts for the same closing, where a merge brought two of them together."""
    override_requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("principals.id"))
    override_requested_at: Mapped[datetime | None]
    override_reason: Mapped[str | None]
    override_approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("principals.id"))
    override_approved_at: Mapped[datetime | None]
    override_withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("principals.id"))
    override_withdrawn_at: Mapped[datetime | None]
    override_withdrawal_reason: Mapped[str | None]
    reopened_by: Mapped[UUID | None] = mapped_column(ForeignKey("principals.id"))
    reopened_at: Mapped[datetime | None]
    reopen_reason: Mapped[str | None]


class AuditedClosings(Base, Identified):
    """From when until when the authority has an audit type for every closing of a kind of subject.

    A closing is judged by what there was when it counts, whenever it is heard of.
    """

    __tablename__ = "audited_closings"
    __table_args__ = (
        CheckConstraint("subject_kind IN ('child', 'carer_household')", name="subject_kind"),
        CheckConstraint("since <= until", name="order"),
        Index(
            "audited_closings_one_now",
            "subject_kind",
            unique=True,
            postgresql_where=text("until IS NULL"),
        ),
    )

    subject_kind: Mapped[str]
    since: Mapped[datetime | None]
    """None: from the beginning, before any case event came."""
    until: Mapped[datetime | None]
