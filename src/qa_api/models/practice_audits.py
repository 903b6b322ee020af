"""Practice audits: a fictitious case, what is held to be right of it, and how auditors judged it.

A fictitious case is a kind of subject of its own, in a table of its own. Nothing here has a child,
a team or a worker who holds a case, so nothing that is about children can find it (R4.5.4).
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qa_api.models.base import Base, Identified


def _on_scale(table: str) -> ForeignKeyConstraint:
    """A judgement is one of its scale."""
    return ForeignKeyConstraint(
        ["scale_code", "scale_number", "judgement"],
        ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
        name=f"{table}_judgement_fkey",
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
    )

    title: Mapped[str]
    material: Mapped[str]
    scale_code: Mapped[str]
    scale_number: Mapped[int]
    ends_on: Mapped[date | None]
    """The last day on which it is judged, in London; null: as long as somebody likes to."""
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(ForeignKey("workers.code"))


class PracticeStandard(Base):
    """What is held to be right of a case: its gold standard."""

    __tablename__ = "practice_standards"
    __table_args__ = (_on_scale("practice_standards"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("practice_cases.id"), primary_key=True)
    scale_code: Mapped[str]
    scale_number: Mapped[int]
    judgement: Mapped[str]
    rationale: Mapped[str]


class PracticeAudit(Base, Identified):
    """How one auditor judged a case before they saw its standard. It stands."""

    __tablename__ = "practice_audits"
    __table_args__ = (
        _on_scale("practice_audits"),
        UniqueConstraint("case_id", "auditor"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("practice_cases.id"))
    auditor: Mapped[str] = mapped_column(ForeignKey("workers.code"), index=True)
    scale_code: Mapped[str]
    scale_number: Mapped[int]
    judgement: Mapped[str]
    rationale: Mapped[str]
    judged_at: Mapped[datetime]
