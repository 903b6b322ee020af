"""The directory: who works where, for whom, and when. Every relation is dated."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base, Changing, Identified, Named, Versioned

Dates = Range[date]
"""From a first day to the day after the last, `[from, to)`; open at the end while it holds."""


def one_at_a_time(*columns: str, name: str) -> ExcludeConstraint:
    """No two rows with the same `columns` may hold on the same day."""
    return ExcludeConstraint(
        *((column, "=") for column in columns), ("valid", "&&"), using="gist", name=name
    )


class Service(Base, Named, Changing, Versioned):
    """A service of the authority, led by a head of service."""

    __tablename__ = "services"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Team(Base, Named, Changing, Versioned):
    """A team of social workers in a locality."""

    __tablename__ = "teams"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    locality: Mapped[str | None]


class TeamService(Base, Identified, Changing):
    """The service a team belongs to, one at a time."""

    __tablename__ = "team_services"
    __table_args__ = (one_at_a_time("team", name="team_services_one_at_a_time"),)

    team: Mapped[str] = mapped_column(ForeignKey("teams.code"))
    service: Mapped[str] = mapped_column(ForeignKey("services.code"), index=True)
    valid: Mapped[Dates]


class Worker(Base, Changing, Versioned):
    """A person who works for the authority; a code, never a name."""

    __tablename__ = "workers"
    __table_args__ = (CheckConstraint("code <> ''", name="code_given"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    starts_on: Mapped[date | None]
    leaves_on: Mapped[date | None]
    observations_required: Mapped[int | None]


class WorkerName(Base):
    """What a worker is called on printed pages, and nowhere else.

    No role of the service may select `name`: `qa_names_of` gives it to whoever draws a page.
    """

    __tablename__ = "worker_names"
    __table_args__ = (CheckConstraint("name ~ '\\S'", name="name_given"),)

    worker: Mapped[str] = mapped_column(ForeignKey("workers.code"), primary_key=True)
    name: Mapped[str]


class TeamMembership(Base, Identified, Changing):
    """A worker's place in a team; nobody is twice in the same team on one day."""

    __tablename__ = "team_memberships"
    __table_args__ = (one_at_a_time("worker", "team", name="team_memberships_one_at_a_time"),)

    worker: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    team: Mapped[str] = mapped_column(ForeignKey("teams.code"), index=True)
    valid: Mapped[Dates]


class Supervision(Base, Identified):
    """Who supervises a worker, one at a time."""

    __tablename__ = "supervisions"
    __table_args__ = (
        one_at_a_time("worker", name="supervisions_one_at_a_time"),
        CheckConstraint("worker <> supervisor", name="not_oneself"),
    )

    worker: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    supervisor: Mapped[str] = mapped_column(ForeignKey("workers.code"), index=True)
    valid: Mapped[Dates]


class Post(Base, Identified):
    """Who manages or deputises for a team, or heads a service, one at a time."""

    __tablename__ = "posts"
    __table_args__ = (
        one_at_a_time("kind", "team", name="posts_one_per_team"),
        one_at_a_time("kind", "service", name="posts_one_per_service"),
        CheckConstraint(
            "(kind IN ('manager', 'deputy') AND team IS NOT NULL AND service IS NULL)"
            " OR (kind = 'head' AND service IS NOT NULL AND team IS NULL)",
            name="place",
        ),
    )

    kind: Mapped[str]
    team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    service: Mapped[str | None] = mapped_column(ForeignKey("services.code"))
    worker: Mapped[str] = mapped_column(ForeignKey("workers.code"), index=True)
    valid: Mapped[Dates]


class Absence(Base, Identified):
    """A long absence of a worker, which pro-rates what is asked of them (§4.6)."""

    __tablename__ = "absences"
    __table_args__ = (one_at_a_time("worker", name="absences_one_at_a_time"),)

    worker: Mapped[str] = mapped_column(ForeignKey("workers.code"))
    reason_code: Mapped[str]
    valid: Mapped[Dates]


class AuditorGroup(Base, Named, Changing, Versioned):
    """A mix of services and localities whose teams audit together (§4.4)."""

    __tablename__ = "auditor_groups"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class AuditorGroupMembership(Base, Identified):
    """The group a team belongs to, one at a time."""

    __tablename__ = "auditor_group_memberships"
    __table_args__ = (one_at_a_time("team", name="auditor_group_memberships_one_at_a_time"),)

    group: Mapped[str] = mapped_column(ForeignKey("auditor_groups.code"), index=True)
    team: Mapped[str] = mapped_column(ForeignKey("teams.code"))
    valid: Mapped[Dates]


class CaseSystemReference(Base, Identified, Versioned):
    """What a case system calls a worker or a team, one of them at a time; `[from, to)` may be open.

    While nobody has claimed it there is neither: it is listed, and what names it waits.
    """

    __tablename__ = "case_system_references"
    __table_args__ = (
        ExcludeConstraint(
            ("system", "="),
            ("kind", "="),
            ("folded", "="),
            ("valid", "&&"),
            using="gist",
            where=text("worker IS NOT NULL OR team IS NOT NULL"),
            name="case_system_references_one_at_a_time",
        ),
        Index(
            "case_system_references_unclaimed_idx",
            "system",
            "kind",
            "folded",
            unique=True,
            postgresql_where=text("worker IS NULL AND team IS NULL"),
        ),
        Index("case_system_references_folded_idx", "folded"),
        CheckConstraint(
            "(kind = 'worker' AND team IS NULL) OR (kind = 'team' AND worker IS NULL)", name="kind"
        ),
    )

    system: Mapped[str] = mapped_column(ForeignKey("case_systems.code"))
    kind: Mapped[str]
    reference: Mapped[str]
    folded: Mapped[str]
    """The reference as it is compared: without case."""
    worker: Mapped[str | None] = mapped_column(ForeignKey("workers.code"), index=True)
    team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"), index=True)
    valid: Mapped[Dates]
    first_told_at: Mapped[datetime | None]
    """When something first named it that nobody had claimed; null where it was entered before."""
