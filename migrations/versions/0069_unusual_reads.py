"""Reads that are unusual are found day by day, and looked into (X3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0069"
down_revision: str | None = "0068"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    load_life_cycle()
    create_tables()
    create_unusual_reads()
    run_script("0069_unusual_reads.sql")


def load_life_cycle() -> None:
    """The rules' table of its steps, and who may ask for them, as of this revision."""
    transitions = sa.table(
        "allowed_transitions",
        *(sa.column(name) for name in ("aggregate", "from_state", "to_state")),
    )
    steps = (("new", "found"), ("found", "looked_into"))
    op.bulk_insert(
        transitions,
        [{"aggregate": "unusual_read", "from_state": left, "to_state": to} for left, to in steps],
    )
    actions = sa.table(
        "allowed_actions",
        *(sa.column(name) for name in ("aggregate", "action", "from_state", "to_state")),
        sa.column("roles", postgresql.ARRAY(sa.Text())),
    )
    op.bulk_insert(
        actions,
        [
            {
                "aggregate": "unusual_read",
                "action": "look_into",
                "from_state": "found",
                "to_state": "looked_into",
                "roles": ["quality_standards"],
            }
        ],
    )


def create_tables() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "days_of_reads",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("looked_through_at", at, nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("days_of_reads_pkey")),
    )
    op.create_table(
        "busiest_hours",
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("reader", "day", name=op.f("busiest_hours_pkey")),
    )


def create_unusual_reads() -> None:
    at, ids = sa.DateTime(timezone=True), postgresql.ARRAY(sa.Uuid())
    op.create_table(
        "unusual_reads",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("principal_ids", ids, nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("line_ids", ids, nullable=False),
        sa.Column("subject_ids", ids, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("explanation", postgresql.JSONB(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("looked_into_by", sa.Text(), nullable=True),
        sa.Column("looked_into_at", at, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'unusual_read'::text", persisted=True),
            nullable=False,
        ),
        sa.Column("changed_xid", Xid8(), server_default=sa.text("stamp()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "looked_into_by <> worker", name=op.f("unusual_reads_another_person_check")
        ),
        sa.CheckConstraint(
            "num_nulls(looked_into_at, looked_into_by, outcome) IN (0, 3)"
            " AND (state = 'looked_into') = (looked_into_at IS NOT NULL)",
            name=op.f("unusual_reads_looked_into_by_whom_check"),
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_versions.version"],
            name=op.f("unusual_reads_policy_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["system"], ["case_systems.code"], name=op.f("unusual_reads_system_fkey")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["workers.code"], name=op.f(f"unusual_reads_{column}_fkey")
            )
            for column in ("worker", "looked_into_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("unusual_reads_pkey")),
        sa.UniqueConstraint(
            "day", "reader", "rule", name=op.f("unusual_reads_day_reader_rule_key")
        ),
    )
    op.create_index(op.f("unusual_reads_changed_xid_idx"), "unusual_reads", ["changed_xid"])
    op.create_index(op.f("unusual_reads_worker_idx"), "unusual_reads", ["worker"])
    op.create_index(
        op.f("unusual_reads_reader_rule_day_idx"), "unusual_reads", ["reader", "rule", "day"]
    )
