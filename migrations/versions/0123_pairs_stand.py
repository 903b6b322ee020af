"""What the service refuses of a pair that was judged, the database refuses too (R4.5.3)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0123"
down_revision: str | None = "0122"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Only triggers: what is recorded stands as it is."""
    run_script("0123_pairs_stand.sql")
