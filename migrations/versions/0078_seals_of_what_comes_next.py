"""A seal is of what comes next: nobody passes anything over, or seals what is yet to come."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0078"
down_revision: str | None = "0077"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SCRIPT = Path(__file__).resolve().parents[1] / "sql" / "0078_seals_of_what_comes_next.sql"


def upgrade() -> None:
    script = SCRIPT.read_text()
    # Of many statements, which only the driver's simple protocol takes.
    op.get_bind().connection.run_async(lambda driver: driver.execute(script))
