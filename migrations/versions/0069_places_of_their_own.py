"""Whoever writes to the logs does not choose the place that it takes in their order."""

from collections.abc import Sequence

from alembic import op

revision: str = "0069"
down_revision: str | None = "0068"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WRITTEN = {
    "access_log": (
        "id, at, principal_id, correlation_id, operation, subject_ids, detail",
        "qa_app, qa_read",
    ),
    "events": (
        "id, at, type, principal_id, correlation_id, about_id, subject_id, data",
        "qa_app",
    ),
}


def upgrade() -> None:
    for table, (columns, roles) in WRITTEN.items():
        op.execute(f"REVOKE INSERT ON {table} FROM {roles}")
        op.execute(f"GRANT INSERT ({columns}) ON {table} TO {roles}")
