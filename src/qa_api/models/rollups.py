"""What the figures of a quarter add up, kept by the database's triggers (R4.7.3, ADR 13).

Nothing here is written by the service. What a row counts as is SQL, beside the triggers; which
facts a figure may ask for stands in `rules/rollups.py`.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base, JsonObject


class Counted:
    """So many rows of one quarter that no figure tells apart."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    quarter: Mapped[date]
    """Its first day."""
    series: Mapped[str]
    """The list, the date that places its rows in the quarter and, of a median, the span."""
    team: Mapped[str | None]
    """Who holds the cases now."""
    type: Mapped[str | None]
    restricted: Mapped[bool]
    facts: Mapped[JsonObject]
    """What holds of them, and what figures filter by."""
    overdue_after: Mapped[date | None]
    """Once this day has passed they are overdue."""
    late_after: Mapped[date | None]
    """Once this day has passed they can be in time no more."""
    n: Mapped[int]


CELL = (
    "quarter",
    "team",
    "series",
    "type",
    "restricted",
    "facts",
    "overdue_after",
    "late_after",
)


class Rollup(Base, Counted):
    """A cell and how many rows stand in it, up to what has been folded."""

    __tablename__ = "rollups"
    __table_args__ = (
        Index("rollups_cell_key", *CELL, unique=True, postgresql_nulls_not_distinct=True),
        Index("rollups_empty_idx", "id", postgresql_where=text("n = 0")),
        # Charts read few series over many quarters.
        Index("rollups_series_idx", "series", "quarter"),
    )


class RollupDelta(Base, Counted):
    """By how many a transaction changed a cell, until the worker folds it."""

    __tablename__ = "rollup_deltas"
    __table_args__ = (Index(None, "quarter"),)


class RollupRow(Base):
    """The cells that one row of a counted table stands in: what its next change takes back."""

    __tablename__ = "rollup_rows"

    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    cells: Mapped[list[JsonObject]] = mapped_column(JSONB)
