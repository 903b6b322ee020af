"""Answers to questions that do not apply are left out of completed audits (R4.1.1)."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    op.add_column(
        "audit_answers",
        sa.Column("left_out", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    run_script("0015_answers_left_out.sql")
