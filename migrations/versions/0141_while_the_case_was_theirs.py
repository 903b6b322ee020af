"""What was said while a case was with whoever was audited is counted from the audit's start."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0141"
down_revision: str | None = "0140"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """A function that both locks ask, and two in other words; no row changes."""
    run_script("0141_while_the_case_was_theirs.sql")
