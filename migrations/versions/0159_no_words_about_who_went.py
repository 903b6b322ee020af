"""About a record whose content has gone nobody writes another word (X4)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0159"
down_revision: str | None = "0158"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Triggers alone; no row changes."""
    run_script("0159_no_words_about_who_went.sql")
