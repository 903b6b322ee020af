-- What closed before the service was in use is kept as closed, and counts in no figure.
CREATE OR REPLACE FUNCTION cells_of_gate(g closure_gates) RETURNS TABLE (
    series text, quarter date, team text, type text, restricted boolean, facts jsonb,
    overdue_after date, late_after date
) LANGUAGE sql STABLE AS $$
    SELECT 'closure-gates/closed', quarter_of(london_date(counts.at)), g.team, NULL::text,
           g.restricted,
           jsonb_strip_nulls(jsonb_build_object(
               'audited', CASE WHEN EXISTS (
                   SELECT FROM audits a WHERE a.id = g.audit_id AND a.recorded_in_error_at IS NULL
                   AND coalesce(a.completed_at <= counts.at, a.completed_at IS NOT NULL)
               ) THEN true END,
               'exempt', CASE WHEN (g.explanation -> 'facts' ->> 'exempt')::boolean
                         THEN true END)),
           NULL::date, NULL::date
    FROM (SELECT coalesce(g.closing_counts_at, g.closed_at) AS at) counts
    WHERE g.closed_at IS NOT NULL AND g.duplicate_of IS NULL
      AND g.explanation #>> '{facts,exempt_because}' IS DISTINCT FROM 'before_in_use'
$$;
DROP TRIGGER IF EXISTS frozen_closing_clear ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_closing_clear_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.cleared_at AT TIME ZONE 'Europe/London')::date <= (NEW.closing_counts_at AT TIME ZONE 'Europe/London')::date OR EXISTS (SELECT FROM policy_versions p WHERE (p.values ->> 'in_use_from')::date > (NEW.closing_counts_at AT TIME ZONE 'Europe/London')::date) OR EXISTS (SELECT FROM policy_versions p JOIN case_events e ON strpos(e.data #>> '{data,closure,reason_code}', NEW.reason_code) > 0 WHERE p.version = NEW.policy_version AND p.values -> 'closure_exempt_reasons' ? NEW.reason_code AND e.system = NEW.system AND e.episode_id = NEW.episode_id) OR NOT EXISTS (SELECT FROM audited_closings t JOIN subjects s ON s.kind = t.subject_kind WHERE s.id = NEW.subject_id AND (t.since IS NULL OR t.since <= NEW.closing_counts_at) AND (t.until IS NULL OR NEW.closing_counts_at < t.until)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what closes was clear by its day, or needs no closure audit' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_closing_clear_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_closing_clear BEFORE UPDATE ON closure_gates FOR EACH ROW
    WHEN (NEW.state = 'closed'
          AND (OLD.state, OLD.closing_counts_at) IS DISTINCT FROM (NEW.state, NEW.closing_counts_at)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_closing_clear_of_closure_gates();
DROP TRIGGER IF EXISTS begun_closing_clear ON closure_gates;
CREATE OR REPLACE FUNCTION begun_closing_clear_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.cleared_at AT TIME ZONE 'Europe/London')::date <= (NEW.closing_counts_at AT TIME ZONE 'Europe/London')::date OR EXISTS (SELECT FROM policy_versions p WHERE (p.values ->> 'in_use_from')::date > (NEW.closing_counts_at AT TIME ZONE 'Europe/London')::date) OR EXISTS (SELECT FROM policy_versions p JOIN case_events e ON strpos(e.data #>> '{data,closure,reason_code}', NEW.reason_code) > 0 WHERE p.version = NEW.policy_version AND p.values -> 'closure_exempt_reasons' ? NEW.reason_code AND e.system = NEW.system AND e.episode_id = NEW.episode_id) OR NOT EXISTS (SELECT FROM audited_closings t JOIN subjects s ON s.kind = t.subject_kind WHERE s.id = NEW.subject_id AND (t.since IS NULL OR t.since <= NEW.closing_counts_at) AND (t.until IS NULL OR NEW.closing_counts_at < t.until)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what closes was clear by its day, or needs no closure audit' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_closing_clear_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_closing_clear BEFORE INSERT ON closure_gates FOR EACH ROW
    WHEN ((NEW.state = 'closed') AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION begun_closing_clear_of_closure_gates();
