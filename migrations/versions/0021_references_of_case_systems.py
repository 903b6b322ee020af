"""What case systems call workers and teams, and what nobody has claimed yet (The directory)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CLAIMED = "worker IS NOT NULL OR team IS NOT NULL"
UNCLAIMED = "worker IS NULL AND team IS NULL"
WAITING = "reported_team IS NOT NULL OR reported_worker IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "case_system_references",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("first_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'worker' AND team IS NULL) OR (kind = 'team' AND worker IS NULL)",
            name=op.f("case_system_references_kind_check"),
        ),
        sa.ForeignKeyConstraint(
            ["system"],
            ["case_systems.code"],
            name=op.f("case_system_references_system_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["team"], ["teams.code"], name=op.f("case_system_references_team_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["worker"], ["workers.code"], name=op.f("case_system_references_worker_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("case_system_references_pkey")),
        postgresql.ExcludeConstraint(
            (sa.column("system"), "="),
            (sa.column("kind"), "="),
            (sa.column("folded"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            where=sa.text(CLAIMED),
            name="case_system_references_one_at_a_time",
        ),
    )
    for column in ("folded", "team", "worker"):
        op.create_index(
            op.f(f"case_system_references_{column}_idx"), "case_system_references", [column]
        )
    op.create_index(
        "case_system_references_unclaimed_idx",
        "case_system_references",
        ["system", "kind", "folded"],
        unique=True,
        postgresql_where=sa.text(UNCLAIMED),
    )
    op.create_index(
        "subjects_waiting_idx",
        "subjects",
        ["reported_team", "reported_worker"],
        postgresql_where=sa.text(WAITING),
    )
    # An entry's references are replaced with it, and what was claimed leaves the list.
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON case_system_references TO qa_app")
    op.execute("GRANT SELECT ON case_system_references TO qa_read, qa_backup")
    op.execute(_LIST_WHAT_WAITS)


# Codes that events named and the directory does not know are waited for already. Under FORCE an
# owner sees no subject before it says that it is the service.
_LIST_WHAT_WAITS = """
DO $$
BEGIN
    PERFORM set_config('qa.reach', 'service', true);
    INSERT INTO case_system_references
        (id, system, kind, reference, folded, valid, first_told_at, version)
    SELECT gen_random_uuid(), told.system, told.kind, min(told.reference), told.folded,
           daterange(NULL, NULL), min(told.at), 1
    FROM (
        SELECT system, 'team' AS kind, reported_team AS reference,
               lower(btrim(reported_team)) AS folded, allocated_at AS at
        FROM subjects WHERE reported_team IS NOT NULL
        UNION ALL
        SELECT system, 'worker', reported_worker, lower(btrim(reported_worker)), allocated_at
        FROM subjects WHERE reported_worker IS NOT NULL
    ) told
    WHERE NOT EXISTS (SELECT FROM teams t WHERE told.kind = 'team' AND t.code = told.folded)
      AND NOT EXISTS (SELECT FROM workers w WHERE told.kind = 'worker' AND w.code = told.folded)
    GROUP BY told.system, told.kind, told.folded;
    PERFORM set_config('qa.reach', '', true);
END $$
"""
