"""Workers write their own view of their audit; a discussion may point to a comment (R4.1.9)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0120"
down_revision: str | None = "0119"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TO = {
    "audit_id": "audits.id",
    "written_by": "workers.code",
    "subject_id": "subjects.id",
    "team": "teams.code",
    "worker": "workers.code",
}


def upgrade() -> None:
    """A new table; what the auditor noted of the worker's view stays where it is."""
    op.create_table(
        "own_views",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(r"view ~ '\S'", name=op.f("own_views_view_said_check")),
        *(
            sa.ForeignKeyConstraint([column], [of], name=op.f(f"own_views_{column}_fkey"))
            for column, of in _TO.items()
        ),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("own_views_pkey")),
    )
    op.create_index(op.f("own_views_subject_id_idx"), "own_views", ["subject_id"])
    op.add_column("audits", sa.Column("discussed_in_comment_id", sa.Uuid(), nullable=True))
    run_script("0120_own_views.sql")
