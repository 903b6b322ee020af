"""Days that turn into holidays are found by sorting, however many of them a change touches."""

from collections.abc import Sequence

from alembic import op

revision: str = "0040"
down_revision: str | None = "0039"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The two sets of rows have no statistics when the statement is first planned: a join that was
# planned for none of them compared each with each when a whole calendar changed.
COUNT_ACROSS_DAYS = """
CREATE OR REPLACE FUNCTION count_across_days() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET row_security = off AS $$
BEGIN
    PERFORM recount_response(r.id)
    FROM audit_responses r,
         (SELECT min(t.day) AS first, max(t.day) AS last
          FROM (SELECT day, working FROM old_days EXCEPT SELECT day, working FROM new_days) t
         ) turned
    WHERE r.first_submitted_on >= turned.first AND london_date(r.notified_at) <= turned.last
    ORDER BY r.id;
    RETURN NULL;
END $$"""


def upgrade() -> None:
    op.execute(COUNT_ACROSS_DAYS)
