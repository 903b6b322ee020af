"""Lists say and sort by when a row was last written, and audits by their due date."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0119"
down_revision: str | None = "0118"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("audits", "restorative_actions", "audit_responses", "escalations", "closure_gates")


def upgrade() -> None:
    """Rows that are there count as changed when the column came."""
    run_script("0119_when_it_was_changed.sql")
    for table in TABLES:
        op.create_index(f"{table}_changed_idx", table, ["changed_at", "id"])
        op.create_index(f"{table}_team_changed_idx", table, ["team", "changed_at", "id"])
    soonest = sa.text("COALESCE(due_on, '9000-01-01'::date)")
    op.create_index("audits_soonest_idx", "audits", [soonest, "id"])
    op.create_index("audits_team_soonest_idx", "audits", ["team", soonest, "id"])
