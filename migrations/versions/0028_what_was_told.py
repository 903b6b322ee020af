"""What a closing counts as, which gates are twins, and what was entered by hand."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    script = (HERE / "sql" / "0028_what_was_told.sql").read_text()
    # Of many statements, which only the driver's simple protocol takes.
    op.get_bind().connection.run_async(lambda driver: driver.execute(script))
