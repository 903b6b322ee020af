"""A witness has the stamp of the transaction that adds it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0079"
down_revision: str | None = "0078"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WITNESSES = (
    "action_date_changes",
    "audit_revisions",
    "calendar_versions",
    "judgement_scales",
    "observation_corrections",
)


def upgrade() -> None:
    for table in WITNESSES:
        op.add_column(table, sa.Column("xid", Xid8(), nullable=True))
    run_script("0079_witnesses.sql")
