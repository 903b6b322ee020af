"""What happened is hidden from a statement that reads for a caller; two views tell the little that is shown."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0146"
down_revision: str | None = "0145"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Row-level security on the event log; no row changes."""
    run_script("0146_events_by_what_one_sees.sql")
