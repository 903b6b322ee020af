"""A reason for closing is exempt however the case system spells it."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0121"
down_revision: str | None = "0120"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Triggers that are there keep calling these functions."""
    run_script("0121_reasons_without_case.sql")
