-- What an audit recorded in error raised is Quality & Standards' alone to read: who was asked about it
-- reads of a child of whom it was never true.

CREATE POLICY stands ON escalations AS RESTRICTIVE TO qa_app, qa_read
    USING (CASE WHEN qa_reach() IN ('service', 'authority') THEN true
           ELSE audit_id IS NULL OR audit_id <> ALL ((SELECT qa_in_error())::uuid[]) END);

-- It still counts as raised, for who sees that it was.
CREATE OR REPLACE FUNCTION cells_of_escalation(e escalations) RETURNS TABLE (
    series text, quarter date, team text, type text, restricted boolean, facts jsonb,
    overdue_after date, late_after date
) LANGUAGE sql STABLE AS $$
    SELECT cell.series, quarter_of(london_date(e.raised_at)), e.team,
           (SELECT a.type FROM audits a WHERE a.id = e.audit_id), e.restricted,
           jsonb_strip_nulls(cell.facts || jsonb_build_object(
               'trigger', e.trigger,
               'in_error', (SELECT true FROM audits a
                            WHERE a.id = e.audit_id AND a.recorded_in_error_at IS NOT NULL))),
           NULL::date, NULL::date
    FROM (
        SELECT 'escalations/raised' AS series, jsonb_build_object(
            'acknowledged', CASE WHEN e.acknowledged_at IS NOT NULL THEN true END,
            'informed', CASE WHEN e.quality_standards_informed_at IS NOT NULL THEN true END
        ) AS facts
        UNION ALL
        SELECT 'escalations/raised/raised_to_acknowledged', jsonb_build_object(
            'value', floor(extract(epoch FROM e.acknowledged_at - e.raised_at) / 60))
        WHERE e.acknowledged_at IS NOT NULL
        UNION ALL
        SELECT 'escalations/raised/raised_to_informed', jsonb_build_object(
            'value', floor(extract(epoch FROM e.quality_standards_informed_at - e.raised_at) / 60))
        WHERE e.quality_standards_informed_at IS NOT NULL
    ) cell
$$;

SELECT rebuild_rollups();
