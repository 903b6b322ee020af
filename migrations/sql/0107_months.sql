-- What control charts count, month by month: series of their own, so that the figures of a quarter
-- read as few cells as before. `month` is written like 2026-10.

CREATE OR REPLACE FUNCTION cells_of_audit(a audits) RETURNS TABLE (
    series text, quarter date, team text, type text, restricted boolean, facts jsonb,
    overdue_after date, late_after date
) LANGUAGE sql STABLE AS $$
    SELECT 'audits/due', quarter_of(a.due_on), a.team, a.type, a.restricted,
           jsonb_strip_nulls(jsonb_build_object(
               'state', a.state,
               'theme', a.theme_code,
               'unassigned', CASE WHEN a.state = 'planned' AND a.auditor IS NULL THEN true END,
               'exempt', CASE WHEN a.state = 'cancelled' AND a.started_at IS NULL AND EXISTS (
                   SELECT FROM quarter_plans its_plan
                   JOIN quarter_plans plan ON plan.quarter = its_plan.quarter
                   JOIN plan_exemptions e ON e.plan_id = plan.id
                   WHERE its_plan.id = a.plan_id AND e.team = a.plan_team
                   AND e.decided_at <= a.cancelled_at
               ) THEN true END)),
           NULL::date, NULL::date
    WHERE a.due_on IS NOT NULL AND a.recorded_in_error_at IS NULL
    UNION ALL
    SELECT 'audits/completed', quarter_of(a.completed_on), a.team, a.type, a.restricted,
           jsonb_strip_nulls(jsonb_build_object(
               'scale', a.scale_code,
               'scale_number', a.scale_number,
               'judgement', a.overall_judgement,
               'theme', a.theme_code,
               'family_contacted', CASE WHEN EXISTS (
                   SELECT FROM family_contact_attempts c
                   WHERE c.audit_id = a.id AND c.outcome = 'spoken'
               ) THEN true END)),
           NULL::date, NULL::date
    WHERE a.completed_on IS NOT NULL AND a.recorded_in_error_at IS NULL
    UNION ALL
    SELECT 'audits/completed/by_month', quarter_of(a.completed_on), a.team, a.type, a.restricted,
           jsonb_strip_nulls(jsonb_build_object(
               'month', to_char(a.completed_on::timestamp, 'YYYY-MM'),
               'scale', a.scale_code,
               'scale_number', a.scale_number,
               'judgement', a.overall_judgement)),
           NULL::date, NULL::date
    WHERE a.completed_on IS NOT NULL AND a.recorded_in_error_at IS NULL
$$;

CREATE OR REPLACE FUNCTION cells_of_response(r audit_responses) RETURNS TABLE (
    series text, quarter date, team text, type text, restricted boolean, facts jsonb,
    overdue_after date, late_after date
) LANGUAGE sql STABLE AS $$
    SELECT cell.series, quarter_of(r.due_on), r.team, a.type, r.restricted, cell.facts,
           cell.overdue_after, cell.late_after
    FROM (SELECT) one LEFT JOIN audits a ON a.id = r.audit_id,
    LATERAL (
        SELECT CASE WHEN r.adequate_submitted_on IS NULL AND NOT EXISTS (
                   -- Handed in by the date and not yet reviewed: it may still be adequate in time.
                   SELECT FROM response_rounds o
                   WHERE o.response_id = r.id AND o.outcome IS NULL
                   AND london_date(o.submitted_at) <= r.due_on
               ) THEN r.due_on END AS after,
               to_char(r.due_on::timestamp, 'YYYY-MM') AS month
    ) late,
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
               late.after AS late_after
        UNION ALL
        SELECT 'audit-responses/due/by_month',
               jsonb_strip_nulls(jsonb_build_object(
                   'month', late.month,
                   'adequate_on_time', r.adequate_submitted_on <= r.due_on)),
               NULL, late.after
        UNION ALL
        SELECT spans.series, spans.facts, NULL, NULL
        FROM calendar_days sent, calendar_days told,
        LATERAL (SELECT greatest(sent.working_index - told.working_index, 0) AS days) span,
        LATERAL (VALUES
            ('audit-responses/due/notified_to_submitted',
             jsonb_build_object('value', span.days)),
            ('audit-responses/due/notified_to_submitted/by_month',
             jsonb_build_object('month', late.month, 'value', span.days))
        ) AS spans (series, facts)
        WHERE sent.day = r.first_submitted_on AND told.day = london_date(r.notified_at)
    ) cell
    WHERE r.due_on IS NOT NULL AND a.recorded_in_error_at IS NULL
$$;

SELECT rebuild_rollups();

-- Who marks a change, and why, is not about anybody's case: who reads the figures reads it. What was
-- marked stands: nobody may change or delete it.
GRANT SELECT, INSERT ON chart_changes TO qa_app;
GRANT SELECT ON chart_changes TO qa_read, qa_backup;
