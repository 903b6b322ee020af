"""Each refused message is told of by itself; a notification says that its message was skipped."""

from collections.abc import Sequence

from alembic import op

revision: str = "0041"
down_revision: str | None = "0040"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REASON = "notifications_undeliverable_reason_check"


def upgrade() -> None:
    op.execute(
        f"-- squawk-ignore ban-drop-constraint\nALTER TABLE notifications DROP CONSTRAINT {REASON}"
    )
    op.execute(
        f"ALTER TABLE notifications ADD CONSTRAINT {REASON} CHECK (undeliverable_reason IN"
        " ('no_allocated_worker', 'worker_left', 'restricted', 'refused', 'exhausted', 'skipped'))"
        " NOT VALID"
    )
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE notifications VALIDATE CONSTRAINT {REASON}"
    )
    tell_of_each()


def tell_of_each() -> None:
    """What was told of an endpoint and day was told of the first message refused on it.

    Of the others nobody was told: of those that were not sent once more somebody is told now.
    """
    op.execute("SELECT set_config('qa.reach', 'service', true)")
    op.execute(
        """
        UPDATE alerts a SET occasion = 'once', about_id = (
            SELECT d.id FROM deliveries d
            WHERE d.endpoint_id = a.about_id AND d.state = 'refused' AND d.lane <> 'test'
            AND a.occasion IN (d.id::text,
                (d.settled_at AT TIME ZONE 'Europe/London')::date::text)
            ORDER BY d.settled_at, d.id LIMIT 1)
        WHERE a.kind = 'webhook_message_refused' AND EXISTS (
            SELECT FROM deliveries d
            WHERE d.endpoint_id = a.about_id AND d.state = 'refused' AND d.lane <> 'test'
            AND a.occasion IN (d.id::text,
                (d.settled_at AT TIME ZONE 'Europe/London')::date::text))
        """
    )
    op.execute(
        """
        INSERT INTO alerts (id, kind, about_id, occasion, recipient_role, recipient, at, restricted)
        SELECT gen_random_uuid(), 'webhook_message_refused', d.id, 'once', 'administrator',
               'administrator', d.settled_at, false
        FROM deliveries d
        WHERE d.state = 'refused' AND d.lane <> 'test' AND d.replayed_as IS NULL
        ON CONFLICT DO NOTHING
        """
    )
    op.execute(
        "UPDATE alerts SET over_at = at WHERE kind = 'webhook_message_refused'"
        " AND over_at IS NULL AND occasion <> 'once'"
    )
    op.execute("SELECT set_config('qa.reach', '', true)")
