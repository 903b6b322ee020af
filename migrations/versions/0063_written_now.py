"""Whether a witness is of this very transaction is one function's to say."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0063"
down_revision: str | None = "0062"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0063_written_now.sql")
