"""What was settled without being delivered is let go too; a recount lasts a day of the database's.

A delivery that goes is no longer named by the one before it.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = "deliveries_replayed_as_fkey"


def upgrade() -> None:
    op.add_column(
        "calendar_versions",
        sa.Column(
            "stored_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    )
    op.execute(
        f"-- squawk-ignore ban-drop-constraint\nALTER TABLE deliveries DROP CONSTRAINT {KEY}"
    )
    op.execute(
        f"ALTER TABLE deliveries ADD CONSTRAINT {KEY} FOREIGN KEY (replayed_as)"
        " REFERENCES deliveries (id) ON DELETE SET NULL NOT VALID"
    )
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE deliveries VALIDATE CONSTRAINT {KEY}"
    )
    # One for each question, so that neither seems to answer which delivery stands first.
    op.execute(
        "-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX deliveries_attempted_idx"
    )
    for name, condition in {
        "taken": "state = 'delivered'",
        "failing": "state = 'waiting' AND attempted_at IS NOT NULL",
    }.items():
        op.create_index(
            f"deliveries_{name}_idx",
            "deliveries",
            ["endpoint_id", "attempted_at"],
            postgresql_where=sa.text(condition),
        )
    op.create_index(
        "deliveries_replayed_as_idx",
        "deliveries",
        ["replayed_as"],
        postgresql_where=sa.text("replayed_as IS NOT NULL"),
    )
    # The function as it stands, whatever else has become of it, with the other column.
    op.execute(
        "DO $$ BEGIN EXECUTE replace(pg_get_functiondef("
        "'remove_retained_content(uuid, timestamptz)'::regprocedure),"
        " 'delivered_at', 'settled_at'); END $$"
    )
