"""A record is merged once, with all its names, and stays so."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0083"
down_revision: str | None = "0082"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0083_merged_once.sql")
