"""A closing moves by what a case system tells, and is decided again by what is told of the child."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0093"
down_revision: str | None = "0092"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0093_closings_as_told.sql")
