"""A token names one principal of those who are let in; whoever is disabled gives theirs back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0054"
down_revision: str | None = "0053"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        "-- squawk-ignore ban-drop-constraint\n"
        "ALTER TABLE principals DROP CONSTRAINT principals_issuer_subject_key"
    )
    op.create_index(
        "principals_issuer_subject_idx",
        "principals",
        ["issuer", "subject"],
        unique=True,
        postgresql_where=sa.text("disabled_at IS NULL"),
    )
