"""A learning action is set of what is moderated (R4.5.5)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0134"
down_revision: str | None = "0133"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """One trigger's function; no row changes."""
    run_script("0134_learning_after_judging.sql")
