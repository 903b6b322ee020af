"""Functions with their owner's rights keep to their schema; PUBLIC may nothing."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0050"
down_revision: str | None = "0049"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0050_definers.sql")
