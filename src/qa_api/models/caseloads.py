"""The caseload of a case system on a day: the frame from which coverage is told (§4.4, R4.4.4)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base, Changing, Identified, JsonObject


class Caseload(Base, Identified, Changing):
    """Everybody whose case was open on a day in a case system, taken whole.

    A caseload that is sent anew for the same day takes the place of this one: another row, with
    the next version.
    """

    __tablename__ = "caseloads"
    __table_args__ = (
        UniqueConstraint("system", "taken_on"),
        CheckConstraint("children > 0", name="somebody"),
        Index(None, "taken_on"),
    )

    system: Mapped[str] = mapped_column(ForeignKey("case_systems.code"))
    taken_on: Mapped[date]
    """The day whose open cases these are, in London."""
    children: Mapped[int]
    """How many rows there were, those of children included who have been removed since."""
    content_hash: Mapped[str | None]
    """Tells the same caseload from another; null since a child of it was removed."""
    rows_hash: Mapped[str]
    """The fingerprint of its rows by their digests, which stay when a child goes."""
    unrestricted: Mapped[int | None]
    """How many of them were no restricted records when it was taken; null of caseloads of before
    it was counted."""
    removed: Mapped[int | None]
    """How many rows are a digest alone since; null of caseloads of before it was counted."""
    taken_at: Mapped[datetime]
    taken_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    version: Mapped[int]
    """How many caseloads of the day there have been; no row of one ever changes its own."""


class CaseloadChild(Base):
    """One open case of a caseload. When the child's time has come only the digest stays."""

    __tablename__ = "caseload_children"
    __table_args__ = (
        CheckConstraint(
            "num_nulls(ref, team, status, strata, salt) IN (0, 5)", name="whole_or_gone"
        ),
        Index(None, "caseload_id", "open_since", "digest"),
        Index(None, "system", "ref"),
    )

    caseload_id: Mapped[UUID] = mapped_column(ForeignKey("caseloads.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the row behind its salt."""
    system: Mapped[str] = mapped_column(ForeignKey("case_systems.code"))
    ref: Mapped[str | None]
    team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    worker: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    """Null too where the directory did not know whom the case system named."""
    status: Mapped[str | None]
    open_since: Mapped[date | None]
    strata: Mapped[JsonObject | None]
    salt: Mapped[str | None]


class CaseloadUpload(Base, Identified):
    """A caseload that is being read in. Nothing counts it before it is taken whole."""

    __tablename__ = "caseload_uploads"
    __table_args__ = (UniqueConstraint("system", "taken_on", "source_hash"),)

    system: Mapped[str] = mapped_column(ForeignKey("case_systems.code"))
    taken_on: Mapped[date]
    source_hash: Mapped[str]
    """SHA-256 of a command's file: the same file goes on where it was broken off. Of a request a
    random one, since nothing goes on with it."""
    begun_at: Mapped[datetime]


class CaseloadLine(Base):
    """A row that has been read of a caseload that is being read in."""

    __tablename__ = "caseload_lines"
    __table_args__ = (Index(None, "upload_id", "ref"),)

    upload_id: Mapped[UUID] = mapped_column(ForeignKey("caseload_uploads.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str]
    team: Mapped[str]
    worker: Mapped[str | None]
    status: Mapped[str]
    open_since: Mapped[date | None]
    strata: Mapped[JsonObject]
    salt: Mapped[str]
    digest: Mapped[str]
    fingerprint: Mapped[str]


class ToldCoverage(Base, Identified):
    """A day's coverage as it was told to those who may list no child: worked out once, it stands.

    Another number of the day is told only where it tells nothing of the few that differ.
    """

    __tablename__ = "told_coverages"
    __table_args__ = (UniqueConstraint("taken_on", "number"),)

    taken_on: Mapped[date]
    """The London day whose open cases were counted."""
    number: Mapped[int]
    told_at: Mapped[datetime]
    audited_from: Mapped[date]
    """The first day on which a completed audit counted."""
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))
    counted: Mapped[list[Any]]
    """How many children and how many of them audited, by all that is told apart: no reference."""
    figures: Mapped[JsonObject]
    """What was told."""
