"""What is talked about does not close in the instant in which something is said about it (X8)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0126"
down_revision: str | None = "0125"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Only triggers."""
    run_script("0126_said_or_closed.sql")
