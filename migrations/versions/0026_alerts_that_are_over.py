"""An alert about something that is over waits in nobody's list (X6)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("over_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "alerts_waiting_idx",
        "alerts",
        ["recipient"],
        postgresql_where=sa.text("seen_at IS NULL AND over_at IS NULL"),
    )
