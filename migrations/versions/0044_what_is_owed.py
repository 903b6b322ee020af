"""What services and teams owe about a quarter that is over, for the lists of who must give it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0044"
down_revision: str | None = "0043"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OWED = {"awaited_updates": ("service", "services"), "awaited_highlights": ("team", "teams")}

# As in 0030; a role over a service names it.
ROLE_HOLDERS = """
CREATE OR REPLACE VIEW role_holders AS
SELECT p.worker, p.id AS principal_id, a.role, coalesce(a.team, b.team) AS team,
       EXISTS (SELECT FROM absences x WHERE x.worker = w.code AND x.valid @> qa_today()) AS away,
       a.service
FROM principals p
JOIN workers w ON w.code = p.worker
JOIN role_assignments a ON a.principal_id = p.id
LEFT JOIN team_services b ON b.service = a.service AND b.valid @> qa_today()
WHERE p.disabled_at IS NULL AND a.valid @> qa_today()
  AND (w.starts_on IS NULL OR w.starts_on <= qa_today())
  AND (w.leaves_on IS NULL OR w.leaves_on >= qa_today())
  AND NOT (a.scope <> 'authority'
           AND qa_left_post(w.code, a.team, a.service, lower(a.valid), qa_today()))
"""


def upgrade() -> None:
    for name, (column, of) in OWED.items():
        op.create_table(
            name,
            sa.Column(column, sa.Text(), nullable=False),
            sa.Column("quarter", sa.Text(), nullable=False),
            sa.Column("due_on", sa.Date(), nullable=True),
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.ForeignKeyConstraint([column], [f"{of}.code"], name=op.f(f"{name}_{column}_fkey")),
            sa.PrimaryKeyConstraint("id", name=op.f(f"{name}_pkey")),
            sa.UniqueConstraint(column, "quarter", name=op.f(f"{name}_{column}_quarter_key")),
        )
        # Counted from what was recorded, and counted again: nothing is lost with it.
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO qa_app")
        op.execute(f"GRANT SELECT ON {name} TO qa_read, qa_backup")
    op.execute(ROLE_HOLDERS)
    # Where nobody heads a service, Quality & Standards speak for it.
    op.execute(
        "UPDATE allowed_actions SET roles = roles || ARRAY['quality_standards']"
        " WHERE aggregate = 'qa_update' AND action IN ('edit', 'submit')"
    )
