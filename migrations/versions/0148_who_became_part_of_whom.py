"""What was merged into a record, and the gates that stand back for one, are found by index."""

from collections.abc import Sequence

from alembic import op

revision: str = "0148"
down_revision: str | None = "0147"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_INDEXES = {"subjects": "merged_into_id", "closure_gates": "duplicate_of"}


def upgrade() -> None:
    """No row changes, and nobody waits."""
    with op.get_context().autocommit_block():
        for table, column in _INDEXES.items():
            name = f"{table}_{column}_idx"
            # An attempt that was broken off leaves one behind that is none.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(
                "-- squawk-ignore prefer-robust-stmts,ban-concurrent-index-creation-in-transaction\n"
                f"CREATE INDEX CONCURRENTLY {name} ON {table} ({column})"
                f" WHERE {column} IS NOT NULL"
            )
