"""When audits fall due: panel dates and what they were, intervals, and who may start a type."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


HERE = Path(__file__).resolve().parents[1]


def changed_xid() -> sa.Column[int]:
    return sa.Column(
        "changed_xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False
    )


def upgrade() -> None:
    op.add_column("subjects", sa.Column("approval_ended_on", sa.Date(), nullable=True))
    op.add_column(
        "audit_types",
        sa.Column("may_start", sa.Text(), server_default="team_manager", nullable=False),
    )
    create_panel_date_changes()
    create_audit_intervals()
    create_audit_due_dates()
    run_script("0002_due_audits.sql")


def create_panel_date_changes() -> None:
    op.create_table(
        "panel_date_changes",
        sa.Column("first_panel_on", sa.Date(), nullable=False),
        sa.Column("approval_ended_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        changed_xid(),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["workers.code"], name=op.f("panel_date_changes_replaced_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("panel_date_changes_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["team"], ["teams.code"], name=op.f("panel_date_changes_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("panel_date_changes_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("panel_date_changes_pkey")),
    )
    for column in ("subject_id", "changed_xid"):
        op.create_index(
            op.f(f"panel_date_changes_{column}_idx"), "panel_date_changes", [column], unique=False
        )


def create_audit_intervals() -> None:
    op.create_table(
        "audit_intervals",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("every_months", sa.Integer(), nullable=False),
        sa.Column("audits_each_time", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        changed_xid(),
        sa.Column("version", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("type"), "="),
            (sa.column("team"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="audit_intervals_one_at_a_time",
        ),
        sa.CheckConstraint(
            "every_months BETWEEN 1 AND 120", name=op.f("audit_intervals_every_months_check")
        ),
        sa.CheckConstraint(
            "audits_each_time BETWEEN 1 AND 50", name=op.f("audit_intervals_audits_each_time_check")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["workers.code"], name=op.f("audit_intervals_ended_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["workers.code"], name=op.f("audit_intervals_set_by_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("audit_intervals_team_fkey")),
        sa.ForeignKeyConstraint(
            ["type"], ["audit_types.code"], name=op.f("audit_intervals_type_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_intervals_pkey")),
    )
    for column in ("team", "changed_xid"):
        op.create_index(
            op.f(f"audit_intervals_{column}_idx"), "audit_intervals", [column], unique=False
        )


def create_audit_due_dates() -> None:
    op.create_table(
        "audit_due_dates",
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("owed_team", sa.Text(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        changed_xid(),
        sa.CheckConstraint(
            "(subject_id IS NULL) <> (owed_team IS NULL)",
            name=op.f("audit_due_dates_owed_by_one_check"),
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"],
            ["audits.id"],
            name=op.f("audit_due_dates_audit_id_fkey"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["owed_team"], ["teams.code"], name=op.f("audit_due_dates_owed_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_versions.version"],
            name=op.f("audit_due_dates_policy_version_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.id"], name=op.f("audit_due_dates_subject_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["type"], ["audit_types.code"], name=op.f("audit_due_dates_type_fkey")
        ),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("audit_due_dates_pkey")),
    )
    op.create_index(
        op.f("audit_due_dates_changed_xid_idx"), "audit_due_dates", ["changed_xid"], unique=False
    )
    op.create_index(
        "audit_due_dates_one_of_household",
        "audit_due_dates",
        ["subject_id", "type", "due_on"],
        unique=True,
        postgresql_where=sa.text("stands AND subject_id IS NOT NULL"),
    )
    op.create_index(
        "audit_due_dates_one_of_team",
        "audit_due_dates",
        ["owed_team", "type", "due_on", "number"],
        unique=True,
        postgresql_where=sa.text("stands AND owed_team IS NOT NULL"),
    )
