"""Practice cases are judged domain by domain where their tool asks for that (R4.1.3, R4.5.4)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0125"
down_revision: str | None = "0124"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Cases that there are have no tool and are judged as a whole, as before."""
    op.add_column("practice_cases", sa.Column("tool_id", sa.Uuid(), nullable=True))
    for table in ("practice_cases", "practice_standards", "practice_audits"):
        op.add_column(table, _overall_judged())
    op.create_table(
        "practice_standard_domains",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("domain_key", sa.Text(), nullable=False),
        sa.Column("tool_id", sa.Uuid(), nullable=False),
        *_judged("practice_standard_domains"),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["practice_standards.case_id"],
            name=op.f("practice_standard_domains_case_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tool_id", "domain_key"],
            ["tool_domains.tool_id", "tool_domains.key"],
            name="practice_standard_domains_domain_key_fkey",
        ),
        sa.PrimaryKeyConstraint(
            "case_id", "domain_key", name=op.f("practice_standard_domains_pkey")
        ),
    )
    op.create_table(
        "practice_audit_domains",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("domain_key", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        *_judged("practice_audit_domains"),
        sa.ForeignKeyConstraint(
            ["case_id", "domain_key"],
            ["practice_standard_domains.case_id", "practice_standard_domains.domain_key"],
            name="practice_audit_domains_domain_key_fkey",
        ),
        sa.PrimaryKeyConstraint("audit_id", "domain_key", name=op.f("practice_audit_domains_pkey")),
    )
    run_script("0125_practice_domains.sql")


def _overall_judged() -> sa.Column[bool]:
    return sa.Column("overall_judged", sa.Boolean(), server_default=sa.text("true"), nullable=False)


def _judged(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("scale_code", sa.Text(), nullable=False),
        sa.Column("scale_number", sa.Integer(), nullable=False),
        sa.Column("judgement", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.CheckConstraint("rationale ~ '\\S'", name=op.f(f"{table}_rationale_said_check")),
        sa.ForeignKeyConstraint(
            ["scale_code", "scale_number", "judgement"],
            ["scale_points.scale_code", "scale_points.scale_number", "scale_points.code"],
            name=f"{table}_judgement_fkey",
        ),
    ]
