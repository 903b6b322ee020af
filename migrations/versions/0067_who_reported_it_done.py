"""Who reported an action done is kept beside who did it: neither of them verifies it (R4.2.6)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0067"
down_revision: str | None = "0066"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("restorative_actions", sa.Column("done_reported_by", sa.Text(), nullable=True))
    run_script("0067_who_reported_it_done.sql")
