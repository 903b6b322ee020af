"""What reporting tools are told beside the rows: which have left, and what a download held (X1)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import TEXT, BigInteger, CheckConstraint, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base, Identified, Xid8


class DatasetDeparture(Base):
    """A row that a dataset no longer shows: restricted, recorded in error, or gone altogether.

    Triggers write it. A row that was never shown never departs, so a tombstone tells of nothing
    that was hidden from the beginning; a row that comes back is simply there again.
    """

    __tablename__ = "dataset_departures"
    __table_args__ = (Index(None, "dataset", "left_xid"),)

    dataset: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    """The row's own key, to look whether it has come back."""
    left_xid: Mapped[int] = mapped_column(Xid8())
    """The transaction in which it left last."""


class DatasetDownload(Base, Identified):
    """A file of a dataset that somebody asked for, kept for a day: how much a whole one holds.

    Until it has been sent to its end the counts are null. Only who asked for it reads it.
    """

    __tablename__ = "dataset_downloads"
    __table_args__ = (
        CheckConstraint("num_nulls(finished_at, rows, bytes, sha256) IN (0, 4)", name="finished"),
        CheckConstraint("rows >= 0 AND bytes >= 0 AND sha256 ~ '^[0-9a-f]{64}$'", name="counted"),
    )

    principal_id: Mapped[UUID]
    dataset: Mapped[str]
    format: Mapped[str]
    begun_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    rows: Mapped[int | None] = mapped_column(BigInteger())
    bytes: Mapped[int | None] = mapped_column(BigInteger())
    sha256: Mapped[str | None]
    """Of the file as it is without compression, in hexadecimal digits."""
