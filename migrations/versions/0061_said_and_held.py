"""A judgement has a rationale that says something; a role is one of ours, over what it is held over.

What is there already is not looked at: it is held to this when it is next written.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0061"
down_revision: str | None = "0060"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SAID = (
    ("audits", "overall_rationale", "rationale_said"),
    ("domain_judgements", "rationale", "rationale_said"),
    ("moderation_outcomes", "moderated_rationale", "rationale_said"),
    ("urgent_findings", "description", "description_said"),
    ("audit_revisions", "reason", "reason_said"),
)
ROLE_OVER = (
    "CASE WHEN role = 'practice_supervisor' THEN scope = 'team'"
    " WHEN role = 'team_manager' THEN scope IN ('team', 'service')"
    " WHEN role = 'head_of_service' THEN scope = 'service'"
    " WHEN role IN ('auditor', 'worker', 'quality_standards', 'senior_leader', 'case_system',"
    " 'reporting', 'administrator', 'learning_development', 'practice_advisor')"
    " THEN scope = 'authority' ELSE false END"
)


def upgrade() -> None:
    for table, column, name in SAID:
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_check"
            rf" CHECK ({column} ~ '\S') NOT VALID"
        )
    op.execute(
        "ALTER TABLE role_assignments ADD CONSTRAINT role_assignments_role_over_check"
        f" CHECK ({ROLE_OVER}) NOT VALID"
    )
