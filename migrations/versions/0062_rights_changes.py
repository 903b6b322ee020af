"""Rights are changed by two people (X3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qa_api.migrate import run_script
from qa_api.models.base import Xid8

revision: str = "0062"
down_revision: str | None = "0061"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    load_life_cycle()
    create_rights_changes()
    run_script("0062_rights_changes.sql")


def load_life_cycle() -> None:
    """The rules' table of its steps, and who may ask for them, as of this revision."""
    transitions = sa.table(
        "allowed_transitions",
        *(sa.column(name) for name in ("aggregate", "from_state", "to_state")),
    )
    steps = {
        ("new", "proposed"): None,
        ("proposed", "confirmed"): "confirm",
        ("proposed", "refused"): "refuse",
        ("proposed", "ended"): None,
    }
    op.bulk_insert(
        transitions,
        [{"aggregate": "rights_change", "from_state": left, "to_state": to} for left, to in steps],
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
                "aggregate": "rights_change",
                "action": action,
                "from_state": left,
                "to_state": to,
                "roles": ["administrator", "quality_standards"],
            }
            for (left, to), action in steps.items()
            if action is not None
        ],
    )


def create_rights_changes() -> None:
    at = sa.DateTime(timezone=True)
    json, texts = postgresql.JSONB(), postgresql.ARRAY(sa.Text())
    op.create_table(
        "rights_changes",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("was", json, nullable=True),
        sa.Column("becomes", json, nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("workers", texts, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confirmer", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", at, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", at, nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("left_state", sa.Text(), server_default="new", nullable=False),
        sa.Column(
            "aggregate",
            sa.Text(),
            sa.Computed("'rights_change'::text", persisted=True),
            nullable=False,
        ),
        sa.Column("changed_xid", Xid8(), server_default=sa.text("stamp()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "what IN ('principal', 'role_assignment')", name=op.f("rights_changes_what_check")
        ),
        sa.CheckConstraint(
            "num_nulls(decided_at, decided_by) IN (0, 2)"
            " AND (state IN ('confirmed', 'refused')) = (decided_at IS NOT NULL)",
            name=op.f("rights_changes_decided_by_whom_check"),
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (refusal IS NOT NULL)",
            name=op.f("rights_changes_refused_why_check"),
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
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_versions.version"],
            name=op.f("rights_changes_policy_version_fkey"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["principals.id"], name=op.f(f"rights_changes_{column}_fkey")
            )
            for column in ("proposed_by", "decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("rights_changes_pkey")),
    )
    for column in ("changed_xid", "target_id"):
        op.create_index(op.f(f"rights_changes_{column}_idx"), "rights_changes", [column])
