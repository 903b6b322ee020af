"""What a record does not begin with, and what moves only with its witness."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0071"
down_revision: str | None = "0070"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0071_beginnings_and_moves.sql")
