"""Of moderation too, what waits on a restricted record is seen to wait."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0034_withheld_moderation.sql")
