"""Whose work was audited reads no later comments; practice audits and comments are of today."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0132"
down_revision: str | None = "0131"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """A function and triggers; no row changes."""
    run_script("0132_practice_and_own_views.sql")
