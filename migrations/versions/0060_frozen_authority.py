"""What was published, submitted, decided and observed stands, and so do the days."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0060"
down_revision: str | None = "0059"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0060_frozen_authority.sql")
