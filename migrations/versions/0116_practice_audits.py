"""Practice audits: fictitious cases with a standard, judged for training (R4.5.4)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0116"
down_revision: str | None = "0115"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "practice_cases",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        *_scale(),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _said("practice_cases", "title"),
        _said("practice_cases", "material"),
        sa.ForeignKeyConstraint(
            ["scale_code", "scale_number"],
            ["judgement_scales.code", "judgement_scales.number"],
            name="practice_cases_scale_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["workers.code"], name=op.f("practice_cases_set_by_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("practice_cases_pkey")),
    )
    op.create_table(
        "practice_standards",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        *_scale(),
        *_judged(),
        _said("practice_standards", "rationale"),
        _on_scale("practice_standards"),
        _of_case("practice_standards"),
        sa.PrimaryKeyConstraint("case_id", name=op.f("practice_standards_pkey")),
    )
    op.create_table(
        "practice_audits",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("auditor", sa.Text(), nullable=False),
        *_scale(),
        *_judged(),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _said("practice_audits", "rationale"),
        _on_scale("practice_audits"),
        _of_case("practice_audits"),
        sa.ForeignKeyConstraint(
            ["auditor"], ["workers.code"], name=op.f("practice_audits_auditor_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("practice_audits_pkey")),
        sa.UniqueConstraint("case_id", "auditor", name=op.f("practice_audits_case_id_auditor_key")),
    )
    op.create_index(op.f("practice_audits_auditor_idx"), "practice_audits", ["auditor"])
    run_script("0116_practice_audits.sql")


def _scale() -> list[sa.Column[object]]:
    return [
        sa.Column("scale_code", sa.Text(), nullable=False),
        sa.Column("scale_number", sa.Integer(), nullable=False),
    ]


def _judged() -> list[sa.Column[object]]:
    return [
        sa.Column("judgement", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
    ]


def _said(table: str, column: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} ~ '\\S'", name=op.f(f"{table}_{column}_said_check"))


def _on_scale(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["scale_code", "scale_number", "judgement"],
        ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
        name=f"{table}_judgement_fkey",
    )


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["case_id"], ["practice_cases.id"], name=op.f(f"{table}_case_id_fkey")
    )
