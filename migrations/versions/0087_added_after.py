"""What is added to a completed audit or a submitted response is an amendment's, or is not."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0087"
down_revision: str | None = "0086"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0087_added_after.sql")
