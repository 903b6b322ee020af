"""What a record does not begin with, and what moves only with its witness."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0071"
down_revision: str | None = "0070"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SCRIPT = Path(__file__).resolve().parents[1] / "sql" / "0071_beginnings_and_moves.sql"


def upgrade() -> None:
    script = SCRIPT.read_text()
    # Of many statements, which only the driver's simple protocol takes.
    op.get_bind().connection.run_async(lambda driver: driver.execute(script))
