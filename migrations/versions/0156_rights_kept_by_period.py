"""What somebody's roles come to is kept by periods of days, and looked up as one row (ADR 79)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0156"
down_revision: str | None = "0155"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """A table that triggers of five others write, filled from what these say."""
    run_script("0156_rights_kept_by_period.sql")
