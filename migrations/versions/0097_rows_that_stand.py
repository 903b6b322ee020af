"""What else never changes of a row, and what else is told with what it changes.

What is there already is not looked at: it is held to this when it is next written.
"""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0097"
down_revision: str | None = "0096"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0097_rows_that_stand.sql")
