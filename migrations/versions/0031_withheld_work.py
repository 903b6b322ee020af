"""What waits on a restricted record and nobody with leave can do: Q&S sees that it waits."""

from collections.abc import Sequence
from pathlib import Path

from qa_api.migrate import run_script

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    run_script("0031_withheld_work.sql")
