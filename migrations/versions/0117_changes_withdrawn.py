"""A change marked in a control chart by mistake is withdrawn, and its month can be marked again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0117"
down_revision: str | None = "0116"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # The default serves a service of the version before, which marks changes meanwhile.
    op.add_column(
        "chart_changes", sa.Column("version", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column("chart_changes", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    op.add_column("chart_changes", sa.Column("withdrawn_by", sa.Text()))
    op.add_column("chart_changes", sa.Column("withdrawn_reason", sa.Text()))
    op.create_index(
        "chart_changes_one_of_each_month",
        "chart_changes",
        ["chart", "month"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    run_script("0117_changes_withdrawn.sql")
