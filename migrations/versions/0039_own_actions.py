"""Supervisors and managers do the actions that are theirs."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0039_own_actions.sql")
