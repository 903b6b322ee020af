"""A hand-over tells of all that waits, of seals and of shared work; a proposal can be withdrawn."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script

revision: str = "0127"
down_revision: str | None = "0126"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WHO = ["team_manager", "head_of_service", "quality_standards"]


def upgrade() -> None:
    """Hand-overs that are there say nothing of seals and of shared work."""
    load_life_cycle()
    op.add_column("hand_overs", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    op.add_column("hand_overs", sa.Column("withdrawn_by", sa.Text()))
    nothing = sa.text("'[]'::jsonb")
    op.add_column(
        "hand_overs",
        sa.Column("shared", postgresql.JSONB(), nullable=False, server_default=nothing),
    )
    op.add_column("hand_over_items", sa.Column("sealing", sa.Text()))
    op.add_column("hand_over_items", sa.Column("unsealed_because", sa.Text()))
    op.create_index(
        "hand_overs_proposed_idx",
        "hand_overs",
        ["proposed_by"],
        postgresql_where=sa.text("state = 'proposed'"),
    )
    run_script("0127_all_that_waits.sql")


def load_life_cycle() -> None:
    """The rules' step that withdraws a proposal, and who may ask for it."""
    names = ("aggregate", "from_state", "to_state")
    step = {"aggregate": "hand_over", "from_state": "proposed", "to_state": "withdrawn"}
    op.bulk_insert(
        sa.table("allowed_transitions", *(sa.column(name) for name in names)),
        [step],
    )
    actions = sa.table(
        "allowed_actions",
        *(sa.column(name) for name in (*names, "action")),
        sa.column("roles", postgresql.ARRAY(sa.Text())),
    )
    op.bulk_insert(actions, [step | {"action": "withdraw", "roles": WHO}])
