"""The dataset of moderated domains: what leaves it is told to every copy."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0112"
down_revision: str | None = "0111"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0112_moderated_domains_leave.sql")
