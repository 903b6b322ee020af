"""Whoever does something leaves word of it, also for those whose lists they do not see."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0037"
down_revision: str | None = "0036"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0037_telling.sql")
