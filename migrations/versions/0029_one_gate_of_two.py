"""Of two gates that a merge brought together one is in the dataset: the one that counts."""

from collections.abc import Sequence
from pathlib import Path

from qa_api.migrate import run_script

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    run_script("0029_one_gate_of_two.sql")
