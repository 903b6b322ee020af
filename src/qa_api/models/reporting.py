"""Which rows left a dataset, so that a copy of it can let go of them too (X1)."""

from uuid import UUID

from sqlalchemy import TEXT, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base, Xid8


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
