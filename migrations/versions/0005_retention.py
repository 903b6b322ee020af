"""Retention: legal holds, runs and their items, and what goes with a record (X4)."""

import json
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


HERE = Path(__file__).resolve().parents[1]


def changed_xid() -> sa.Column[int]:
    return sa.Column(
        "changed_xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False
    )


def upgrade() -> None:
    create_legal_holds()
    load_life_cycle()
    create_retention_runs()
    create_retention_items()
    load_retained_content()
    for table in ("legal_holds", "retention_runs", "retention_items"):
        op.create_index(op.f(f"{table}_changed_xid_idx"), table, ["changed_xid"], unique=False)
    run_script("0005_retention.sql")


def create_legal_holds() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("record_class", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        changed_xid(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "subject_id IS NULL OR record_class IS NULL",
            name=op.f("legal_holds_one_scope_check"),
        ),
        sa.CheckConstraint(
            "num_nulls(lifted_at, lifted_by, lift_reason) IN (0, 3)",
            name=op.f("legal_holds_lifted_why_check"),
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by"], ["workers.code"], name=op.f("legal_holds_lifted_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["placed_by"], ["workers.code"], name=op.f("legal_holds_placed_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("legal_holds_subject_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("legal_holds_pkey")),
    )
    op.create_index(
        "legal_holds_standing_idx",
        "legal_holds",
        ["id"],
        unique=False,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_index(op.f("legal_holds_subject_id_idx"), "legal_holds", ["subject_id"], unique=False)


def create_retention_runs() -> None:
    op.create_table(
        "retention_runs",
        sa.Column("as_at", sa.Date(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("items_hash", sa.Text(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'retention_run'::text", persisted=True),
            nullable=False,
        ),
        changed_xid(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "approved_by <> proposed_by", name=op.f("retention_runs_second_person_check")
        ),
        sa.CheckConstraint(
            "num_nulls(approved_at, approved_by) IN (0, 2)",
            name=op.f("retention_runs_approved_by_whom_check"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'executed') OR approved_at IS NOT NULL",
            name=op.f("retention_runs_approved_first_check"),
        ),
        sa.CheckConstraint(
            "num_nulls(cancelled_at, cancelled_by, cancel_reason) IN (0, 3)"
            " AND (state = 'cancelled') = (cancelled_at IS NOT NULL)",
            name=op.f("retention_runs_cancelled_why_check"),
        ),
        sa.CheckConstraint(
            "(state = 'executed') = (executed_at IS NOT NULL)",
            name=op.f("retention_runs_executed_when_check"),
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
            name=op.f("retention_runs_policy_version_fkey"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["workers.code"], name=op.f(f"retention_runs_{column}_fkey")
            )
            for column in ("proposed_by", "approved_by", "cancelled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("retention_runs_pkey")),
    )


def create_retention_items() -> None:
    op.create_table(
        "retention_items",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("record_class", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("observation_id", sa.Uuid(), nullable=True),
        sa.Column("month", sa.Date(), nullable=True),
        sa.Column("kept_until", sa.Date(), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        changed_xid(),
        sa.CheckConstraint(
            "num_nonnulls(subject_id, observation_id, month) = 1",
            name=op.f("retention_items_one_record_check"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (settled_at IS NULL)",
            name=op.f("retention_items_settled_when_check"),
        ),
        sa.ForeignKeyConstraint(
            ["observation_id"],
            ["practice_observations.id"],
            name=op.f("retention_items_observation_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["retention_runs.id"], name=op.f("retention_items_run_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("retention_items_subject_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("retention_items_pkey")),
    )
    op.create_index(
        "retention_items_one_waiting",
        "retention_items",
        ["record_class", "subject_id", "observation_id", "month"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_index(
        op.f("retention_items_run_id_id_idx"), "retention_items", ["run_id", "id"], unique=False
    )
    for column in ("subject_id", "observation_id"):
        op.create_index(
            op.f(f"retention_items_{column}_idx"), "retention_items", [column], unique=False
        )


def load_life_cycle() -> None:
    """The rules' table of a run's steps, and who may ask for them, as of this revision."""
    transitions = sa.table(
        "allowed_transitions",
        *(sa.column(name) for name in ("aggregate", "from_state", "to_state")),
    )
    steps = {
        ("new", "proposed"): None,
        ("proposed", "approved"): "approve",
        ("proposed", "cancelled"): "cancel",
        ("approved", "cancelled"): "cancel",
        ("approved", "executed"): None,
    }
    op.bulk_insert(
        transitions,
        [{"aggregate": "retention_run", "from_state": left, "to_state": to} for left, to in steps],
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
                "aggregate": "retention_run",
                "action": action,
                "from_state": left,
                "to_state": to,
                "roles": ["quality_standards"],
            }
            for (left, to), action in steps.items()
            if action is not None
        ],
    )


def load_retained_content() -> None:
    """What goes with a record, column by column, as of this revision."""
    content = op.create_table(
        "retained_content",
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("table_name", "column_name", "content_of", "found_by", "treatment")
        ),
        sa.CheckConstraint(
            "content_of IN ('subject', 'practice_observation')",
            name=op.f("retained_content_content_of_check"),
        ),
        sa.CheckConstraint(
            "treatment IN ('mark', 'clear', 'empty', 'name', 'observation')",
            name=op.f("retained_content_treatment_check"),
        ),
        sa.PrimaryKeyConstraint("table_name", "column_name", name=op.f("retained_content_pkey")),
    )
    rows = json.loads((HERE / "data" / "0005_retained_content.json").read_text())
    op.bulk_insert(content, [dict(zip(content.c.keys(), row, strict=True)) for row in rows])
