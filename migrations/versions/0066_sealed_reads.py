"""The access log is sealed: its order, its seals, what retention takes out; receipts of witnesses."""

from collections.abc import Sequence

from alembic import op

from qa_api.migrate import run_script

revision: str = "0066"
down_revision: str | None = "0065"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Before the sealer needs it, and without keeping anybody from reading meanwhile.
    op.execute("ALTER TABLE access_log ADD COLUMN IF NOT EXISTS xid xid8 NOT NULL DEFAULT '0'")
    with op.get_context().autocommit_block():
        # An attempt that was broken off leaves one behind that is none.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS access_log_xid_at_id_idx")
        op.execute(
            "-- squawk-ignore prefer-robust-stmts,ban-concurrent-index-creation-in-transaction\n"
            "CREATE INDEX CONCURRENTLY access_log_xid_at_id_idx ON access_log (xid, at, id)"
        )
    run_script("0066_sealed_reads.sql")
