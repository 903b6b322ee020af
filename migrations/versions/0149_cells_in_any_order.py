"""In which order what a row counts as is kept says nothing: the check of figures takes none for a fault."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0149"
down_revision: str | None = "0148"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """A function; no row changes."""
    run_script("0149_cells_in_any_order.sql")
