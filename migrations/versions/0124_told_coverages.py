"""Coverage that was told stands; whoever sent a caseload sees what they sent (§4.4, R4.4.4)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script

revision: str = "0124"
down_revision: str | None = "0123"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "told_coverages",
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audited_from", sa.Date(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("counted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_versions.version"],
            name=op.f("told_coverages_policy_version_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("told_coverages_pkey")),
        sa.UniqueConstraint("taken_on", "number", name=op.f("told_coverages_taken_on_number_key")),
    )
    run_script("0124_told_coverages.sql")
