"""No two people have one externalId and no two groups one name; who belongs is told (X3)."""

from collections.abc import Sequence

from alembic import op

from qa_api.migrate import run_script

revision: str = "0105"
down_revision: str | None = "0104"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

UNIQUE = {
    "scim_users_external_id_idx": "scim_users (issuer, external_id)",
    "scim_groups_display_name_idx": "scim_groups (issuer, lower(display_name))",
}
REPLACED = ("scim_users_issuer_external_id_idx", "scim_groups_issuer_display_name_idx")


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, columns in UNIQUE.items():
            # An attempt that was broken off leaves one behind that is none.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(
                "-- squawk-ignore prefer-robust-stmts,ban-concurrent-index-creation-in-transaction\n"
                f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {columns} WHERE deleted_at IS NULL"
            )
        for name in REPLACED:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    run_script("0105_names_of_the_provider.sql")
