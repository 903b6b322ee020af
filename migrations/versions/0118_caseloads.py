"""Caseloads of case systems: the frame from which coverage is told and plans are drawn (§4.4)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script

revision: str = "0118"
down_revision: str | None = "0117"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    create_caseloads()
    create_children()
    create_uploads()
    create_lines()
    op.add_column("plan_case_lists", sa.Column("caseload_id", sa.Uuid(), nullable=True))
    op.create_index(
        op.f("plan_case_lists_caseload_id_idx"), "plan_case_lists", ["caseload_id"], unique=False
    )
    run_script("0118_caseloads.sql")


def create_caseloads() -> None:
    op.create_table(
        "caseloads",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=True),
        sa.Column("rows_hash", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("children > 0", name=op.f("caseloads_somebody_check")),
        sa.ForeignKeyConstraint(
            ["system"], ["case_systems.code"], name=op.f("caseloads_system_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["workers.code"], name=op.f("caseloads_taken_by_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("caseloads_pkey")),
        sa.UniqueConstraint("system", "taken_on", name=op.f("caseloads_system_taken_on_key")),
    )
    op.create_index(op.f("caseloads_taken_on_idx"), "caseloads", ["taken_on"], unique=False)


def create_children() -> None:
    op.create_table(
        "caseload_children",
        sa.Column("caseload_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("open_since", sa.Date(), nullable=True),
        sa.Column("strata", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("salt", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nulls(ref, team, status, strata, salt) IN (0, 5)",
            name=op.f("caseload_children_whole_or_gone_check"),
        ),
        sa.ForeignKeyConstraint(
            ["caseload_id"], ["caseloads.id"], name=op.f("caseload_children_caseload_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["system"], ["case_systems.code"], name=op.f("caseload_children_system_fkey")
        ),
        sa.ForeignKeyConstraint(["team"], ["teams.code"], name=op.f("caseload_children_team_fkey")),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("caseload_children_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("caseload_id", "digest", name=op.f("caseload_children_pkey")),
    )
    op.create_index(
        op.f("caseload_children_caseload_id_open_since_digest_idx"),
        "caseload_children",
        ["caseload_id", "open_since", "digest"],
        unique=False,
    )
    op.create_index(
        op.f("caseload_children_system_ref_idx"),
        "caseload_children",
        ["system", "ref"],
        unique=False,
    )


def create_uploads() -> None:
    op.create_table(
        "caseload_uploads",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("source_hash", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["system"], ["case_systems.code"], name=op.f("caseload_uploads_system_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("caseload_uploads_pkey")),
        sa.UniqueConstraint(
            "system",
            "taken_on",
            "source_hash",
            name=op.f("caseload_uploads_system_taken_on_source_hash_key"),
        ),
    )


def create_lines() -> None:
    op.create_table(
        "caseload_lines",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("open_since", sa.Date(), nullable=True),
        sa.Column("strata", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["caseload_uploads.id"], name=op.f("caseload_lines_upload_id_fkey")
        ),
        sa.PrimaryKeyConstraint("upload_id", "line", name=op.f("caseload_lines_pkey")),
    )
    op.create_index(
        op.f("caseload_lines_upload_id_ref_idx"),
        "caseload_lines",
        ["upload_id", "ref"],
        unique=False,
    )
