"""That an audit was recorded in error is confirmed by a second person, or withdrawn."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0038"
down_revision: str | None = "0037"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0038_confirming_errors.sql")
