"""A tool may do without an overall judgement: the domains' judgements stand for its audits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0113"
down_revision: str | None = "0112"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Tools and audits that there are require one, as before."""
    op.add_column(
        "audit_tools", sa.Column("overall", sa.Text(), server_default="required", nullable=False)
    )
    op.add_column(
        "tool_domains",
        sa.Column("escalates", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "audits", sa.Column("overall_asked", sa.Text(), server_default="required", nullable=False)
    )
    run_script("0113_profiles_instead_of_one_grade.sql")
