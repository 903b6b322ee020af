"""Those who can owe an audit are found among all children and households (R3.2)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0145"
down_revision: str | None = "0144"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """No row changes."""
    op.create_index(
        "subjects_owing_audits_idx",
        "subjects",
        ["kind"],
        postgresql_where=sa.text("first_panel_on IS NOT NULL AND merged_into_id IS NULL"),
    )
