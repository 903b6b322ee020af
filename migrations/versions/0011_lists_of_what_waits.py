"""Indexes of what is open, soonest first: lists of what is overdue do not grow with the past."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SOONEST = sa.text("coalesce(due_on, DATE '9000-01-01')")
OPEN = {
    "audit_responses": ("awaited", "state IN ('awaiting_response', 'returned')"),
    "restorative_actions": ("unsettled", "state NOT IN ('verified', 'cancelled')"),
}
OF_WHOM = {
    "audit_responses": ("team", "worker"),
    "restorative_actions": ("team", "worker", "owner"),
}


def upgrade() -> None:
    # What a manager was asked about and no longer holds.
    op.create_index(
        "escalation_recipients_moved_on_idx",
        "escalation_recipients",
        ["for_team"],
        postgresql_where=sa.text("team IS DISTINCT FROM for_team"),
    )
    for table, (name, condition) in OPEN.items():
        kept = sa.text(condition)
        op.create_index(f"{table}_{name}_idx", table, [SOONEST, "id"], postgresql_where=kept)
        for column in OF_WHOM[table]:
            op.create_index(
                f"{table}_{column}_{name}_idx",
                table,
                [column, SOONEST, "id"],
                postgresql_where=kept,
            )
