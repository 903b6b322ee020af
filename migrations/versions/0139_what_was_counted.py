"""A report keeps what its figures were counted from, for its later versions (R4.7.3, ADR 67)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from qa_api.migrate import run_script

revision: str = "0139"
down_revision: str | None = "0138"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Reports that were presented before have none; no row changes."""
    op.add_column("board_reports", sa.Column("counted", JSONB(), nullable=True))
    run_script("0139_what_was_counted.sql")
