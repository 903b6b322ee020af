"""In which place whoever acknowledged an escalation stood (R4.3.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("escalation_recipients", sa.Column("acknowledged_as", sa.Text(), nullable=True))
    name = "escalation_recipients_acknowledged_as_check"
    places = "'team_manager', 'deputy', 'head_of_service', 'quality_standards'"
    # The column is empty: looking at each row takes no time.
    op.execute(
        f"ALTER TABLE escalation_recipients ADD CONSTRAINT {name}"
        f" CHECK (acknowledged_as IN ({places})) NOT VALID"
    )
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE escalation_recipients VALIDATE CONSTRAINT {name}"
    )
    # Of what was acknowledged before, the place is the post that they held on that day.
    op.execute("SELECT set_config('qa.reach', 'service', true)")
    op.execute(
        """
        UPDATE escalation_recipients r SET acknowledged_as = coalesce(
            (SELECT CASE o.kind WHEN 'manager' THEN 'team_manager' WHEN 'deputy' THEN 'deputy'
                    ELSE 'head_of_service' END
             FROM posts o
             WHERE o.worker = r.acknowledged_by
             AND o.valid @> (r.acknowledged_at AT TIME ZONE 'Europe/London')::date
             AND (o.team = r.for_team OR o.service IN (
                 SELECT b.service FROM team_services b WHERE b.team = r.for_team
                 AND b.valid @> (r.acknowledged_at AT TIME ZONE 'Europe/London')::date))
             ORDER BY array_position(ARRAY['manager', 'deputy', 'head'], o.kind::text)
             LIMIT 1),
            'quality_standards')
        WHERE r.acknowledged_by IS NOT NULL
        """
    )
