"""What was said after the case moved is not its former worker's to read, by the second lock too."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0138"
down_revision: str | None = "0137"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """A policy of the comments, and a function in fewer words; no row changes."""
    run_script("0138_said_after_the_case_moved.sql")
