"""Leave to see a restricted record is given by another person, with words, for ninety days at most."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0085"
down_revision: str | None = "0084"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0085_leave_by_another.sql")
