"""What the Quality Assurance Board reads: updates of the services, and its reports (§4.7)."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
    column,
    table,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_api.models.base import (
    Base,
    Changing,
    Identified,
    JsonObject,
    Stateful,
    Versioned,
    life_cycle,
)


class QaUpdate(Base, Identified, Changing, Versioned, Stateful):
    """What a head of service says about one quarter of their service; `quarter` is that quarter."""

    __tablename__ = "qa_updates"
    __aggregate__ = "qa_update"
    __table_args__ = (life_cycle(), UniqueConstraint("service", "quarter"))

    service: Mapped[str] = mapped_column(ForeignKey("services.code"))
    quarter: Mapped[str]
    due_on: Mapped[date | None]
    """Null while the calendar does not reach it; the explanation says so."""
    explanation: Mapped[JsonObject]
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))
    calendar_version: Mapped[int] = mapped_column(ForeignKey("calendar_versions.version"))
    begun_at: Mapped[datetime]
    begun_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    first_submitted_on: Mapped[date | None]
    activity: Mapped[str | None]
    learning: Mapped[str | None]
    good_practice: Mapped[str | None]
    changes_made: Mapped[str | None]
    evidence_of_impact: Mapped[str | None]
    risks: Mapped[str | None]
    next_quarter: Mapped[str | None]
    figures: Mapped[JsonObject]
    """As they were computed last: when it was begun, then frozen by each submission."""

    submissions: Mapped[list["QaUpdateSubmission"]] = relationship(
        lazy="raise", order_by="QaUpdateSubmission.number"
    )


class AwaitedUpdate(Base, Identified):
    """A service that has not begun its update about a quarter that is over.

    The sweep keeps it for the work list, from the end of the quarter until the update is begun.
    """

    __tablename__ = "awaited_updates"
    __table_args__ = (UniqueConstraint("service", "quarter"),)

    service: Mapped[str] = mapped_column(ForeignKey("services.code"))
    quarter: Mapped[str]
    due_on: Mapped[date | None]
    """Null while the calendar does not reach it."""


class QaUpdateSubmission(Base):
    """An update as it was submitted: narrative and figures, kept also when it is returned."""

    __tablename__ = "qa_update_submissions"
    __table_args__ = (
        CheckConstraint("num_nulls(returned_at, return_reasons) IN (0, 2)", name="returned_why"),
    )

    update_id: Mapped[UUID] = mapped_column(ForeignKey("qa_updates.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    narrative: Mapped[JsonObject]
    figures: Mapped[JsonObject]
    returned_at: Mapped[datetime | None]
    returned_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    return_reasons: Mapped[str | None]


class BoardReport(Base, Identified, Changing, Versioned, Stateful):
    """One version of a quarter's report: a draft, then presented and never changed again."""

    __tablename__ = "board_reports"
    __aggregate__ = "board_report"
    __table_args__ = (
        life_cycle(),
        CheckConstraint(
            "(state = 'draft') = (presented_at IS NULL)"
            " AND (presented_at IS NULL) = (snapshot IS NULL)",
            name="presented_with_snapshot",
        ),
        CheckConstraint("counted IS NULL OR snapshot IS NOT NULL", name="counted_with_snapshot"),
        Index(
            "board_reports_one_of_each_number",
            "quarter",
            "number",
            unique=True,
            postgresql_where="state <> 'draft'",
        ),
    )

    quarter: Mapped[str]
    number: Mapped[int]
    title: Mapped[str]
    summary: Mapped[str | None]
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    presented_at: Mapped[datetime | None]
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))
    snapshot: Mapped[JsonObject | None]
    """Everything it says: figures with their definitions, the updates, and as at when."""
    counted: Mapped[JsonObject | None] = mapped_column(deferred=True)
    """What its figures were counted from, by quarter, section and team, to tell it again; under
    `charted`, what earlier reports told and this one is the first to chart. Nobody is shown it.
    Null in reports presented before it was kept."""

    decisions: Mapped[list["BoardDecision"]] = relationship(
        lazy="raise", order_by="BoardDecision.id"
    )
    receipts: Mapped[list["BoardReceipt"]] = relationship(
        lazy="raise", order_by="BoardReceipt.recipient"
    )


COUNTED: Final = table("counted_for_reports", column("id", Uuid), column("counted", JSONB)).c
"""What each presented report was counted from, seen under the reach of the service alone: readers
have no grant on the column itself, and a replica answers as they do."""
ROWS_BEHIND: Final = table(
    "rows_behind_reports",
    column("report_id", Uuid),
    column("quarter", Text),
    column("section", Text),
    column("rows", JSONB),
).c
"""`BoardReportRows` of each presented report, seen as `COUNTED` is."""


class BoardReportRows(Base):
    """Which rows stand behind a section that a presented report was the first to tell.

    So no later version differs from it by a few. The service alone reads it; it goes with its
    report. There is none for what was presented before it was kept.
    """

    __tablename__ = "board_report_rows"

    report_id: Mapped[UUID] = mapped_column(
        ForeignKey("board_reports.id", ondelete="CASCADE"), primary_key=True
    )
    quarter: Mapped[str] = mapped_column(primary_key=True, index=True)
    section: Mapped[str] = mapped_column(primary_key=True)
    rows: Mapped[Any] = mapped_column(JSONB)
    """Teams with their cells, and of each row a digest of its id: no reference, nothing of it. And
    of the people who know it digests, of their codes over the quarter."""


class BoardDecision(Base, Identified, Versioned):
    """What the Board decided upon a report, who sees to it, by when, and what came of it."""

    __tablename__ = "board_decisions"
    __table_args__ = (
        CheckConstraint("num_nulls(done_at, done_how) IN (0, 2)", name="done_how"),
        Index("board_decisions_open_idx", "owner", postgresql_where="done_at IS NULL"),
    )

    report_id: Mapped[UUID] = mapped_column(ForeignKey("board_reports.id"), index=True)
    decision: Mapped[str]
    owner: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    due_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    done_how: Mapped[str | None]


class ChartChange(Base, Identified, Versioned):
    """A change that somebody marked in a control chart: from its month on it has new limits.

    One that was marked by mistake is withdrawn: it stays on record, and no chart follows it.
    """

    __tablename__ = "chart_changes"
    __table_args__ = (
        Index(
            "chart_changes_one_of_each_month",
            "chart",
            "month",
            unique=True,
            postgresql_where="withdrawn_at IS NULL",
        ),
        CheckConstraint(
            "num_nulls(withdrawn_at, withdrawn_by, withdrawn_reason) IN (0, 3)",
            name="withdrawn_why",
        ),
        CheckConstraint("month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name="month"),
    )

    chart: Mapped[str]
    month: Mapped[str]
    """Written like 2026-10."""
    why: Mapped[str]
    marked_at: Mapped[datetime]
    marked_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    withdrawn_reason: Mapped[str | None]


class BoardReceipt(Base):
    """A worker to whom the report was disseminated, and when they said that they have it."""

    __tablename__ = "board_receipts"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("board_reports.id"), primary_key=True)
    recipient: Mapped[str] = mapped_column(ForeignKey("workers.code"), primary_key=True)
    disseminated_at: Mapped[datetime]
    disseminated_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    received_at: Mapped[datetime | None]


class BoardCaseload(Base):
    """A caseload from which a presented report tells coverage: it is kept as it is."""

    __tablename__ = "board_caseloads"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("board_reports.id"), primary_key=True)
    caseload_id: Mapped[UUID] = mapped_column(
        ForeignKey("caseloads.id"), primary_key=True, index=True
    )


class BoardCoverage(Base, Identified, Changing):
    """Who of the open children was looked at, as a presented report tells it: the whole, a part."""

    __tablename__ = "board_coverages"
    __table_args__ = (
        CheckConstraint("num_nulls(children, audited, enough) IN (0, 3)", name="shown_or_withheld"),
    )

    report_id: Mapped[UUID] = mapped_column(ForeignKey("board_reports.id"), index=True)
    quarter: Mapped[str]
    day: Mapped[date]
    """The London day whose open cases were counted: that nearest to the end of the quarter."""
    audited_from: Mapped[date]
    """The first day on which a completed audit counted."""
    by: Mapped[str]
    """`authority`, or the kind of part: `team`, `status`, `strata.` and a name, `system`."""
    code: Mapped[str | None]
    children: Mapped[int | None]
    """Null where it is withheld, as all that follows."""
    audited: Mapped[int | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    enough: Mapped[bool | None]
