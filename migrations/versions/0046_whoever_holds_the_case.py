"""Whoever holds the case does its actions, whatever their post."""

from collections.abc import Sequence

from alembic import op

revision: str = "0046"
down_revision: str | None = "0045"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        "UPDATE allowed_actions SET roles = ARRAY['worker', 'practice_supervisor', 'team_manager',"
        " 'head_of_service', 'quality_standards']"
        " WHERE aggregate = 'restorative_action' AND action IN ('plan', 'replan', 'complete')"
    )
