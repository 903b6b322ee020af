"""What an audit recorded in error raised is Quality & Standards' alone to read."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0049"
down_revision: str | None = "0048"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0049_raised_in_error.sql")
