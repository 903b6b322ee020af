"""Learning highlights and outcomes of moderation sort by change."""

from collections.abc import Sequence

from alembic import op

from qa_api.migrate import run_script

revision: str = "0135"
down_revision: str | None = "0134"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("learning_highlights", "moderation_outcomes")


def upgrade() -> None:
    """Rows that are there count as changed when the column came."""
    run_script("0135_highlights_and_outcomes_by_change.sql")
    for table in TABLES:
        op.create_index(f"{table}_changed_idx", table, ["changed_at", "id"])
        op.create_index(f"{table}_team_changed_idx", table, ["team", "changed_at", "id"])
