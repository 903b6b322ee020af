"""What waits for a second person, where there is none, waits for who can appoint one."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0051"
down_revision: str | None = "0050"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0051_unattended_work.sql")
