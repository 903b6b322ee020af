"""What a download holds stands for a day, so that a cut file is noticed (X1)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script

revision: str = "0102"
down_revision: str | None = "0101"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "dataset_downloads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("begun_at", at, nullable=False),
        sa.Column("finished_at", at, nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("dataset_downloads_pkey")),
        sa.CheckConstraint(
            "num_nulls(finished_at, rows, bytes, sha256) IN (0, 4)",
            name=op.f("dataset_downloads_finished_check"),
        ),
        sa.CheckConstraint(
            "begun_at <= finished_at + interval '1 minute'",
            name=op.f("dataset_downloads_finished_at_in_order_check"),
        ),
        sa.CheckConstraint(
            "rows >= 0 AND bytes >= 0 AND sha256 ~ '^[0-9a-f]{64}$'",
            name=op.f("dataset_downloads_counted_check"),
        ),
    )
    op.create_index(
        op.f("dataset_downloads_begun_at_idx"), "dataset_downloads", ["begun_at"], unique=False
    )
    run_script("0102_downloads.sql")
