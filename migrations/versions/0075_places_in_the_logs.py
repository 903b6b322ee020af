"""No line of the access log is given a place in its order; what both logs say can be sealed."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0075"
down_revision: str | None = "0074"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0075_places_in_the_logs.sql")
