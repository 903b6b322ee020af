"""A report keeps which rows it counted, so that versions are compared row by row (R4.7.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from qa_api.migrate import run_script

revision: str = "0140"
down_revision: str | None = "0139"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Reports that were presented before have none; no row changes."""
    op.create_table(
        "board_report_rows",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("rows", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["board_reports.id"],
            name=op.f("board_report_rows_report_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "report_id", "quarter", "section", name=op.f("board_report_rows_pkey")
        ),
    )
    op.create_index(op.f("board_report_rows_quarter_idx"), "board_report_rows", ["quarter"])
    run_script("0140_rows_behind_reports.sql")
