-- Where a tool requires no overall judgement, an audit counts once for each judged domain (R4.7.3), in
-- series of their own; month by month where the tool marks the domain as escalating. It is on a scale
-- as a whole only where it was judged as a whole.

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
               'scale', CASE WHEN whole.judged THEN a.scale_code END,
               'scale_number', CASE WHEN whole.judged THEN a.scale_number END,
               'judgement', a.overall_judgement,
               'theme', a.theme_code,
               'family_contacted', CASE WHEN EXISTS (
                   SELECT FROM family_contact_attempts c
                   WHERE c.audit_id = a.id AND c.outcome = 'spoken'
               ) THEN true END)),
           NULL::date, NULL::date
    FROM (SELECT a.overall_asked = 'required' OR a.overall_judgement IS NOT NULL AS judged) whole
    WHERE a.completed_on IS NOT NULL AND a.recorded_in_error_at IS NULL
    UNION ALL
    SELECT 'audits/completed/by_month', quarter_of(a.completed_on), a.team, a.type, a.restricted,
           jsonb_strip_nulls(jsonb_build_object(
               'month', to_char(a.completed_on::timestamp, 'YYYY-MM'),
               'scale', CASE WHEN whole.judged THEN a.scale_code END,
               'scale_number', CASE WHEN whole.judged THEN a.scale_number END,
               'judgement', a.overall_judgement)),
           NULL::date, NULL::date
    FROM (SELECT a.overall_asked = 'required' OR a.overall_judgement IS NOT NULL AS judged) whole
    WHERE a.completed_on IS NOT NULL AND a.recorded_in_error_at IS NULL
    UNION ALL
    SELECT cell.series, quarter_of(a.completed_on), a.team, a.type, a.restricted, cell.facts,
           NULL::date, NULL::date
    FROM domain_judgements j
    JOIN tool_domains d ON d.tool_id = j.tool_id AND d.key = j.domain_key,
    LATERAL (SELECT jsonb_build_object(
        'scale', j.scale_code, 'scale_number', j.scale_number,
        'domain', j.domain_key, 'judgement', j.judgement) AS said) one,
    LATERAL (
        SELECT 'audits/completed/by_domain' AS series,
               one.said || jsonb_strip_nulls(jsonb_build_object('theme', a.theme_code)) AS facts
        UNION ALL
        SELECT 'audits/completed/by_domain/by_month',
               one.said || jsonb_build_object(
                   'month', to_char(a.completed_on::timestamp, 'YYYY-MM'))
        WHERE d.escalates
    ) cell
    WHERE j.audit_id = a.id AND a.overall_asked <> 'required'
    AND a.completed_on IS NOT NULL AND a.recorded_in_error_at IS NULL
$$;

-- An audit may stand for several cells of a series now: they are kept in one order.
CREATE OR REPLACE FUNCTION audit_counts_as(counted audits) RETURNS jsonb LANGUAGE sql STABLE
    RETURN (SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(cell)) ORDER BY cell.series, cell.facts)
            FROM cells_of_audit(counted) cell);

-- An amendment may judge a domain anew; what is recorded before completion counts with it.
CREATE FUNCTION count_domain_judgement() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET row_security = off AS $$
DECLARE
    judged CONSTANT uuid := coalesce(NEW.audit_id, OLD.audit_id);
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.id = judged AND a.overall_asked <> 'required'
               AND a.completed_on IS NOT NULL) THEN
        PERFORM recount_audit(judged);
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION count_domain_judgement() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER count_new_or_gone AFTER INSERT OR DELETE ON domain_judgements
    FOR EACH ROW EXECUTE FUNCTION count_domain_judgement();
CREATE TRIGGER count_changed AFTER UPDATE ON domain_judgements FOR EACH ROW WHEN (
    (OLD.tool_id, OLD.scale_code, OLD.scale_number, OLD.judgement) IS DISTINCT FROM
    (NEW.tool_id, NEW.scale_code, NEW.scale_number, NEW.judgement)
) EXECUTE FUNCTION count_domain_judgement();

DROP TRIGGER count_changed ON audits;
CREATE TRIGGER count_changed AFTER UPDATE ON audits FOR EACH ROW WHEN (
    (OLD.due_on, OLD.completed_on, OLD.team, OLD.type, OLD.restricted, OLD.state,
     OLD.auditor IS NULL, OLD.overall_asked, OLD.scale_code, OLD.scale_number,
     OLD.overall_judgement, OLD.theme_code, OLD.plan_id, OLD.plan_team, OLD.started_at,
     OLD.cancelled_at, OLD.recorded_in_error_at)
    IS DISTINCT FROM
    (NEW.due_on, NEW.completed_on, NEW.team, NEW.type, NEW.restricted, NEW.state,
     NEW.auditor IS NULL, NEW.overall_asked, NEW.scale_code, NEW.scale_number,
     NEW.overall_judgement, NEW.theme_code, NEW.plan_id, NEW.plan_team, NEW.started_at,
     NEW.cancelled_at, NEW.recorded_in_error_at)
) EXECUTE FUNCTION count_audit();
