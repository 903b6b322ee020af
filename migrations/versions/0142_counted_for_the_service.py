"""What a report was counted from is read by the service alone (R4.7.3, ADR 67)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0142"
down_revision: str | None = "0141"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """No row changes."""
    run_script("0142_counted_for_the_service.sql")
