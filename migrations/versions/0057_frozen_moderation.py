"""What was drawn and what moderators found stands, whoever writes."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0057"
down_revision: str | None = "0056"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0057_frozen_moderation.sql")
