"""An action without a named owner follows the case; a named one can be changed (R4.2.6)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "restorative_actions",
        sa.Column("reassigned_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column("restorative_actions", sa.Column("reassigned_by", sa.Text(), nullable=True))
    op.add_column("restorative_actions", sa.Column("reassigned_because", sa.Text(), nullable=True))
    for name, constraint in (
        ("reassigned_by_fkey", "FOREIGN KEY (reassigned_by) REFERENCES workers (code)"),
        (
            "reassigned_why_check",
            "CHECK (num_nulls(reassigned_at, reassigned_by, reassigned_because) IN (0, 3))",
        ),
    ):
        held = f"ALTER TABLE restorative_actions ADD CONSTRAINT restorative_actions_{name}"
        op.execute(f"{held} {constraint} NOT VALID")
        op.execute(
            "-- squawk-ignore constraint-missing-not-valid\n"
            f"ALTER TABLE restorative_actions VALIDATE CONSTRAINT restorative_actions_{name}"
        )
    op.create_index(
        "restorative_actions_doer_soonest_idx",
        "restorative_actions",
        [
            sa.text("coalesce(owner, worker)"),
            sa.text("coalesce(due_on, DATE '9000-01-01')"),
            "id",
        ],
    )
    op.execute(
        "INSERT INTO retained_content VALUES"
        " ('restorative_actions', 'reassigned_because', 'subject', 'subject_id', 'mark')"
    )
    op.execute(
        "INSERT INTO allowed_transitions VALUES ('restorative_action', 'open', 'open')"
        " ON CONFLICT DO NOTHING"
    )
    op.execute(
        "INSERT INTO allowed_actions (aggregate, action, from_state, to_state, roles)"
        " SELECT 'restorative_action', 'reassign', state, state,"
        " ARRAY['team_manager', 'head_of_service', 'quality_standards']"
        " FROM unnest(ARRAY['open', 'planned']) AS state"
    )
    let_unnamed_owners_go()


def let_unnamed_owners_go() -> None:
    """Until now the worker of the day was written down where the auditor named nobody.

    Nothing tells one who was named from one who was not, so whoever held the case when it was
    audited is taken for unnamed: while they hold it nothing changes. What is settled stands.
    """
    op.execute(
        "UPDATE restorative_actions r SET owner = NULL FROM audits a"
        " WHERE a.id = r.audit_id AND r.state NOT IN ('verified', 'cancelled')"
        " AND r.owner = coalesce(a.audited_worker, a.worker)"
    )
