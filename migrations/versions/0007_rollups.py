"""Rollups: what the figures count, kept by triggers in the writing transaction (R4.7.3, ADR 13)."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


HERE = Path(__file__).resolve().parents[1]
CELL = (
    "quarter",
    "team",
    "series",
    "type",
    "restricted",
    "facts",
    "overdue_after",
    "late_after",
)


def upgrade() -> None:
    for table in ("rollups", "rollup_deltas"):
        create_cells(table)
    op.create_index(
        "rollups_cell_key", "rollups", CELL, unique=True, postgresql_nulls_not_distinct=True
    )
    op.create_index("rollups_empty_idx", "rollups", ["id"], postgresql_where=sa.text("n = 0"))
    op.create_index(op.f("rollup_deltas_quarter_idx"), "rollup_deltas", ["quarter"])
    op.create_table(
        "rollup_rows",
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("cells", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("row_id", name=op.f("rollup_rows_pkey")),
    )
    # By which a gate is found whose audit has changed.
    op.create_index(op.f("closure_gates_audit_id_idx"), "closure_gates", ["audit_id"])
    run_script("0007_rollups.sql")


def create_cells(table: str) -> None:
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("overdue_after", sa.Date(), nullable=True),
        sa.Column("late_after", sa.Date(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
    )
