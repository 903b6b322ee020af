"""A closing from before the service was in use is kept as history."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0101"
down_revision: str | None = "0100"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0101_closings_before_use.sql")
