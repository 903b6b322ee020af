"""Who reported an action done is kept beside who did it: neither of them verifies it (R4.2.6)."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision: str = "0067"
down_revision: str | None = "0066"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SCRIPT = Path(__file__).resolve().parents[1] / "sql" / "0067_who_reported_it_done.sql"


def upgrade() -> None:
    op.add_column("restorative_actions", sa.Column("done_reported_by", sa.Text(), nullable=True))
    script = SCRIPT.read_text()
    # Of many statements, which only the driver's simple protocol takes.
    op.get_bind().connection.run_async(lambda driver: driver.execute(script))
