"""Control charts: what they count month by month, and the changes that people mark (R4.7.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0107"
down_revision: str | None = "0106"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "chart_changes",
        sa.Column("chart", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marked_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name=op.f("chart_changes_month_check")
        ),
        sa.CheckConstraint("why ~ '\\S'", name=op.f("chart_changes_why_said_check")),
        sa.ForeignKeyConstraint(
            ["marked_by"], ["workers.code"], name=op.f("chart_changes_marked_by_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("chart_changes_pkey")),
        sa.UniqueConstraint("chart", "month", name=op.f("chart_changes_chart_month_key")),
    )
    op.create_index("rollups_series_idx", "rollups", ["series", "quarter"])
    run_script("0107_months.sql")
