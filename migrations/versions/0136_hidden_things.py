"""A thing of a hand-over whose record is restricted is shown to who has leave (X3)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0136"
down_revision: str | None = "0135"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Row-level security of the items; no row changes."""
    run_script("0136_hidden_things.sql")
