"""Display names of workers, for printed pages alone (R4.1.7, R4.7.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0109"
down_revision: str | None = "0108"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "worker_names",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("name ~ '\\S'", name=op.f("worker_names_name_given_check")),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("worker_names_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("worker", name=op.f("worker_names_pkey")),
    )
    run_script("0109_names_on_pages.sql")
