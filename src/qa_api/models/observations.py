"""Practice observations, what they taught, and who is exempt from them (§4.6)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_api.models.base import (
    Base,
    ChangedWhen,
    Changing,
    Identified,
    JsonObject,
    Versioned,
    Witness,
    changed_last,
)
from qa_api.models.directory import one_at_a_time


class PracticeObservation(Base, Identified, Changing, ChangedWhen, Versioned):
    """One observation of a worker's practice; `team` is the team that it was recorded for."""

    __tablename__ = "practice_observations"
    __table_args__ = (
        CheckConstraint("observer <> worker", name="observer_is_not_the_worker"),
        CheckConstraint(
            "family_consent IN ('given', 'not_given', 'not_applicable')", name="family_consent"
        ),
        CheckConstraint(
            "num_nulls(withdrawn_at, withdrawn_by, withdrawn_reason) IN (0, 3)",
            name="withdrawn_why",
        ),
        *changed_last("practice_observations"),
        Index(None, "observed_on", "id"),
        Index(None, "worker", "observed_on"),
        Index(None, "observer", "observed_on", "id"),
        Index(None, "team"),
        Index(None, "team", "observed_on", "id"),
    )

    worker: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    observer: Mapped[str] = mapped_column(ForeignKey("workers.code"), index=True)
    team: Mapped[str] = mapped_column(ForeignKey("teams.code"))
    observed_on: Mapped[date]
    activity: Mapped[str]
    planned: Mapped[bool]
    family_consent: Mapped[str]
    feedback: Mapped[str | None]
    strengths: Mapped[str]
    development: Mapped[str]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    withdrawn_reason: Mapped[str | None]

    corrections: Mapped[list["ObservationCorrection"]] = relationship(
        lazy="raise", order_by="ObservationCorrection.corrected_version"
    )


class ObservationCorrection(Base, Identified, Witness):
    """What an observation said before it was corrected: nothing is overwritten (X4)."""

    __tablename__ = "observation_corrections"
    __table_args__ = (UniqueConstraint("observation_id", "corrected_version"),)

    observation_id: Mapped[UUID] = mapped_column(ForeignKey("practice_observations.id"))
    corrected_version: Mapped[int]
    before: Mapped[JsonObject]
    reason: Mapped[str]
    corrected_at: Mapped[datetime]
    corrected_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))


class ObservationExemption(Base, Identified, Changing, Versioned):
    """Days on which no observations are asked of a worker, with the reason; one at a time."""

    __tablename__ = "observation_exemptions"
    __table_args__ = (one_at_a_time("worker", name="observation_exemptions_one_at_a_time"),)

    worker: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    valid: Mapped[Range[date]]
    reason: Mapped[str]
    granted_at: Mapped[datetime]
    granted_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))


class LearningHighlight(Base, Identified, Changing, ChangedWhen, Versioned):
    """What a team learned in a quarter, routed to who can do something about it (R4.6.3)."""

    __tablename__ = "learning_highlights"
    __table_args__ = (
        CheckConstraint(
            "routed_to IN ('learning_development', 'practice_advisor')", name="routed_to"
        ),
        CheckConstraint(
            "num_nulls(answered_at, answered_by, what_was_done) IN (0, 3)", name="answered_how"
        ),
        *changed_last("learning_highlights"),
        Index(None, "quarter", "team"),
    )

    team: Mapped[str] = mapped_column(ForeignKey("teams.code"))
    quarter: Mapped[str]
    topic: Mapped[str]
    highlight: Mapped[str]
    routed_to: Mapped[str]
    due_on: Mapped[date | None]
    """Null while the calendar does not reach it; the explanation says so."""
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))
    calendar_version: Mapped[int] = mapped_column(ForeignKey("calendar_versions.version"))
    explanation: Mapped[JsonObject]
    recorded_at: Mapped[datetime]
    recorded_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    what_was_done: Mapped[str | None]


class AwaitedObservation(Base, Identified):
    """A worker who is behind the pace of their observations, for the list of who observes them.

    Counted again at each sweep, since the rules and not the database say what is required.
    """

    __tablename__ = "awaited_observations"
    __table_args__ = (UniqueConstraint("worker", "team"),)

    worker: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    team: Mapped[str] = mapped_column(ForeignKey("teams.code"), index=True)
    remaining: Mapped[int]
    due_on: Mapped[date]
    """The last day of the worker's period."""


class AwaitedHighlights(Base, Identified):
    """A team that has recorded no learning of a quarter that is over.

    The sweep keeps it for the work list, from the end of the quarter until a highlight is recorded.
    """

    __tablename__ = "awaited_highlights"
    __table_args__ = (UniqueConstraint("team", "quarter"),)

    team: Mapped[str] = mapped_column(ForeignKey("teams.code"))
    quarter: Mapped[str]
    due_on: Mapped[date | None]
    """Null while the calendar does not reach it."""
