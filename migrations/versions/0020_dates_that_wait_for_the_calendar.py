"""A date past the end of the working calendar stays open: null, with an explanation that says so."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MAY_BE_OPEN = {
    "escalations": ("acknowledge_by", "inform_by"),
    "notifications": ("queued_until",),
    "qa_updates": ("due_on",),
    "learning_highlights": ("due_on",),
}
_ROUND = (
    "(due_on IS NULL AND explanation IS NOT NULL)"
    " OR (review_due_on IS NULL AND review_explanation IS NOT NULL)"
)
# What waits is found at once; where the calendar reaches far enough these are empty.
WAITING = {
    "escalations": ("id", "acknowledge_by IS NULL OR inform_by IS NULL"),
    "notifications": ("id", "queued_until IS NULL"),
    "audit_responses": ("id", "due_on IS NULL AND explanation IS NOT NULL"),
    "response_rounds": ("response_id", _ROUND),
}
RULES = {
    "due_once_notified": "due_on IS NULL OR notified_at IS NOT NULL",
    "due_explained": "(notified_at IS NULL) = (explanation IS NULL)",
}


# What is first known of a day changes how long the answers took that were counted up to it.
COUNT_TO_NEW_DAYS = (
    """
CREATE FUNCTION count_to_new_days() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET row_security = off AS $$
BEGIN
    PERFORM recount_response(r.id)
    FROM audit_responses r, (SELECT min(n.day) AS first, max(n.day) AS last FROM new_days n) known
    WHERE r.first_submitted_on BETWEEN known.first AND known.last
    ORDER BY r.id;
    RETURN NULL;
END $$""",
    """
CREATE TRIGGER count_to_new_days AFTER INSERT ON calendar_days
    REFERENCING NEW TABLE AS new_days
    FOR EACH STATEMENT EXECUTE FUNCTION count_to_new_days()""",
)


def upgrade() -> None:
    for table, columns in MAY_BE_OPEN.items():
        for column in columns:
            op.execute(
                "-- squawk-ignore ban-drop-not-null\n"
                f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL"
            )
    for name, condition in RULES.items():
        constraint = f"audit_responses_{name}_check"
        op.execute(
            "-- squawk-ignore ban-drop-constraint\n"
            f"ALTER TABLE audit_responses DROP CONSTRAINT {constraint}"
        )
        op.execute(
            f"ALTER TABLE audit_responses ADD CONSTRAINT {constraint} CHECK ({condition}) NOT VALID"
        )
        op.execute(
            "-- squawk-ignore constraint-missing-not-valid\n"
            f"ALTER TABLE audit_responses VALIDATE CONSTRAINT {constraint}"
        )
    for table, (column, condition) in WAITING.items():
        op.create_index(
            f"{table}_uncounted_idx", table, [column], postgresql_where=sa.text(condition)
        )
    for statement in COUNT_TO_NEW_DAYS:
        op.execute(statement)
