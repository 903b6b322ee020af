"""Epochs: after a restore, what is stamped comes after all that was restored (ADR 14)."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    op.create_table(
        "epochs",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seal", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("epochs_pkey")),
    )
    run_script("0012_epochs.sql")
