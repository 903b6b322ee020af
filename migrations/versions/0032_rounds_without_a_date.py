"""A returned response whose round has no date yet is overdue in no figure."""

from collections.abc import Sequence

from alembic import op

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# What was counted before stands: no round was without its date.
CELLS_OF_RESPONSE = """
CREATE OR REPLACE FUNCTION cells_of_response(r audit_responses) RETURNS TABLE (
    series text, quarter date, team text, type text, restricted boolean, facts jsonb,
    overdue_after date, late_after date
) LANGUAGE sql STABLE AS $$
    SELECT cell.series, quarter_of(r.due_on), r.team, a.type, r.restricted, cell.facts,
           cell.overdue_after, cell.late_after
    FROM (SELECT) one LEFT JOIN audits a ON a.id = r.audit_id,
    LATERAL (
        SELECT 'audit-responses/due' AS series,
               jsonb_strip_nulls(jsonb_build_object(
                   'submitted', CASE WHEN r.first_submitted_on IS NOT NULL THEN true END,
                   'first_submitted_on_time', r.first_submitted_on <= r.due_on,
                   'adequate_on_time', r.adequate_submitted_on <= r.due_on,
                   'was_returned', CASE WHEN EXISTS (
                       SELECT FROM response_rounds o
                       WHERE o.response_id = r.id AND o.outcome = 'returned'
                   ) THEN true END)) AS facts,
               CASE WHEN r.state IN ('awaiting_response', 'returned') THEN
                   -- The first round has the response's own date, a later one its own or none yet.
                   (SELECT max(o.due_on) FROM response_rounds o
                    WHERE o.response_id = r.id AND o.submitted_at IS NULL)
               END AS overdue_after,
               CASE WHEN r.adequate_submitted_on IS NULL AND NOT EXISTS (
                   -- Handed in by the date and not yet reviewed: it may still be adequate in time.
                   SELECT FROM response_rounds o
                   WHERE o.response_id = r.id AND o.outcome IS NULL
                   AND london_date(o.submitted_at) <= r.due_on
               ) THEN r.due_on END AS late_after
        UNION ALL
        SELECT 'audit-responses/due/notified_to_submitted',
               jsonb_build_object('value', greatest(sent.working_index - told.working_index, 0)),
               NULL, NULL
        FROM calendar_days sent, calendar_days told
        WHERE sent.day = r.first_submitted_on AND told.day = london_date(r.notified_at)
    ) cell
    WHERE r.due_on IS NOT NULL AND a.recorded_in_error_at IS NULL
$$
"""


def upgrade() -> None:
    op.execute(CELLS_OF_RESPONSE)
