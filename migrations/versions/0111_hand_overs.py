"""Open work of somebody is handed to others in one step: proposed, then carried out."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script

revision: str = "0111"
down_revision: str | None = "0110"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AT = sa.DateTime(timezone=True)
WHO = ["team_manager", "head_of_service", "quality_standards"]


def upgrade() -> None:
    load_life_cycle()
    create_hand_overs()
    create_items()
    run_script("0111_hand_overs.sql")


def load_life_cycle() -> None:
    """The rules' table of its steps, and who may ask for them, as of this revision."""
    names = ("aggregate", "from_state", "to_state")
    transitions = sa.table("allowed_transitions", *(sa.column(name) for name in names))
    steps = (("new", "proposed"), ("proposed", "accepted"))
    op.bulk_insert(
        transitions,
        [{"aggregate": "hand_over", "from_state": left, "to_state": to} for left, to in steps],
    )
    actions = sa.table(
        "allowed_actions",
        *(sa.column(name) for name in (*names, "action")),
        sa.column("roles", postgresql.ARRAY(sa.Text())),
    )
    accept = {"aggregate": "hand_over", "action": "accept", "roles": WHO}
    op.bulk_insert(actions, [accept | {"from_state": "proposed", "to_state": "accepted"}])


def create_hand_overs() -> None:
    codes = postgresql.ARRAY(sa.Text())
    op.create_table(
        "hand_overs",
        sa.Column("from_worker", sa.Text(), nullable=False),
        sa.Column("to_workers", codes, nullable=False),
        sa.Column("kinds", codes, nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", AT, nullable=False),
        sa.Column("accepted_at", AT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'hand_over'::text", persisted=True),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "because IN ('leaves', 'away', 'other')", name=op.f("hand_overs_because_check")
        ),
        sa.CheckConstraint(
            "from_worker <> ALL (to_workers)", name=op.f("hand_overs_to_others_check")
        ),
        sa.CheckConstraint(
            "(state = 'accepted') = (accepted_at IS NOT NULL)",
            name=op.f("hand_overs_accepted_when_check"),
        ),
        sa.CheckConstraint(
            "proposed_at <= accepted_at + interval '1 minute'",
            name=op.f("hand_overs_accepted_at_in_order_check"),
        ),
        sa.ForeignKeyConstraint(
            ["aggregate", "left_state", "state"],
            [
                "allowed_transitions.aggregate",
                "allowed_transitions.from_state",
                "allowed_transitions.to_state",
            ],
            name="life_cycle",
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["workers.code"], name=op.f(f"hand_overs_{column}_fkey")
            )
            for column in ("from_worker", "proposed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("hand_overs_pkey")),
    )


def create_items() -> None:
    op.create_table(
        "hand_over_items",
        sa.Column("hand_over_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("goes_to", sa.Text(), nullable=True),
        sa.Column("stays_because", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("passed_over", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(goes_to IS NULL) = (stays_because IS NOT NULL)",
            name=op.f("hand_over_items_goes_or_stays_check"),
        ),
        sa.CheckConstraint(
            "stays_because IN ('follows_post', 'follows_case', 'others_do_it', 'not_yours_to_give',"
            " 'nobody_can')",
            name=op.f("hand_over_items_stays_because_check"),
        ),
        sa.ForeignKeyConstraint(
            ["hand_over_id"], ["hand_overs.id"], name=op.f("hand_over_items_hand_over_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["goes_to"], ["workers.code"], name=op.f("hand_over_items_goes_to_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("hand_over_items_pkey")),
        sa.UniqueConstraint(
            "hand_over_id", "position", name=op.f("hand_over_items_hand_over_id_position_key")
        ),
    )
