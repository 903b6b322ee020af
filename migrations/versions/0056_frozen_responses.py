"""What was answered, told and escalated stands, whoever writes."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0056"
down_revision: str | None = "0055"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0056_frozen_responses.sql")
