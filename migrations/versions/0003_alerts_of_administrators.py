"""What administrators are told is theirs to read: it is about no subject."""

from collections.abc import Sequence

from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        "ALTER POLICY held ON alerts USING (CASE"
        " WHEN qa_reach() IN ('service', 'authority') THEN true"
        " ELSE team = ANY (qa_teams()) OR worker = qa_worker() OR recipient = qa_worker()"
        " OR (recipient = 'administrator' AND subject_id IS NULL) END)"
    )
