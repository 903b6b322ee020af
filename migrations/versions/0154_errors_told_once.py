"""Which audits were recorded in error is looked up once for a caller, not for each table (ADR 3)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0154"
down_revision: str | None = "0153"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """No row changes."""
    run_script("0154_errors_told_once.sql")
