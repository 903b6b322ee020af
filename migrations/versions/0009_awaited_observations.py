"""Who is behind the pace of their observations, for the lists of who observes them (X6)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "awaited_observations",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team"], ["teams.code"], name=op.f("awaited_observations_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("awaited_observations_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("awaited_observations_pkey")),
        sa.UniqueConstraint("worker", "team", name=op.f("awaited_observations_worker_team_key")),
    )
    op.create_index(
        op.f("awaited_observations_team_idx"), "awaited_observations", ["team"], unique=False
    )
    # Counted from the directory and the observations, and counted again: nothing is lost with it.
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON awaited_observations TO qa_app")
    op.execute("GRANT SELECT ON awaited_observations TO qa_read, qa_backup")
    op.execute("ALTER TABLE awaited_observations ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY backup ON awaited_observations TO qa_backup USING (true)")
    op.execute(
        "CREATE POLICY held ON awaited_observations TO qa_app, qa_read"
        " USING (qa_reach() IN ('service', 'authority') OR team = ANY (qa_teams()))"
    )
