"""A closing on record counts at an instant; what a mistaken audit raised keeps its audit's type."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0033_closings_count.sql")
