"""What was redacted, held, looked into and tried stands; the directory changes by what is told."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0088"
down_revision: str | None = "0087"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0088_kept_as_said.sql")
