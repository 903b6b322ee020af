"""Who holds which role and leads which team today, asked at each reading."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    # Who was asked before: the record keeps who was told when.
    op.add_column(
        "escalation_recipients",
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column(
        "response_rounds",
        sa.Column(
            "asked_before",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
    run_script("0030_posts.sql")
