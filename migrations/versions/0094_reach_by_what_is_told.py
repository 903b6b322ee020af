"""Whom somebody reaches is changed by what is told in the same transaction."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0094"
down_revision: str | None = "0093"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0094_reach_by_what_is_told.sql")
