"""Indexes by which each reader's own rows are found, whatever else there is."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SOONEST = sa.text("coalesce(due_on, DATE '9000-01-01')")
OF_WHOM = {
    "restorative_actions": ("team", "worker", "owner"),
    "audit_responses": ("team", "worker"),
}


def upgrade() -> None:
    op.create_index("audits_team_id_idx", "audits", ["team", "id"])
    for table, columns in OF_WHOM.items():
        op.create_index(f"{table}_soonest_idx", table, [SOONEST, "id"])
        for column in columns:
            op.create_index(f"{table}_{column}_soonest_idx", table, [column, SOONEST, "id"])
    op.create_index(
        "restorative_actions_to_do_idx",
        "restorative_actions",
        [sa.text("coalesce(owner, worker)")],
        postgresql_where=sa.text("state IN ('open', 'planned')"),
    )
