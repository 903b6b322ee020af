-- A closing moves by what a case system tells; what was decided of it, by what is told of the child.
DROP TRIGGER IF EXISTS frozen_told ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_told_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM closure_gates g JOIN subjects s ON s.id = g.subject_id JOIN events e ON e.xid = (SELECT stamp()) WHERE g.id = NEW.id AND (e.type = 'subject.merged' AND e.about_id IN (s.id, s.merged_into_id) AND e.data ->> 'merged' IN (SELECT m.id::text FROM subjects m WHERE m.merged_into_id = e.about_id) OR e.type = 'case_event.received' AND NOT EXISTS (SELECT FROM events b WHERE b.about_id = e.about_id AND b.type = e.type AND b.xid <> e.xid) AND EXISTS (SELECT FROM case_event_outcomes o JOIN case_events c ON c.id = o.case_event_id WHERE o.case_event_id = e.about_id AND o.subject_id IN (s.id, s.merged_into_id) AND c.system = g.system AND c.episode_id = g.episode_id))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is told of a closing moves by what a case system tells' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_told_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_told AFTER UPDATE ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.closed_at, OLD.closing_counts_at, OLD.closure_on, OLD.reason_code, OLD.cycle, OLD.current, OLD.duplicate_of) IS DISTINCT FROM (NEW.closed_at, NEW.closing_counts_at, NEW.closure_on, NEW.reason_code, NEW.cycle, NEW.current, NEW.duplicate_of)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_told_of_closure_gates();
DROP TRIGGER IF EXISTS frozen_decision ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_decision_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM closure_gates g JOIN subjects s ON s.id = g.subject_id JOIN events e ON e.xid = (SELECT stamp()) WHERE g.id = NEW.id AND (e.about_id = g.id OR e.subject_id IN (s.id, s.merged_into_id) OR e.type = 'case_event.received' AND NOT EXISTS (SELECT FROM events b WHERE b.about_id = e.about_id AND b.type = e.type AND b.xid <> e.xid) AND EXISTS (SELECT FROM case_event_outcomes o JOIN case_events c ON c.id = o.case_event_id WHERE o.case_event_id = e.about_id AND o.subject_id IN (s.id, s.merged_into_id)))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was decided of a closing is decided again by what is told of the child alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_decision_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_decision AFTER UPDATE ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.state IN ('closed', 'closed_without_audit', 'withdrawn')
          AND (OLD.state, OLD.may_close, OLD.explanation, OLD.policy_version) IS DISTINCT FROM (NEW.state, NEW.may_close, NEW.explanation, NEW.policy_version)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_decision_of_closure_gates();
DROP TRIGGER IF EXISTS frozen_audit ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_audit_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM closure_gates g JOIN subjects s ON s.id = g.subject_id JOIN events e ON e.xid = (SELECT stamp()) WHERE g.id = NEW.id AND (e.about_id = g.id OR e.subject_id IN (s.id, s.merged_into_id) OR e.type = 'case_event.received' AND NOT EXISTS (SELECT FROM events b WHERE b.about_id = e.about_id AND b.type = e.type AND b.xid <> e.xid) AND EXISTS (SELECT FROM case_event_outcomes o JOIN case_events c ON c.id = o.case_event_id WHERE o.case_event_id = e.about_id AND o.subject_id IN (s.id, s.merged_into_id)))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit that counts for a closing is another by what is told of the child alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_audit_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_audit AFTER UPDATE ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.audit_id IS DISTINCT FROM NEW.audit_id
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_audit_of_closure_gates();
DROP TRIGGER IF EXISTS frozen_request ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_request_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.about_id = NEW.id AND e.type IN ('closure_gate.override_requested')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'who asks for an override is told when they ask' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_request_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_request AFTER UPDATE ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.override_requested_by, OLD.override_requested_at, OLD.override_reason) IS DISTINCT FROM (NEW.override_requested_by, NEW.override_requested_at, NEW.override_reason)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_request_of_closure_gates();
DROP TRIGGER IF EXISTS frozen_approval ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_approval_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.about_id = NEW.id AND e.type IN ('closure_gate.override_approved', 'closure_gate.override_requested')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'who approves an override is told when they do' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_approval_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_approval AFTER UPDATE ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.override_approved_by, OLD.override_approved_at) IS DISTINCT FROM (NEW.override_approved_by, NEW.override_approved_at)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_approval_of_closure_gates();
DROP TRIGGER IF EXISTS frozen_override_withdrawal ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_override_withdrawal_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.about_id = NEW.id AND e.type IN ('closure_gate.override_withdrawn', 'closure_gate.override_requested')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'who withdraws an override is told when they do' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_override_withdrawal_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_override_withdrawal AFTER UPDATE ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.override_withdrawn_by, OLD.override_withdrawn_at, OLD.override_withdrawal_reason) IS DISTINCT FROM (NEW.override_withdrawn_by, NEW.override_withdrawn_at, NEW.override_withdrawal_reason)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_override_withdrawal_of_closure_gates();
DROP TRIGGER IF EXISTS frozen_reopening ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_reopening_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.about_id = NEW.id AND e.type IN ('closure_gate.reopened')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'who reopens a gate is told when they do' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_reopening_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_reopening AFTER UPDATE ON closure_gates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.reopened_by, OLD.reopened_at, OLD.reopen_reason) IS DISTINCT FROM (NEW.reopened_by, NEW.reopened_at, NEW.reopen_reason)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_reopening_of_closure_gates();
