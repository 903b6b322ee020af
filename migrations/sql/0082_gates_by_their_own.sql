-- A gate is cleared by the audit that it asked for and by no other, is exempt by the reason that was told
-- or where no audit is to be had, and closes by what was told of its own child.
DROP TRIGGER IF EXISTS frozen_clearing ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_clearing_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a JOIN closure_gates asked ON asked.id = a.gate_id WHERE a.subject_id = NEW.subject_id AND NEW.id IN (asked.id, asked.duplicate_of) AND a.state IN ('completed', 'closed') AND a.recorded_in_error_at IS NULL) AND NOT EXISTS (SELECT FROM restorative_actions x JOIN audits a ON a.id = x.audit_id WHERE x.subject_id = NEW.subject_id AND x.needed_before_closure AND x.state NOT IN ('done', 'verified', 'cancelled') AND a.state IN ('completed', 'closed') AND a.recorded_in_error_at IS NULL) AND NOT EXISTS (SELECT FROM escalations e JOIN audits a ON a.id = e.audit_id WHERE e.subject_id = NEW.subject_id AND e.trigger = 'urgent_finding' AND e.state <> 'resolved' AND a.recorded_in_error_at IS NULL) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a gate is clear once its closure audit is completed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_clearing_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_clearing BEFORE UPDATE ON closure_gates FOR EACH ROW
    WHEN (NEW.state = 'clear'
          AND OLD.state IS DISTINCT FROM NEW.state
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_clearing_of_closure_gates();
DROP TRIGGER IF EXISTS frozen_exemption ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_exemption_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM policy_versions p JOIN case_events e ON strpos(e.data #>> '{data,closure,reason_code}', NEW.reason_code) > 0 WHERE p.version = NEW.policy_version AND p.values -> 'closure_exempt_reasons' ? NEW.reason_code AND e.system = NEW.system AND e.episode_id = NEW.episode_id) OR NOT EXISTS (SELECT FROM audit_types t JOIN subjects s ON s.kind = t.subject_kind WHERE s.id = NEW.subject_id AND t.active AND t.cadence = 'every_closure') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a closing needs no audit for a reason that policy exempts, or where none is had' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_exemption_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_exemption BEFORE UPDATE ON closure_gates FOR EACH ROW
    WHEN (NEW.state = 'exempt'
          AND OLD.state IS DISTINCT FROM NEW.state
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_exemption_of_closure_gates();
DROP TRIGGER IF EXISTS frozen_leave_to_close ON closure_gates;
CREATE TRIGGER frozen_leave_to_close BEFORE UPDATE ON closure_gates FOR EACH ROW
    WHEN (NEW.may_close
          AND OLD.may_close IS DISTINCT FROM NEW.may_close
          AND (NEW.current AND NEW.explanation #> '{facts,waits_for}' = '[]') IS NOT TRUE
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('while a gate waits for something the case may not close');
DROP TRIGGER IF EXISTS frozen_clear_since ON closure_gates;
CREATE TRIGGER frozen_clear_since BEFORE UPDATE ON closure_gates FOR EACH ROW
    WHEN (NEW.cleared_at IS NOT NULL
          AND OLD.cleared_at IS DISTINCT FROM NEW.cleared_at
          AND (OLD.cleared_at IS NULL AND NEW.state IN ('clear', 'overridden', 'exempt')) IS NOT TRUE
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('since when a gate has been clear is when it became so');
DROP TRIGGER IF EXISTS frozen_closing_clear ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_closing_clear_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.cleared_at AT TIME ZONE 'Europe/London')::date <= (NEW.closing_counts_at AT TIME ZONE 'Europe/London')::date OR EXISTS (SELECT FROM policy_versions p JOIN case_events e ON strpos(e.data #>> '{data,closure,reason_code}', NEW.reason_code) > 0 WHERE p.version = NEW.policy_version AND p.values -> 'closure_exempt_reasons' ? NEW.reason_code AND e.system = NEW.system AND e.episode_id = NEW.episode_id) OR NOT EXISTS (SELECT FROM audited_closings t JOIN subjects s ON s.kind = t.subject_kind WHERE s.id = NEW.subject_id AND (t.since IS NULL OR t.since <= NEW.closing_counts_at) AND (t.until IS NULL OR NEW.closing_counts_at < t.until)) THEN
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
DROP TRIGGER IF EXISTS frozen_closing ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_closing_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM closure_gates g JOIN subjects s ON s.id = g.subject_id JOIN case_event_outcomes o ON o.subject_id = coalesce(s.merged_into_id, s.id) JOIN case_events e ON e.id = o.case_event_id AND e.system = g.system AND e.episode_id = g.episode_id AND e.type LIKE 'case.closed.%' WHERE g.id = NEW.id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a case is closed by its case system' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_closing_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_closing AFTER UPDATE ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((NEW.state IN ('closed', 'closed_without_audit') OR NEW.closed_at IS NOT NULL)
          AND (OLD.state, OLD.closed_at, OLD.closing_counts_at) IS DISTINCT FROM (NEW.state, NEW.closed_at, NEW.closing_counts_at)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_closing_of_closure_gates();
DROP TRIGGER IF EXISTS begun_clearing ON closure_gates;
CREATE TRIGGER begun_clearing BEFORE INSERT ON closure_gates FOR EACH ROW
    WHEN ((NEW.state IN ('clear', 'overridden') OR NEW.cleared_at IS NOT NULL) AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('a gate is clear once its closure audit is completed');
DROP TRIGGER IF EXISTS begun_exemption ON closure_gates;
CREATE OR REPLACE FUNCTION begun_exemption_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM policy_versions p JOIN case_events e ON strpos(e.data #>> '{data,closure,reason_code}', NEW.reason_code) > 0 WHERE p.version = NEW.policy_version AND p.values -> 'closure_exempt_reasons' ? NEW.reason_code AND e.system = NEW.system AND e.episode_id = NEW.episode_id) OR NOT EXISTS (SELECT FROM audit_types t JOIN subjects s ON s.kind = t.subject_kind WHERE s.id = NEW.subject_id AND t.active AND t.cadence = 'every_closure') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a closing needs no audit for a reason that policy exempts, or where none is had' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_exemption_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_exemption BEFORE INSERT ON closure_gates FOR EACH ROW
    WHEN ((NEW.state = 'exempt') AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION begun_exemption_of_closure_gates();
DROP TRIGGER IF EXISTS begun_leave_to_close ON closure_gates;
CREATE TRIGGER begun_leave_to_close BEFORE INSERT ON closure_gates FOR EACH ROW
    WHEN ((NEW.may_close AND (NEW.current AND NEW.explanation #> '{facts,waits_for}' = '[]') IS NOT TRUE) AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('while a gate waits for something the case may not close');
DROP TRIGGER IF EXISTS begun_closing_clear ON closure_gates;
CREATE OR REPLACE FUNCTION begun_closing_clear_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.cleared_at AT TIME ZONE 'Europe/London')::date <= (NEW.closing_counts_at AT TIME ZONE 'Europe/London')::date OR EXISTS (SELECT FROM policy_versions p JOIN case_events e ON strpos(e.data #>> '{data,closure,reason_code}', NEW.reason_code) > 0 WHERE p.version = NEW.policy_version AND p.values -> 'closure_exempt_reasons' ? NEW.reason_code AND e.system = NEW.system AND e.episode_id = NEW.episode_id) OR NOT EXISTS (SELECT FROM audited_closings t JOIN subjects s ON s.kind = t.subject_kind WHERE s.id = NEW.subject_id AND (t.since IS NULL OR t.since <= NEW.closing_counts_at) AND (t.until IS NULL OR NEW.closing_counts_at < t.until)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what closes was clear by its day, or needs no closure audit' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_closing_clear_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_closing_clear BEFORE INSERT ON closure_gates FOR EACH ROW
    WHEN ((NEW.state = 'closed') AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION begun_closing_clear_of_closure_gates();
DROP TRIGGER IF EXISTS begun_closing ON closure_gates;
CREATE OR REPLACE FUNCTION begun_closing_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM closure_gates g JOIN subjects s ON s.id = g.subject_id JOIN case_event_outcomes o ON o.subject_id = coalesce(s.merged_into_id, s.id) JOIN case_events e ON e.id = o.case_event_id AND e.system = g.system AND e.episode_id = g.episode_id AND e.type LIKE 'case.closed.%' WHERE g.id = NEW.id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a case is closed by its case system' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_closing_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_closing AFTER INSERT ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((NEW.state IN ('closed', 'closed_without_audit') OR NEW.closed_at IS NOT NULL) AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION begun_closing_of_closure_gates();
DROP FUNCTION IF EXISTS begun_clearing_of_closure_gates();
