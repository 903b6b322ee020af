"""What reporting tools pull: stamps on every table behind a dataset, and what left one (X1)."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


HERE = Path(__file__).resolve().parents[1]
STAMPED = (
    "plan_teams",
    "plan_exemptions",
    "team_services",
    "team_memberships",
    "calendar_days",
)
NAMED = ("services", "teams", "auditor_groups", "audit_types", "themes", "subjects")


def upgrade() -> None:
    # Small tables of directory, plans and calendar: writing them anew takes no time.
    for table in STAMPED:
        stamp = sa.Column(
            "changed_xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False
        )
        op.add_column(table, stamp)
        op.create_index(op.f(f"{table}_changed_xid_idx"), table, ["changed_xid"], unique=False)
    for table in NAMED:
        op.add_column(table, sa.Column("named_xid", Xid8(), nullable=True))
    op.create_index(
        "subjects_named_idx",
        "subjects",
        ["named_xid"],
        unique=False,
        postgresql_where=sa.text("named_xid IS NOT NULL"),
    )
    op.add_column(
        "access_log",
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    op.create_table(
        "dataset_departures",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", postgresql.ARRAY(sa.TEXT()), nullable=False),
        sa.Column("left_xid", Xid8(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "id", name=op.f("dataset_departures_pkey")),
    )
    op.create_index(
        op.f("dataset_departures_dataset_left_xid_idx"),
        "dataset_departures",
        ["dataset", "left_xid"],
        unique=False,
    )
    run_script("0004_datasets.sql")
