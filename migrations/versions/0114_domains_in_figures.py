"""Figures count the domains of audits for which their domains stand (R4.7.3)."""

from collections.abc import Sequence

from qa_api.migrate import run_script

revision: str = "0114"
down_revision: str | None = "0113"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Nothing is counted anew: there are no such audits yet."""
    run_script("0114_domains_in_figures.sql")
