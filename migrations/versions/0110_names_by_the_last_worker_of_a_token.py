"""A token that was given to another worker since keeps that worker's name (X4)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0110"
down_revision: str | None = "0109"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0110_names_by_the_last_worker_of_a_token.sql")
