"""A comment that nobody with a grant can answer waits where restricted work waits (X3, X8)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0130"
down_revision: str | None = "0129"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """A view; no row changes."""
    run_script("0130_comments_that_nobody_can_answer.sql")
