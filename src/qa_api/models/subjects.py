"""The subjects of audits: children and carer households, by our id and the case system's names."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_api.models.base import (
    Base,
    Changing,
    Identified,
    JsonObject,
    Named,
    SubjectData,
    Versioned,
)


class CaseSystem(Base, Changing, Versioned):
    """A sending case system: its code in our paths and its CloudEvents source."""

    __tablename__ = "case_systems"

    code: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Subject(Base, Identified, Named, Changing, Versioned):
    """A child or a carer household, with who holds the case now.

    A code that the directory does not know is kept as it was reported, and the row is for the
    Quality & Standards team until the directory knows it.
    """

    __tablename__ = "subjects"
    __table_args__ = (
        CheckConstraint("kind IN ('child', 'carer_household')", name="kind"),
        CheckConstraint("restricted = (restriction_kind IS NOT NULL)", name="restricted_why"),
        CheckConstraint("merged_into_id <> id", name="merged_into_another"),
        Index(
            "subjects_named_idx",
            "named_xid",
            postgresql_where=text("named_xid IS NOT NULL"),
        ),
        Index(
            "subjects_waiting_idx",
            "reported_team",
            "reported_worker",
            postgresql_where=text("reported_team IS NOT NULL OR reported_worker IS NOT NULL"),
        ),
        # Few among all: what is owed is counted of them alone.
        Index(
            "subjects_owing_audits_idx",
            "kind",
            postgresql_where=text("first_panel_on IS NOT NULL AND merged_into_id IS NULL"),
        ),
        Index(
            "subjects_merged_into_id_idx",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    kind: Mapped[str]
    system: Mapped[str] = mapped_column(ForeignKey("case_systems.code"))
    ref: Mapped[str]
    team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    worker: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    reported_team: Mapped[str | None]
    reported_worker: Mapped[str | None]
    allocated_at: Mapped[datetime | None]
    """When the allocation that counts took place, as it was told."""
    entered: Mapped[JsonObject] = mapped_column(default=dict, server_default=text("'{}'"))
    """What people entered here of holders and person: its value, when, and under which reference.

    It is weighed with what the case system tells, as one event more.
    """
    restricted: Mapped[bool] = mapped_column(default=False)
    restriction_kind: Mapped[str | None]
    born_on: Mapped[date | None]
    died_on: Mapped[date | None]
    first_panel_on: Mapped[date | None]
    """When a carer household was first presented at Panel: its audits fall due from then on."""
    approval_ended_on: Mapped[date | None]
    """The last day of a carer household's approval: no audit falls due after it."""
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id"))

    panel_date_changes: Mapped[list["PanelDateChange"]] = relationship(
        lazy="raise", order_by="[PanelDateChange.replaced_at, PanelDateChange.id]"
    )


class PanelDateChange(Base, Identified, SubjectData, Changing):
    """What a carer household's panel date was before it was changed, and why it was (R3.2)."""

    __tablename__ = "panel_date_changes"

    first_panel_on: Mapped[date]
    approval_ended_on: Mapped[date | None]
    reason: Mapped[str]
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))


class SubjectAlias(Base):
    """A reference by which a case system names a subject; several may name the same one.

    A reference names one subject, and at most one more: the one registered by somebody who may not
    see the first. For whoever may not see that one it names the other (X3).
    """

    __tablename__ = "subject_aliases"
    __table_args__ = (
        CheckConstraint("stands_for <> subject_id", name="stands_for_another"),
        Index(
            "subject_aliases_meant_key",
            "system",
            "ref",
            unique=True,
            postgresql_where=text("stands_for IS NULL"),
        ),
        Index(
            "subject_aliases_stand_in_key",
            "system",
            "ref",
            unique=True,
            postgresql_where=text("stands_for IS NOT NULL"),
        ),
    )

    system: Mapped[str] = mapped_column(ForeignKey("case_systems.code"), primary_key=True)
    ref: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(
        ForeignKey("subjects.id"), primary_key=True, index=True
    )
    stands_for: Mapped[UUID | None] = mapped_column(ForeignKey("subjects.id"), index=True)
    """The restricted record that the reference means, where this subject only stands for it."""
