"""A delivery has a life cycle, a version and, beside the service's, the database's clock (ADR 5).

What waited because it had been told by hand is settled; everything else that waits is tried at
once, whatever clock said when it was due.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AGGREGATE = "webhook_delivery"
SETTLED = ("delivered", "refused", "parked", "skipped", "told_by_hand")
STEPS = {
    ("new", "waiting"): None,
    ("waiting", "waiting"): "send_now",
    ("waiting", "delivered"): None,
    ("waiting", "refused"): None,
    ("waiting", "parked"): None,
    ("waiting", "told_by_hand"): None,
    ("parked", "told_by_hand"): None,
    ("waiting", "skipped"): "skip",
    **{(state, state): "replay" for state in SETTLED},
}
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    load_life_cycle()
    add_columns()
    settle_what_was()
    hold_the_life_cycle()
    for name in ("waiting", "due"):
        # Dropping it takes a moment; the rows stand still for the rest of this migration anyway.
        op.execute(
            f"-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX deliveries_{name}_idx"
        )
    op.create_index(
        "deliveries_waiting_idx",
        "deliveries",
        ["endpoint_id", "lane", "case_key", "position"],
        postgresql_where=WAITING,
    )
    op.create_index("deliveries_due_idx", "deliveries", ["due_at"], postgresql_where=WAITING)
    # What became of an endpoint's deliveries since some attempt, and what did not go through.
    op.create_index(
        "deliveries_attempted_idx", "deliveries", ["endpoint_id", "state", "attempted_at"]
    )
    # Tests of endpoints wait for nothing else.
    op.execute(
        "-- squawk-ignore ban-drop-constraint\n"
        "ALTER TABLE deliveries DROP CONSTRAINT deliveries_lane_check"
    )
    op.execute(
        "ALTER TABLE deliveries ADD CONSTRAINT deliveries_lane_check"
        " CHECK (lane IN ('escalation', 'ordinary', 'test')) NOT VALID"
    )
    validate("deliveries_lane_check")


def validate(constraint: str) -> None:
    """Also what is there; all of it has just been written anew, and is locked already."""
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        f"ALTER TABLE deliveries VALIDATE CONSTRAINT {constraint}"
    )


def load_life_cycle() -> None:
    """The rules' table of a delivery's steps, and who may ask for them, as of this revision."""
    transitions = sa.table(
        "allowed_transitions",
        *(sa.column(name) for name in ("aggregate", "from_state", "to_state")),
    )
    op.bulk_insert(
        transitions,
        [{"aggregate": AGGREGATE, "from_state": left, "to_state": to} for left, to in STEPS],
    )
    actions = sa.table(
        "allowed_actions",
        *(sa.column(name) for name in ("aggregate", "action", "from_state", "to_state")),
        sa.column("roles", postgresql.ARRAY(sa.Text())),
    )
    op.bulk_insert(
        actions,
        [
            {
                "aggregate": AGGREGATE,
                "action": action,
                "from_state": left,
                "to_state": to,
                "roles": ["administrator"],
            }
            for (left, to), action in STEPS.items()
            if action is not None
        ],
    )


def add_columns() -> None:
    for column in (
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alone_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replayed_as", sa.Uuid(), nullable=True),
    ):
        op.add_column("deliveries", column)
    # It writes the table anew, as the next step does.
    op.execute(
        "-- squawk-ignore adding-field-with-default\n"
        f"ALTER TABLE deliveries ADD COLUMN aggregate text NOT NULL"
        f" GENERATED ALWAYS AS ('{AGGREGATE}'::text) STORED"
    )


def settle_what_was() -> None:
    op.execute(
        "UPDATE deliveries SET state = 'delivered', left_state = 'waiting',"
        " settled_at = delivered_at, attempted_at = delivered_at WHERE delivered_at IS NOT NULL"
    )
    op.execute(
        "UPDATE deliveries d SET due_at = least(d.due_at, clock_timestamp()),"
        " attempted_at = a.last, failing_since = a.first FROM deliveries w"
        " LEFT JOIN LATERAL (SELECT min(at) AS first, max(at) AS last FROM delivery_attempts"
        " WHERE delivery_id = w.id) a ON true WHERE w.id = d.id AND d.state = 'waiting'"
    )
    op.execute("SELECT set_config('qa.reach', 'service', true)")
    op.execute(
        "UPDATE deliveries d SET state = 'told_by_hand', left_state = 'waiting',"
        " settled_at = n.notified_at FROM notifications n, webhook_endpoints e"
        " WHERE n.event_id = d.event_id AND n.delivered_by IS NOT NULL AND d.state = 'waiting'"
        " AND e.id = d.endpoint_id AND e.system IS NOT NULL"
    )


def hold_the_life_cycle() -> None:
    for name, key in {
        "life_cycle": "(aggregate, left_state, state) REFERENCES allowed_transitions"
        " (aggregate, from_state, to_state)",
        "deliveries_replayed_as_fkey": "(replayed_as) REFERENCES deliveries (id)",
    }.items():
        op.execute(f"ALTER TABLE deliveries ADD CONSTRAINT {name} FOREIGN KEY {key} NOT VALID")
        validate(name)
    op.execute(
        "CREATE TRIGGER keep_left_state BEFORE UPDATE OF state ON deliveries FOR EACH ROW"
        " WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION keep_left_state()"
    )
    # A worker of the release before this one, still running, knows of no states.
    op.execute(
        "CREATE FUNCTION settle_delivered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " NEW.state := 'delivered'; NEW.left_state := OLD.state;"
        " NEW.settled_at := NEW.delivered_at; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER settle_delivered BEFORE UPDATE OF delivered_at ON deliveries FOR EACH ROW"
        " WHEN (NEW.delivered_at IS NOT NULL AND NEW.state = 'waiting')"
        " EXECUTE FUNCTION settle_delivered()"
    )
