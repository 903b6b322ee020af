"""A second grade is not sealed with who could read the judgement (R4.5.3)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0137"
down_revision: str | None = "0136"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """One check of a list of codes; no row changes."""
    run_script("0137_who_could_read.sql")
