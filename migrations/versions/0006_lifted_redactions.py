"""Redactions can be lifted, with who and why; of one text at most one stands (R4.1.7)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "redactions", sa.Column("version", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column("redactions", sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("redactions", sa.Column("lifted_by", sa.Uuid(), nullable=True))
    op.add_column("redactions", sa.Column("lift_reason", sa.Text(), nullable=True))
    hold_what_is_lifted()
    # The code before this revision redacts a text once, and still does: of what it writes, all
    # stands. What is held changes shape and loses nothing.
    op.create_index(
        "redactions_one_standing",
        "redactions",
        ["subject_id", "path"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.execute(
        "-- squawk-ignore ban-drop-constraint\n"
        "ALTER TABLE redactions DROP CONSTRAINT redactions_subject_id_path_key"
    )
    op.execute(
        "INSERT INTO retained_content VALUES"
        " ('redactions', 'lift_reason', 'subject', 'subject_id', 'mark')"
    )


def hold_what_is_lifted() -> None:
    """A handful of rows in any authority: looking at each of them under lock takes no time."""
    for name, constraint in (
        ("redactions_lifted_by_fkey", "FOREIGN KEY (lifted_by) REFERENCES principals (id)"),
        (
            "redactions_lifted_why_check",
            "CHECK (num_nulls(lifted_at, lifted_by, lift_reason) IN (0, 3))",
        ),
    ):
        op.execute(f"ALTER TABLE redactions ADD CONSTRAINT {name} {constraint} NOT VALID")
        op.execute(
            "-- squawk-ignore constraint-missing-not-valid\n"
            f"ALTER TABLE redactions VALIDATE CONSTRAINT {name}"
        )
