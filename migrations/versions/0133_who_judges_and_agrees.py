"""Whoever moderates an audit judges it, and agrees with its auditor alone (R4.5.3)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0133"
down_revision: str | None = "0132"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Triggers; no row changes."""
    run_script("0133_who_judges_and_agrees.sql")
