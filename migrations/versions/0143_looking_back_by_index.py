"""What somebody looks back at is found by an index, however much they audited (R4.1.9, ADR 3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0143"
down_revision: str | None = "0142"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """No row changes."""
    op.create_index(
        "audits_to_audit_idx",
        "audits",
        ["auditor", "subject_id"],
        postgresql_where=sa.text("state IN ('planned', 'in_progress')"),
    )
    op.create_index(
        "audits_audited_again_idx",
        "audits",
        ["auditor", "re_audit_of"],
        postgresql_where=sa.text("re_audit_of IS NOT NULL"),
    )
    run_script("0143_looking_back_by_index.sql")
