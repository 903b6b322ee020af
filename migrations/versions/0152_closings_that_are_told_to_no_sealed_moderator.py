"""An audit keeps how often it was closed, and what it was before: its sealed moderator is told that."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0152"
down_revision: str | None = "0151"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Two columns and a trigger; no row changes."""
    run_script("0152_closings_that_are_told_to_no_sealed_moderator.sql")
