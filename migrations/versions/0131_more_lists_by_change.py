"""Notifications, observations and learning actions sort by change; arms find their rows by index."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0131"
down_revision: str | None = "0130"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("notifications", "practice_observations", "learning_actions")


def upgrade() -> None:
    """Rows that are there count as changed when the column came."""
    run_script("0131_more_lists_by_change.sql")
    for table in TABLES:
        op.create_index(f"{table}_changed_idx", table, ["changed_at", "id"])
        op.create_index(f"{table}_team_changed_idx", table, ["team", "changed_at", "id"])
    for table in ("notifications", "escalations", "closure_gates"):
        op.create_index(op.f(f"{table}_team_id_idx"), table, ["team", "id"])
    for leading in ([], ["team"], ["observer"]):
        columns = [*leading, "observed_on", "id"]
        name = op.f(f"practice_observations_{'_'.join(columns)}_idx")
        op.create_index(name, "practice_observations", columns)
    soonest = sa.text("COALESCE(due_on, '9000-01-01'::date)")
    op.create_index("learning_actions_soonest_idx", "learning_actions", [soonest, "id"])
    for column in ("owner", "set_by"):
        name = f"learning_actions_{column}_soonest_idx"
        op.create_index(name, "learning_actions", [column, soonest, "id"])
