"""A report of the Board carries who of the open children was looked at (R4.4.4, R4.7.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0129"
down_revision: str | None = "0128"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "board_caseloads",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("caseload_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["caseload_id"], ["caseloads.id"], name=op.f("board_caseloads_caseload_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["board_reports.id"], name=op.f("board_caseloads_report_id_fkey")
        ),
        sa.PrimaryKeyConstraint("report_id", "caseload_id", name=op.f("board_caseloads_pkey")),
    )
    op.create_index(op.f("board_caseloads_caseload_id_idx"), "board_caseloads", ["caseload_id"])
    op.create_table(
        "board_coverages",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("audited_from", sa.Date(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("children", sa.Integer(), nullable=True),
        sa.Column("audited", sa.Integer(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("enough", sa.Boolean(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("changed_xid", Xid8(), server_default=sa.text("stamp()"), nullable=False),
        sa.CheckConstraint(
            "num_nulls(children, audited, enough) IN (0, 3)",
            name=op.f("board_coverages_shown_or_withheld_check"),
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["board_reports.id"], name=op.f("board_coverages_report_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("board_coverages_pkey")),
    )
    for column in ("report_id", "changed_xid"):
        op.create_index(op.f(f"board_coverages_{column}_idx"), "board_coverages", [column])
    run_script("0129_coverage_in_reports.sql")
