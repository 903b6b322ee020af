"""Responding on the worker's behalf, or instead of them; who responded never reviews (R4.2.4)."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HERE = Path(__file__).resolve().parents[1]


def upgrade() -> None:
    for table, column in (
        ("audit_responses", sa.Column("handed_to", sa.Text(), nullable=True)),
        ("audit_responses", sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True)),
        ("audit_responses", sa.Column("handed_over_by", sa.Text(), nullable=True)),
        ("audit_responses", sa.Column("handed_over_because", sa.Text(), nullable=True)),
        (
            "response_rounds",
            sa.Column("on_behalf", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        ),
        ("response_rounds", sa.Column("on_behalf_of", sa.Text(), nullable=True)),
    ):
        op.add_column(table, column)
    for table, name, constraint in (
        ("audit_responses", "handed_to_fkey", "FOREIGN KEY (handed_to) REFERENCES workers (code)"),
        (
            "audit_responses",
            "handed_over_by_fkey",
            "FOREIGN KEY (handed_over_by) REFERENCES workers (code)",
        ),
        (
            "audit_responses",
            "handed_over_why_check",
            (
                "CHECK (num_nulls(handed_over_at, handed_over_by, handed_over_because) IN (0, 3)"
                " AND (handed_to IS NULL OR handed_over_at IS NOT NULL))"
            ),
        ),
        (
            "response_rounds",
            "on_behalf_of_fkey",
            "FOREIGN KEY (on_behalf_of) REFERENCES workers (code)",
        ),
        (
            "response_rounds",
            "reviewed_by_nobody_answered_for_check",
            "CHECK (reviewed_by <> on_behalf_of)",
        ),
        (
            "response_rounds",
            "for_whom_on_behalf_check",
            "CHECK (on_behalf OR on_behalf_of IS NULL)",
        ),
    ):
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name} {constraint} NOT VALID")
        op.execute(
            "-- squawk-ignore constraint-missing-not-valid\n"
            f"ALTER TABLE {table} VALIDATE CONSTRAINT {table}_{name}"
        )
    op.create_index("audit_responses_handed_to_idx", "audit_responses", ["handed_to"])
    run_script("0025_who_responds.sql")
