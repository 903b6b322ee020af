"""Whether a restore was told is asked of the newest event, whoever asks and for whom."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0147"
down_revision: str | None = "0146"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """A view and a function; no row changes."""
    run_script("0147_restore_untold_to_anybody.sql")
