"""Who must act reads what it is about while they must; an escalation is acknowledged by who is asked.

Nothing that is kept changes.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0068"
down_revision: str | None = "0067"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SCRIPT = Path(__file__).resolve().parents[1] / "sql" / "0068_who_must_act_reads.sql"


def upgrade() -> None:
    script = SCRIPT.read_text()
    # Of many statements, which only the driver's simple protocol takes.
    op.get_bind().connection.run_async(lambda driver: driver.execute(script))
