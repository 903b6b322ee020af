"""By when an update or highlights are due changes with a newer calendar alone."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0099"
down_revision: str | None = "0098"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0099_due_dates_only_lengthen.sql")
