"""Themes and the quarter plans that ask for themed audits (§4.4)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_api.models.base import (
    Base,
    Changing,
    Identified,
    JsonObject,
    Named,
    Stateful,
    Versioned,
    life_cycle,
)


class Theme(Base, Named, Changing, Versioned):
    """What themed audits look into, and where the theme comes from in each service area."""

    __tablename__ = "themes"

    code: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    sources: Mapped[list[Any]]
    """`{service, source}` each; a service of null stands for the whole authority."""
    practice_lead_session: Mapped[str | None]
    retired_at: Mapped[datetime | None]


class QuarterPlan(Base, Identified, Changing, Versioned, Stateful):
    """One version of a financial quarter's plan: draft, then published, then superseded."""

    __tablename__ = "quarter_plans"
    __aggregate__ = "quarter_plan"
    __table_args__ = (
        life_cycle(),
        CheckConstraint("(state = 'draft') = (published_at IS NULL)", name="published_when"),
        # Drafts may compete for the next number; one of them gets it.
        Index(
            "quarter_plans_one_of_each_number",
            "quarter",
            "number",
            unique=True,
            postgresql_where="state <> 'draft'",
        ),
        Index(
            "quarter_plans_one_published",
            "quarter",
            unique=True,
            postgresql_where="state = 'published'",
        ),
    )

    quarter: Mapped[str]
    number: Mapped[int]
    audit_type: Mapped[str] = mapped_column(ForeignKey("audit_types.code"))
    drafted_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]

    themes: Mapped[list["PlanTheme"]] = relationship(lazy="raise", order_by="PlanTheme.theme")
    teams: Mapped[list["PlanTeam"]] = relationship(
        lazy="raise", order_by="[PlanTeam.team, PlanTeam.theme]"
    )
    auditors: Mapped[list["PlanAuditor"]] = relationship(
        lazy="raise", order_by="PlanAuditor.auditor"
    )
    exemptions: Mapped[list["PlanExemption"]] = relationship(
        lazy="raise", order_by="PlanExemption.id"
    )
    case_lists: Mapped[list["PlanCaseList"]] = relationship(
        lazy="raise", order_by="PlanCaseList.id"
    )


class PlanTheme(Base):
    """A theme of a plan, with its source and session as they were when it was planned."""

    __tablename__ = "plan_themes"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("quarter_plans.id"), primary_key=True)
    theme: Mapped[str] = mapped_column(ForeignKey("themes.code"), primary_key=True)
    source: Mapped[str]
    practice_lead_session: Mapped[str | None]


class PlanTeam(Base, Changing):
    """A team chosen for a theme: why, and how many audits are expected of it."""

    __tablename__ = "plan_teams"
    __table_args__ = (CheckConstraint("audits_expected > 0", name="expects_something"),)

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("quarter_plans.id"), primary_key=True)
    team: Mapped[str] = mapped_column(ForeignKey("teams.code"), primary_key=True)
    theme: Mapped[str] = mapped_column(ForeignKey("themes.code"), primary_key=True)
    why: Mapped[str]
    audits_expected: Mapped[int]
    group: Mapped[str | None] = mapped_column(ForeignKey("auditor_groups.code"))
    """The team's auditor group on the day of publication."""


class PlanAuditor(Base):
    """An auditor whom the plan counts on."""

    __tablename__ = "plan_auditors"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("quarter_plans.id"), primary_key=True)
    auditor: Mapped[str] = mapped_column(ForeignKey("workers.code"), primary_key=True)


class PlanExemption(Base, Identified, Changing):
    """A team or an auditor of whom the plan asks nothing more, and why."""

    __tablename__ = "plan_exemptions"
    __table_args__ = (
        CheckConstraint("(team IS NULL) <> (auditor IS NULL)", name="one_of_them"),
        UniqueConstraint("plan_id", "team"),
        UniqueConstraint("plan_id", "auditor"),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("quarter_plans.id"), index=True)
    team: Mapped[str | None] = mapped_column(ForeignKey("teams.code"))
    auditor: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    reason: Mapped[str]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("workers.code"))
    decided_at: Mapped[datetime]


class PlanCaseList(Base, Identified):
    """References that were posted for a team, and which of them became audits.

    For whoever reaches the whole authority: it names children before any audit does.
    """

    __tablename__ = "plan_case_lists"
    __table_args__ = (
        CheckConstraint("method IN ('named', 'drawn')", name="method"),
        CheckConstraint("(method = 'drawn') = (seed IS NOT NULL)", name="drawn_by_seed"),
        CheckConstraint("caseload_id IS NULL OR method = 'drawn'", name="caseload_is_drawn_from"),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("quarter_plans.id"), index=True)
    team: Mapped[str] = mapped_column(ForeignKey("teams.code"))
    theme: Mapped[str] = mapped_column(ForeignKey("themes.code"))
    system: Mapped[str] = mapped_column(ForeignKey("case_systems.code"))
    method: Mapped[str]
    seed: Mapped[str | None]
    caseload_id: Mapped[UUID | None] = mapped_column(ForeignKey("caseloads.id"), index=True)
    """The caseload that was drawn from, where no list was posted."""
    population: Mapped[list[Any]]
    """`{ref, excluded, digest, chance}` each: why it could not be chosen, or null; of a caseload
    its row's digest; with which chance it could be drawn. Lists of before have the first two."""
    population_hash: Mapped[str]
    chosen: Mapped[list[Any]]
    """`{ref, audit_id}` each, in the order of the lot, or as they were named."""
    explanation: Mapped[JsonObject]
    policy_version: Mapped[int] = mapped_column(ForeignKey("policy_versions.version"))
    posted_at: Mapped[datetime]
