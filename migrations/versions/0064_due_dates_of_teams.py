"""A due date of a team shows to who leads the team, and to who looks at the whole authority."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0064"
down_revision: str | None = "0063"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SCRIPT = Path(__file__).resolve().parents[1] / "sql" / "0064_due_dates_of_teams.sql"


def upgrade() -> None:
    script = SCRIPT.read_text()
    # Of many statements, which only the driver's simple protocol takes.
    op.get_bind().connection.run_async(lambda driver: driver.execute(script))
