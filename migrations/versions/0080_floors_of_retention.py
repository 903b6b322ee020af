"""What may go is computed from the rows by the function that removes, and nothing goes below a floor."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0080"
down_revision: str | None = "0079"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0080_floors_of_retention.sql")
