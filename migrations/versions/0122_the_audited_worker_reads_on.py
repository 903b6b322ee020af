"""Whose work was audited reads the audit for their own view, whoever holds the case (R4.1.9)."""

from collections.abc import Sequence

from alembic import op

from qa_api.migrate import run_script

revision: str = "0122"
down_revision: str | None = "0121"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """An index that finds their audits, and the second lock; no row changes."""
    op.create_index(op.f("audits_audited_worker_id_idx"), "audits", ["audited_worker", "id"])
    run_script("0122_the_audited_worker_reads_on.sql")
