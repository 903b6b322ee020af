"""What waits on a restricted record and nobody with leave can do: Q&S sees that it waits."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    script = (HERE / "sql" / "0031_withheld_work.sql").read_text()
    # Of many statements, which only the driver's simple protocol takes.
    op.get_bind().connection.run_async(lambda driver: driver.execute(script))
