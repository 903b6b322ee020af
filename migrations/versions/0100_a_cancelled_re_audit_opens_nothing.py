"""A re-audit that is cancelled opens the earlier audit to nobody."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0100"
down_revision: str | None = "0099"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0100_a_cancelled_re_audit_opens_nothing.sql")
