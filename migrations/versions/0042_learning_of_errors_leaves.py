"""What was learned from an audit recorded in error leaves its dataset, as it leaves the lists."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0042"
down_revision: str | None = "0041"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0042_learning_of_errors_leaves.sql")
