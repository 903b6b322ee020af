"""What a response counts as is worked out by a plan that is kept."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0155"
down_revision: str | None = "0154"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """A setting of one function; no row changes."""
    run_script("0155_responses_counted_by_a_kept_plan.sql")
