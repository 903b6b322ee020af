"""What changes whom somebody reaches is kept, and told, with the changes of rights."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0089"
down_revision: str | None = "0088"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    transitions = sa.table(
        "allowed_transitions",
        *(sa.column(name) for name in ("aggregate", "from_state", "to_state")),
    )
    step = {"aggregate": "rights_change", "from_state": "proposed", "to_state": "done"}
    op.bulk_insert(transitions, [step])
    name = op.f("rights_changes_what_check")
    # A wider one takes its place in the same transaction.
    op.execute(
        "-- squawk-ignore ban-drop-constraint\n"
        "ALTER TABLE rights_changes DROP CONSTRAINT rights_changes_what_check"
    )
    op.create_check_constraint(
        name,
        "rights_changes",
        "what IN ('principal', 'role_assignment', 'policy', 'service', 'team', 'worker',"
        " 'auditor_group', 'case_system', 'webhook_endpoint', 'webhook_delivery',"
        " 'working_calendar', 'audit_type', 'audit_tool')",
    )
