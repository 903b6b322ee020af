"""Of two gates that a merge brought together one is in the dataset: the one that counts."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    script = (HERE / "sql" / "0029_one_gate_of_two.sql").read_text()
    # Of many statements, which only the driver's simple protocol takes.
    op.get_bind().connection.run_async(lambda driver: driver.execute(script))
