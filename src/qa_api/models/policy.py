"""Policy and calendar as data: every change is a new version, none is overwritten."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base, Changing, JsonObject, Witness


class PolicyVersion(Base):
    """The authority's whole policy from a day on; in force is the latest whose day has come."""

    __tablename__ = "policy_versions"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    effective_from: Mapped[date]
    values: Mapped[JsonObject]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]


class CalendarVersion(Base, Witness):
    """One state of the working calendar: the official days and the authority's changes to them."""

    __tablename__ = "calendar_versions"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    division: Mapped[str]
    known_from: Mapped[date]
    known_until: Mapped[date]
    recorded_at: Mapped[datetime]
    stored_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    """The same by the database's clock: how long open clocks are counted again (R4.2.4)."""
    recorded_by: Mapped[UUID | None]
    reason: Mapped[str]


class BankHoliday(Base):
    """A bank holiday: official, or added by the authority; withdrawn with a reason, never erased.

    It holds from the calendar version that added it until the one that withdrew it.
    """

    __tablename__ = "bank_holidays"
    __table_args__ = (
        CheckConstraint("source IN ('official', 'authority')", name="source"),
        CheckConstraint(
            "(withdrawn_version IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn_why"
        ),
    )

    holiday_on: Mapped[date] = mapped_column(primary_key=True)
    added_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    source: Mapped[str]
    withdrawn_version: Mapped[int | None]
    withdrawn_reason: Mapped[str | None]


class CalendarDay(Base, Changing):
    """Every known day with its working index, so that working days left is one subtraction."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    working_index: Mapped[int]
    """How many working days lie in the known calendar up to and including this day."""
    working: Mapped[bool]
