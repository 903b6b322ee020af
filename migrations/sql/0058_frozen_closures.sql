-- Written from the table in models/frozen.py: what stands, since when, and what lets it change.

DROP TRIGGER IF EXISTS frozen_envelope ON case_events;
CREATE TRIGGER frozen_envelope BEFORE UPDATE ON case_events FOR EACH ROW
    WHEN ((OLD.system, OLD.event_id, OLD.type, OLD.episode_id, OLD.source_version, OLD.occurred_at, OLD.received_at, OLD.fingerprint) IS DISTINCT FROM (NEW.system, NEW.event_id, NEW.type, NEW.episode_id, NEW.source_version, NEW.occurred_at, NEW.received_at, NEW.fingerprint)
          AND qa_is_bound('case_events'::regclass))
    EXECUTE FUNCTION refuse_frozen('an event stands as it came');
DROP TRIGGER IF EXISTS frozen_data ON case_events;
CREATE TRIGGER frozen_data BEFORE UPDATE ON case_events FOR EACH ROW
    WHEN (OLD.data IS DISTINCT FROM NEW.data
          AND (OLD.parked AND NEW.parked AND NEW.data = jsonb_set(OLD.data, '{data,merge}', '{"from": null, "into": null}')) IS NOT TRUE
          AND qa_is_bound('case_events'::regclass))
    EXECUTE FUNCTION refuse_frozen('an event stands as it came');
DROP TRIGGER IF EXISTS frozen_answer ON case_event_outcomes;
CREATE TRIGGER frozen_answer BEFORE UPDATE ON case_event_outcomes FOR EACH ROW
    WHEN ((OLD.case_event_id, OLD.position, OLD.ref, OLD.outcome, OLD.gate_id) IS DISTINCT FROM (NEW.case_event_id, NEW.position, NEW.ref, NEW.outcome, NEW.gate_id)
          AND qa_is_bound('case_event_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a repeat of an event gets the same answer');
DROP TRIGGER IF EXISTS frozen_origin ON closure_gates;
CREATE TRIGGER frozen_origin BEFORE UPDATE ON closure_gates FOR EACH ROW
    WHEN ((OLD.system, OLD.episode_id, OLD.opened_by_event, OLD.opened_at) IS DISTINCT FROM (NEW.system, NEW.episode_id, NEW.opened_by_event, NEW.opened_at)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('a gate stays with the event that opened it');
DROP TRIGGER IF EXISTS frozen_clearing ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_clearing_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.subject_id = NEW.subject_id AND a.gate_id IS NOT NULL AND a.state IN ('completed', 'closed') AND a.recorded_in_error_at IS NULL) THEN
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
DROP TRIGGER IF EXISTS frozen_overriding ON closure_gates;
CREATE TRIGGER frozen_overriding BEFORE UPDATE ON closure_gates FOR EACH ROW
    WHEN (NEW.state = 'overridden'
          AND OLD.state IS DISTINCT FROM NEW.state
          AND (NEW.override_requested_by IS NOT NULL AND NEW.override_approved_by IS NOT NULL AND NEW.override_withdrawn_at IS NULL) IS NOT TRUE
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('a gate is overridden by two people');
DROP TRIGGER IF EXISTS frozen_closing ON closure_gates;
CREATE OR REPLACE FUNCTION frozen_closing_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM case_events e WHERE e.system = NEW.system AND e.episode_id = NEW.episode_id AND e.type LIKE 'case.closed.%') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a case is closed by its case system' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_closing_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_closing BEFORE UPDATE ON closure_gates FOR EACH ROW
    WHEN ((NEW.state IN ('closed', 'closed_without_audit') OR NEW.closed_at IS NOT NULL)
          AND (OLD.state, OLD.closed_at, OLD.closing_counts_at) IS DISTINCT FROM (NEW.state, NEW.closed_at, NEW.closing_counts_at)
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_closing_of_closure_gates();
DROP TRIGGER IF EXISTS frozen_override ON closure_gates;
CREATE TRIGGER frozen_override BEFORE UPDATE ON closure_gates FOR EACH ROW
    WHEN (OLD.override_approved_by IS NOT NULL
          AND (OLD.override_requested_by, OLD.override_requested_at, OLD.override_reason, OLD.override_approved_by, OLD.override_approved_at) IS DISTINCT FROM (NEW.override_requested_by, NEW.override_requested_at, NEW.override_reason, NEW.override_approved_by, NEW.override_approved_at)
          AND (NEW.override_approved_by IS NULL AND NEW.override_approved_at IS NULL AND NEW.override_requested_at >= OLD.override_requested_at) IS NOT TRUE
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION refuse_frozen('an override that was approved stands on record until another is requested');

-- What was wrong before stays as it is until it is written again.
ALTER TABLE closure_gates ADD CONSTRAINT closure_gates_may_close_when_check
    CHECK (NOT may_close OR state IN ('clear', 'overridden', 'exempt', 'closed')) NOT VALID;
