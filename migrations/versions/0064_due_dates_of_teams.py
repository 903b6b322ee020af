"""A due date of a team shows to who leads the team, and to who looks at the whole authority."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0064"
down_revision: str | None = "0063"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0064_due_dates_of_teams.sql")
