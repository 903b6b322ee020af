"""What triggers are about is named, so that a statement reads the conditions of those alone."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0157"
down_revision: str | None = "0156"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Triggers are made anew; no row changes."""
    run_script("0157_conditions_of_what_is_named.sql")
