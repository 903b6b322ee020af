"""What takes two people takes two persons, whatever accounts they come in by."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0043"
down_revision: str | None = "0042"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0043_two_people.sql")
