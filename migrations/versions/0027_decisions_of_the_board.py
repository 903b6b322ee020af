"""A decision of the Board is done, by whom and how; until then its owner has it in their work."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "board_decisions", sa.Column("version", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column(
        "board_decisions", sa.Column("done_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("board_decisions", sa.Column("done_by", sa.Text(), nullable=True))
    op.add_column("board_decisions", sa.Column("done_how", sa.Text(), nullable=True))
    for name, constraint in (
        ("done_by_fkey", "FOREIGN KEY (done_by) REFERENCES workers (code)"),
        ("done_how_check", "CHECK (num_nulls(done_at, done_how) IN (0, 2))"),
    ):
        op.execute(
            f"ALTER TABLE board_decisions ADD CONSTRAINT board_decisions_{name} {constraint}"
            " NOT VALID"
        )
        op.execute(
            "-- squawk-ignore constraint-missing-not-valid\n"
            f"ALTER TABLE board_decisions VALIDATE CONSTRAINT board_decisions_{name}"
        )
    op.create_index(
        "board_decisions_open_idx",
        "board_decisions",
        ["owner"],
        postgresql_where=sa.text("done_at IS NULL"),
    )
