"""A reference names one more record for those who may not see that which it means."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0076"
down_revision: str | None = "0075"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0076_stand_ins.sql")
