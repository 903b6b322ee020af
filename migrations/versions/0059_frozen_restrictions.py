"""What is restricted stays so with its subject, and nobody stretches a grant."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0059"
down_revision: str | None = "0058"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0059_frozen_restrictions.sql")
