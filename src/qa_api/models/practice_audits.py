"""Practice audits: a fictitious case, what is held to be right of it, and how auditors judged it.

A fictitious case is a kind of subject of its own, in a table of its own. Nothing here has a child,
a team or a worker who holds a case, so nothing that is about children can find it (R4.5.4).

A case that names a tool is judged as the tool asks: each domain that carries a judgement, and the
whole unless the tool asks for none (R4.1.3). Without a tool the whole alone is judged.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from qa_api.models.base import Base, Identified
from qa_api.models.catalogue import ToolDomain


def _on_scale(table: str) -> ForeignKeyConstraint:
    """A judgement is one of its scale."""
    return ForeignKeyConstraint(
        ["scale_code", "scale_number", "judgement"],
        ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
        name=f"{table}_judgement_fkey",
    )


def _as_asked(table: str) -> tuple[ForeignKeyConstraint, CheckConstraint]:
    """The whole is judged, with a rationale, exactly where its case asks for that."""
    return (
        ForeignKeyConstraint(
            ["case_id", "overall_judged"],
            ["practice_cases.id", "practice_cases.overall_judged"],
            name=f"{table}_overall_judged_fkey",
        ),
        CheckConstraint(
            "(judgement IS NOT NULL) = overall_judged AND (rationale IS NOT NULL) = overall_judged",
            name="judged_as_asked",
        ),
    )


class PracticeCase(Base, Identified):
    """A case that was made up to practise on. It stands as it was set."""

    __tablename__ = "practice_cases"
    __table_args__ = (
        ForeignKeyConstraint(
            ["scale_code", "scale_number"],
            ["judgement_scales.code", "judgement_scales.number"],
            name="practice_cases_scale_fkey",
        ),
        UniqueConstraint("id", "overall_judged"),
        UniqueConstraint("id", "tool_id"),
        CheckConstraint("overall_judged OR tool_id IS NOT NULL", name="judged_somehow"),
    )

    title: Mapped[str]
    material: Mapped[str]
    tool_id: Mapped[UUID | None] = mapped_column(ForeignKey("audit_tools.id"))
    """Whose domains are judged; null: the whole alone is."""
    overall_judged: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    """Whether the whole is judged: always without a tool, never with one that asks for none."""
    scale_code: Mapped[str]
    scale_number: Mapped[int]
    ends_on: Mapped[date | None]
    """The last day on which it is judged, in London; null: as long as somebody likes to."""
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))

    domains: Mapped[list[ToolDomain]] = relationship(
        primaryjoin=lambda: PracticeCase.tool_id == foreign(ToolDomain.tool_id),
        order_by=ToolDomain.position,
        lazy="raise",
        viewonly=True,
    )


class PracticeStandard(Base):
    """What is held to be right of a case: its gold standard."""

    __tablename__ = "practice_standards"
    __table_args__ = (_on_scale("practice_standards"), *_as_asked("practice_standards"))

    case_id: Mapped[UUID] = mapped_column(ForeignKey("practice_cases.id"), primary_key=True)
    overall_judged: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    scale_code: Mapped[str]
    scale_number: Mapped[int]
    judgement: Mapped[str | None]
    rationale: Mapped[str | None]

    domains: Mapped[list["PracticeStandardDomain"]] = relationship(
        lazy="raise", order_by="PracticeStandardDomain.domain_key"
    )


class PracticeStandardDomain(Base):
    """What is held to be right of one domain of a case."""

    __tablename__ = "practice_standard_domains"
    __table_args__ = (
        _on_scale("practice_standard_domains"),
        ForeignKeyConstraint(
            ["case_id", "tool_id"],
            ["practice_cases.id", "practice_cases.tool_id"],
            name="practice_standard_domains_tool_id_fkey",
        ),
        ForeignKeyConstraint(
            ["tool_id", "domain_key"],
            ["tool_domains.tool_id", "tool_domains.key"],
            name="practice_standard_domains_domain_key_fkey",
        ),
    )

    case_id: Mapped[UUID] = mapped_column(
        ForeignKey("practice_standards.case_id"), primary_key=True
    )
    domain_key: Mapped[str] = mapped_column(primary_key=True)
    tool_id: Mapped[UUID]
    scale_code: Mapped[str]
    scale_number: Mapped[int]
    judgement: Mapped[str]
    rationale: Mapped[str]


class PracticeAudit(Base, Identified):
    """How one auditor judged a case before they saw its standard. It stands."""

    __tablename__ = "practice_audits"
    __table_args__ = (
        _on_scale("practice_audits"),
        *_as_asked("practice_audits"),
        UniqueConstraint("case_id", "auditor"),
        UniqueConstraint("id", "case_id"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("practice_cases.id"))
    auditor: Mapped[str] = mapped_column(ForeignKey("workers.code"), index=True)
    overall_judged: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    scale_code: Mapped[str]
    scale_number: Mapped[int]
    judgement: Mapped[str | None]
    rationale: Mapped[str | None]
    judged_at: Mapped[datetime]

    domains: Mapped[list["PracticeAuditDomain"]] = relationship(
        lazy="raise", order_by="PracticeAuditDomain.domain_key"
    )


class PracticeAuditDomain(Base):
    """How the auditor judged one domain of the case, of those that have a standard."""

    __tablename__ = "practice_audit_domains"
    __table_args__ = (
        _on_scale("practice_audit_domains"),
        ForeignKeyConstraint(
            ["audit_id", "case_id"],
            ["practice_audits.id", "practice_audits.case_id"],
            name="practice_audit_domains_audit_id_fkey",
        ),
        ForeignKeyConstraint(
            ["case_id", "domain_key"],
            ["practice_standard_domains.case_id", "practice_standard_domains.domain_key"],
            name="practice_audit_domains_domain_key_fkey",
        ),
    )

    audit_id: Mapped[UUID] = mapped_column(primary_key=True)
    domain_key: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    scale_code: Mapped[str]
    scale_number: Mapped[int]
    judgement: Mapped[str]
    rationale: Mapped[str]
