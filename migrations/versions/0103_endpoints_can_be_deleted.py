"""A webhook endpoint can be deleted, and a case system reads of its own endpoints alone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0103"
down_revision: str | None = "0102"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # An attempt that was broken off leaves one behind that is none.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS deliveries_settled_idx")
        op.execute(
            "-- squawk-ignore prefer-robust-stmts,ban-concurrent-index-creation-in-transaction\n"
            "CREATE INDEX CONCURRENTLY deliveries_settled_idx ON deliveries"
            " (endpoint_id, settled_at) WHERE settled_at IS NOT NULL"
        )
    op.add_column("webhook_endpoints", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    run_script("0103_endpoints_can_be_deleted.sql")
