"""Who is bound by what stands is asked faster (ADR 21)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0143"
down_revision: str | None = "0142"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """No row changes."""
    run_script("0143_bound_asked_faster.sql")
