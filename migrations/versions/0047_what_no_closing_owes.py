"""Planned audits that no closing owes are taken back; an exempt gate is clear since nothing."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0047"
down_revision: str | None = "0046"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run_script("0047_what_no_closing_owes.sql")
