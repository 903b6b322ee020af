"""What must be put right, until somebody else has seen that it was (R4.2.6)."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_api.models.base import (
    SOONEST,
    Base,
    ChangedWhen,
    Changing,
    Identified,
    Stateful,
    SubjectData,
    Versioned,
    Witness,
    changed_last,
    life_cycle,
    soonest_first,
    soonest_in_state,
)

_DOER: Final = """(
CASE
    WHEN owner IS NULL THEN worker
    ELSE owner
END)"""
"""Who is to do it, as `doer` asks for it; in the lines that PostgreSQL writes."""
_STANDS_ON: Final = """(
CASE
    WHEN missed_on IS NOT NULL THEN missed_on
    ELSE
    CASE
        WHEN due_on IS NULL THEN '9000-01-01'::date
        ELSE due_on
    END
END)"""
"""The date by which it stands in a work list, as `soonest_stood_for` asks for it."""


class RestorativeAction(Base, Identified, SubjectData, Stateful, Changing, ChangedWhen, Versioned):
    """One restorative action of an audit: open, planned, done, verified, or cancelled."""

    __tablename__ = "restorative_actions"
    __aggregate__ = "restorative_action"
    __table_args__ = (
        life_cycle(),
        *changed_last("restorative_actions"),
        CheckConstraint("kind IN ('compliance', 'practice', 'safety', 'recording')", name="kind"),
        CheckConstraint("verified_by <> done_by", name="verified_by_another"),
        CheckConstraint("verified_by <> done_reported_by", name="verified_by_no_reporter"),
        CheckConstraint("first_promised_on IS NULL OR due_on IS NOT NULL", name="promised_first"),
        CheckConstraint(
            "(state = 'cancelled') = (cancel_reason IS NOT NULL)", name="cancelled_why"
        ),
        Index(
            "restorative_actions_open_idx",
            "due_on",
            "id",
            postgresql_where=text("state NOT IN ('verified', 'cancelled')"),
        ),
        Index(None, "audit_id"),
        Index(None, "set_at"),
        Index(None, "owner", "id"),
        Index("restorative_actions_subject_soonest_idx", "subject_id", text(SOONEST), "id"),
        *soonest_in_state("restorative_actions"),
        *soonest_first("restorative_actions", "team", "worker", "owner", "auditor"),
        *soonest_first(
            "restorative_actions",
            "team",
            "worker",
            "owner",
            "auditor",
            name="unsettled",
            only="state NOT IN ('verified', 'cancelled')",
        ),
        Index(
            "restorative_actions_doer_to_do_idx",
            text(_DOER),
            text(_STANDS_ON),
            "id",
            postgresql_where=text("state IN ('open', 'planned')"),
        ),
        Index(
            "restorative_actions_restricted_open_idx",
            "id",
            postgresql_where=text("restricted AND state NOT IN ('verified', 'cancelled')"),
        ),
        Index(
            "restorative_actions_doer_soonest_idx",
            text(_DOER),
            text(SOONEST),
            "id",
        ),
        CheckConstraint(
            "num_nulls(reassigned_at, reassigned_by, reassigned_because) IN (0, 3)",
            name="reassigned_why",
        ),
    )

    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id"))
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audits.id"))
    auditor: Mapped[str | None]
    """Who audited, once it is set; a trigger keeps it, for lists alone (ADR 76)."""
    kind: Mapped[str]
    description: Mapped[str]
    needed_before_closure: Mapped[bool]
    owner: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    """Who was named to do it; null follows the case: whoever holds it now is to do it."""
    reassigned_at: Mapped[datetime | None]
    reassigned_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    reassigned_because: Mapped[str | None]
    """Why the owner was changed last; the event log has each change."""
    set_at: Mapped[datetime | None]
    """When its audit was completed; before that the action is part of the auditor's draft."""
    due_on: Mapped[date | None]
    """The date it will be finished, as promised last."""
    first_promised_on: Mapped[date | None]
    """The date promised first, wherever it has moved since."""
    missed_on: Mapped[date | None]
    """The earliest promised date that had passed when a new one took its place."""
    how: Mapped[str | None]
    planned_at: Mapped[datetime | None]
    done_on: Mapped[date | None]
    done_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    done_reported_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    """Who said that it is done: the doer, or whoever responded on the doer's behalf."""
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    made_a_difference: Mapped[bool | None]
    verification_note: Mapped[str | None]
    not_achieved_reason: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]

    date_changes: Mapped[list["ActionDateChange"]] = relationship(
        lazy="raise", order_by="ActionDateChange.number", passive_deletes="all"
    )


class ActionDateChange(Base, SubjectData, Witness):
    """One change of a date of an action: what it was, who changed it and why."""

    __tablename__ = "action_date_changes"
    __table_args__ = (CheckConstraint("which IN ('finish_on', 'done_on')", name="which"),)

    action_id: Mapped[UUID] = mapped_column(ForeignKey("restorative_actions.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    which: Mapped[str]
    """Which one: by when it will be finished, or when it was done."""
    was: Mapped[date]
    became: Mapped[date]
    reason: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
