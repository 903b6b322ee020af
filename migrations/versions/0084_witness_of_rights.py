"""The witness of a right has the stamp of the transaction that decides it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0084"
down_revision: str | None = "0083"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("rights_changes", sa.Column("xid", Xid8(), nullable=True))
    run_script("0084_witness_of_rights.sql")
