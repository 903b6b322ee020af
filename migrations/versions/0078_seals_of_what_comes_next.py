"""A seal is of what comes next: nobody passes anything over, or seals what is yet to come."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0078"
down_revision: str | None = "0077"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0078_seals_of_what_comes_next.sql")
