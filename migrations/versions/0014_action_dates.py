"""Former dates of actions stay, drafts and overrides can be put right (R4.2.6, C5)."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HERE = Path(__file__).resolve().parents[1]
_LEADS = ["head_of_service", "quality_standards", "team_manager"]
_WORKER_AND_LEADS = ["head_of_service", "quality_standards", "team_manager", "worker"]
WITHDRAWN = ("override_withdrawn_by", "override_withdrawn_at", "override_withdrawal_reason")
TRANSITIONS = (
    ("closure_gate", "overridden", "actions_outstanding"),
    ("closure_gate", "overridden", "awaiting_audit"),
    ("closure_gate", "overridden", "clear"),
    ("closure_gate", "overridden", "exempt"),
    ("restorative_action", "verified", "verified"),
    ("restorative_action", "done", "done"),
)
STEPS = (
    ("audit", "correct_action", "in_progress", "in_progress", ["auditor"]),
    ("audit", "take_out_action", "in_progress", "in_progress", ["auditor"]),
    ("restorative_action", "correct_done", "done", "done", _WORKER_AND_LEADS),
    ("restorative_action", "correct_done", "verified", "verified", _WORKER_AND_LEADS),
    ("closure_gate", "withdraw_override", "awaiting_audit", "awaiting_audit", _LEADS),
    ("closure_gate", "withdraw_override", "actions_outstanding", "actions_outstanding", _LEADS),
    ("closure_gate", "withdraw_override", "overridden", "awaiting_audit", _LEADS),
)


def upgrade() -> None:
    op.create_table(
        "action_date_changes",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("which", sa.Text(), nullable=False),
        sa.Column("was", sa.Date(), nullable=False),
        sa.Column("became", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "which IN ('finish_on', 'done_on')", name=op.f("action_date_changes_which_check")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [refers_to], name=op.f(f"action_date_changes_{column}_fkey")
            )
            for column, refers_to in (
                ("action_id", "restorative_actions.id"),
                ("changed_by", "workers.code"),
                ("subject_id", "subjects.id"),
                ("team", "teams.code"),
                ("worker", "workers.code"),
            )
        ),
        sa.PrimaryKeyConstraint("action_id", "number", name=op.f("action_date_changes_pkey")),
    )
    op.create_index(
        op.f("action_date_changes_subject_id_idx"), "action_date_changes", ["subject_id"]
    )
    for column in ("first_promised_on", "missed_on"):
        op.add_column("restorative_actions", sa.Column(column, sa.Date(), nullable=True))
    op.add_column("closure_gates", sa.Column("override_withdrawn_by", sa.Uuid(), nullable=True))
    op.add_column(
        "closure_gates",
        sa.Column("override_withdrawn_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column(
        "closure_gates", sa.Column("override_withdrawal_reason", sa.Text(), nullable=True)
    )
    for table, name, constraint in (
        (
            "restorative_actions",
            "promised_first_check",
            "CHECK (first_promised_on IS NULL OR due_on IS NOT NULL)",
        ),
        (
            "closure_gates",
            "withdrawn_why_check",
            f"CHECK (num_nulls({', '.join(WITHDRAWN)}) IN (0, 3))",
        ),
        (
            "closure_gates",
            "override_withdrawn_by_fkey",
            "FOREIGN KEY (override_withdrawn_by) REFERENCES principals (id)",
        ),
    ):
        # All of it is empty: looking at each row takes no time.
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name} {constraint} NOT VALID")
        op.execute(
            "-- squawk-ignore constraint-missing-not-valid\n"
            f"ALTER TABLE {table} VALIDATE CONSTRAINT {table}_{name}"
        )
    load_life_cycles()
    op.execute(
        "INSERT INTO retained_content VALUES"
        " ('action_date_changes', 'reason', 'subject', 'subject_id', 'mark'),"
        " ('closure_gates', 'override_withdrawal_reason', 'subject', 'subject_id', 'mark')"
    )
    run_script("0014_action_dates.sql")


def load_life_cycles() -> None:
    """The steps that are new in the rules' table, as of this revision."""
    transitions = sa.table(
        "allowed_transitions",
        *(sa.column(name) for name in ("aggregate", "from_state", "to_state")),
    )
    rows = [dict(zip(transitions.c.keys(), row, strict=True)) for row in TRANSITIONS]
    op.execute(postgresql.insert(transitions).values(rows).on_conflict_do_nothing())
    actions = sa.table(
        "allowed_actions",
        *(sa.column(name) for name in ("aggregate", "action", "from_state", "to_state")),
        sa.column("roles", postgresql.ARRAY(sa.Text())),
    )
    op.bulk_insert(actions, [dict(zip(actions.c.keys(), row, strict=True)) for row in STEPS])
