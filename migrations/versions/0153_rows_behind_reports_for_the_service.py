"""The rows behind what reports told are read under the service's reach on a replica too."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0153"
down_revision: str | None = "0152"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """A view; no row changes."""
    run_script("0153_rows_behind_reports_for_the_service.sql")
