"""Caseloads are counted in a dataset: how many children, and how many rows went since (R4.4.4, X1)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0128"
down_revision: str | None = "0127"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("caseloads", sa.Column("unrestricted", sa.Integer(), nullable=True))
    op.add_column("caseloads", sa.Column("removed", sa.Integer(), nullable=True))
    run_script("0128_caseloads_are_counted.sql")
    op.create_index(op.f("caseloads_changed_xid_idx"), "caseloads", ["changed_xid"], unique=False)
