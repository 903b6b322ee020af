"""What was learned from an audit recorded in error is nobody's to do any more."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0036"
down_revision: str | None = "0035"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0036_learned_in_error.sql")
