"""A notification whose message was skipped says so, also where that was before it could."""

from collections.abc import Sequence

from alembic import op

revision: str = "0052"
down_revision: str | None = "0051"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SELECT set_config('qa.reach', 'service', true)")
    # The schedule ends after ten attempts: what was tried so often was given up before the skip.
    op.execute(
        """
        UPDATE notifications n SET undeliverable_reason = 'skipped'
        WHERE n.state = 'undeliverable' AND n.undeliverable_reason = 'exhausted' AND EXISTS (
            SELECT FROM deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
            WHERE d.event_id = n.event_id AND d.state = 'skipped' AND e.system IS NOT NULL
            AND d.attempts < 10)
        """
    )
    op.execute("SELECT set_config('qa.reach', '', true)")
