"""A completed audit, its parts, its revisions and its urgent findings stand, whoever writes."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0055"
down_revision: str | None = "0054"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0055_frozen.sql")
