"""A completed audit moves with its case alone, and is due by another day as is told."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0090"
down_revision: str | None = "0089"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0090_moves_with_the_case.sql")
