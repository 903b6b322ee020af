"""Moderators judge before they see the auditor's judgement, where the policy says so (R4.5.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0106"
down_revision: str | None = "0105"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Samples that were drawn before, or by a process of before, stay open as they were drawn."""
    op.add_column(
        "moderation_samples",
        sa.Column("second_grade", sa.Text(), server_default="open", nullable=False),
    )
    op.add_column(
        "moderation_outcomes", sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "moderation_outcomes",
        sa.Column("sealed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "moderation_outcomes",
        sa.Column("unsealed_because", sa.Text(), server_default="policy", nullable=True),
    )
    op.create_index(
        "moderation_outcomes_sealed_idx",
        "moderation_outcomes",
        ["moderator"],
        postgresql_where=sa.text("sealed AND moderated_at IS NULL"),
    )
    run_script("0106_sealed_second_grades.sql")
