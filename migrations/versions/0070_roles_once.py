"""A role is held once over the same days, over the same; what was held twice becomes one.

Two rows of one role over days that overlap gave no more than one of them. The first stays, over the
days of both; the event log has what was given when.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0070"
down_revision: str | None = "0069"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ONCE = """
WITH held AS (
    SELECT r.id, whole.valid,
           row_number() OVER same AS turn,
           count(*) OVER (PARTITION BY r.principal_id, r.role, r.service, r.team, whole.valid)
               AS times
    FROM role_assignments r
    JOIN (SELECT principal_id, role, service, team, unnest(range_agg(valid)) AS valid
          FROM role_assignments GROUP BY principal_id, role, service, team) whole
    ON whole.principal_id = r.principal_id AND whole.role = r.role
    AND whole.service IS NOT DISTINCT FROM r.service AND whole.team IS NOT DISTINCT FROM r.team
    AND whole.valid && r.valid
    WHERE EXISTS (SELECT FROM role_assignments other
                  WHERE other.id <> r.id AND other.principal_id = r.principal_id
                  AND other.role = r.role AND other.service IS NOT DISTINCT FROM r.service
                  AND other.team IS NOT DISTINCT FROM r.team AND other.valid && r.valid)
    WINDOW same AS (PARTITION BY r.principal_id, r.role, r.service, r.team, whole.valid
                    ORDER BY lower(r.valid) NULLS FIRST, r.id)
),
gone AS (DELETE FROM role_assignments r USING held h WHERE h.id = r.id AND h.turn > 1)
UPDATE role_assignments r SET valid = h.valid, version = r.version + 1
FROM held h WHERE h.id = r.id AND h.turn = 1 AND h.times > 1
"""
ONE_AT_A_TIME = """
ALTER TABLE role_assignments ADD CONSTRAINT role_assignments_one_at_a_time EXCLUDE USING gist (
    principal_id WITH =, role WITH =, (coalesce(service, team, '')) WITH =, valid WITH &&
)
"""


def upgrade() -> None:
    op.execute(ONCE)
    op.execute(ONE_AT_A_TIME)
