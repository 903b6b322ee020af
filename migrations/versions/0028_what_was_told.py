"""What a closing counts as, which gates are twins, and what was entered by hand."""

from collections.abc import Sequence
from pathlib import Path

from qa_api.migrate import run_script

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    run_script("0028_what_was_told.sql")
