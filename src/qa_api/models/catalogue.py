"""What an authority audits and with what: audit types, versioned tools, judgement scales."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qa_api.models.base import (
    Base,
    Changing,
    Identified,
    JsonObject,
    Named,
    Stateful,
    Versioned,
    Witness,
    life_cycle,
)


class AuditType(Base, Named, Changing, Versioned):
    """A kind of audit that the authority carries out (§3, §4.1)."""

    __tablename__ = "audit_types"
    __table_args__ = (
        CheckConstraint("subject_kind IN ('child', 'carer_household')", name="subject_kind"),
        CheckConstraint("owner IN ('quality_standards', 'service_area')", name="owner"),
        CheckConstraint(
            "cadence IN ('every_closure', 'anniversary', 'as_required', 'ongoing', 'interval')",
            name="cadence",
        ),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    clause: Mapped[str]
    subject_kind: Mapped[str]
    owner: Mapped[str]
    cadence: Mapped[str]
    interval_months: Mapped[int | None]
    tool_code: Mapped[str | None]
    may_audit: Mapped[str]
    """Who may audit on this type: a named rule (R4.1.8)."""
    may_start: Mapped[str] = mapped_column(server_default="team_manager")
    """Who may start audits of this type: a named rule (R3.1)."""
    start_teams: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    """The teams whose leads start them on any team's case, where the rule says so."""
    notes_paper_records: Mapped[bool] = mapped_column(server_default="false")
    """Whether an audit says which paper records were read besides the electronic one (R3.1)."""
    active: Mapped[bool] = mapped_column(default=True)


class AuditTool(Base, Identified, Changing, Versioned, Stateful):
    """One version of an audit tool: draft, then published and immutable, then retired."""

    __tablename__ = "audit_tools"
    __aggregate__ = "audit_tool"
    __table_args__ = (
        UniqueConstraint("code", "number"),
        UniqueConstraint("id", "overall"),
        CheckConstraint("overall IN ('required', 'optional', 'none')", name="overall"),
        Index(
            "audit_tools_one_published",
            "code",
            unique=True,
            postgresql_where="state = 'published'",
        ),
        ForeignKeyConstraint(
            ["scale_code", "scale_number"], ["judgement_scales.code", "judgement_scales.number"]
        ),
        life_cycle(),
    )

    code: Mapped[str]
    number: Mapped[int]
    name: Mapped[str]
    scale_code: Mapped[str]
    scale_number: Mapped[int]
    overall: Mapped[str] = mapped_column(default="required", server_default="required")
    """Whether audits are judged as a whole: `required`, `optional` or `none` (R4.1.3)."""
    published_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]

    domains: Mapped[list["ToolDomain"]] = relationship(
        lazy="raise", order_by="ToolDomain.position", cascade="all, delete-orphan"
    )


class ToolDomain(Base):
    """A part of the tool that gets a judgement of its own."""

    __tablename__ = "tool_domains"

    tool_id: Mapped[UUID] = mapped_column(ForeignKey("audit_tools.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    title: Mapped[str]
    guidance: Mapped[str]
    judged: Mapped[bool]
    escalates: Mapped[bool] = mapped_column(server_default="false")
    """Whether a judgement of it with the scale's mark goes to the manager at once (R4.3.2)."""

    questions: Mapped[list["ToolQuestion"]] = relationship(
        lazy="raise", order_by="ToolQuestion.position", cascade="all, delete-orphan"
    )


class ToolQuestion(Base):
    """A question with a key that stays the same from version to version."""

    __tablename__ = "tool_questions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tool_id", "domain_key"], ["tool_domains.tool_id", "tool_domains.key"]
        ),
        CheckConstraint(
            "answer_kind IN ('yes_no_partial_na', 'judgement', 'text', 'date', 'number', 'choice')",
            name="answer_kind",
        ),
    )

    tool_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    domain_key: Mapped[str]
    position: Mapped[int]
    text: Mapped[str]
    guidance: Mapped[str]
    answer_kind: Mapped[str]
    choices: Mapped[list[Any]]
    required: Mapped[bool]
    evidence_required: Mapped[bool]
    timescale_check: Mapped[bool]
    applies_when: Mapped[JsonObject | None]
    """`{question, answered}`: asked only when an earlier one was answered so; none is always."""


class JudgementScale(Base, Changing, Witness):
    """An ordinal scale of judgements; a changed scale is a new number, never mixed with the old."""

    __tablename__ = "judgement_scales"

    code: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]

    points: Mapped[list["ScalePoint"]] = relationship(lazy="raise", order_by="ScalePoint.position")


class ScalePoint(Base):
    """One judgement on a scale, best first; `escalates` marks what goes to the manager at once."""

    __tablename__ = "scale_points"
    __table_args__ = (
        ForeignKeyConstraint(
            ["scale_code", "scale_number"], ["judgement_scales.code", "judgement_scales.number"]
        ),
        UniqueConstraint("scale_code", "scale_number", "position"),
    )

    scale_code: Mapped[str] = mapped_column(primary_key=True)
    scale_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    position: Mapped[int]
    escalates: Mapped[bool]
