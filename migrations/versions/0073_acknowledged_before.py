"""Who comes to act for a team that has acknowledged is told in a row that says so too."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0073"
down_revision: str | None = "0072"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0073_acknowledged_before.sql")
