"""Whoever is assigned an audit sees what was found before about the child (R4.1.9)."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    script = (HERE / "sql" / "0024_looking_back.sql").read_text()
    # Of many statements, which only the driver's simple protocol takes.
    op.get_bind().connection.run_async(lambda driver: driver.execute(script))
