-- A completed audit is its case's, and its gate's.
DROP TRIGGER IF EXISTS frozen_gate ON audits;
CREATE TRIGGER frozen_gate BEFORE UPDATE ON audits FOR EACH ROW
    WHEN (OLD.gate_id IS DISTINCT FROM NEW.gate_id
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an audit stays with the gate that asked for it');
DROP TRIGGER IF EXISTS frozen_holder ON audits;
CREATE OR REPLACE FUNCTION frozen_holder_of_audits() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a JOIN subjects s ON s.id = a.subject_id WHERE a.id = NEW.id AND (a.team, a.worker) IS NOT DISTINCT FROM (s.team, s.worker)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whose a completed audit is moves with the case alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_holder_of_audits() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_holder AFTER UPDATE ON audits DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.state IN ('completed', 'closed')
          AND (OLD.team, OLD.worker) IS DISTINCT FROM (NEW.team, NEW.worker)
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION frozen_holder_of_audits();
DROP TRIGGER IF EXISTS frozen_due_date ON audits;
CREATE OR REPLACE FUNCTION frozen_due_date_of_audits() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.about_id = NEW.id AND e.type = 'audit.edited' AND qa_written_now(e.xid)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'by when a completed audit was due moves with the closing, and that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_due_date_of_audits() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_due_date AFTER UPDATE ON audits DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.state IN ('completed', 'closed')
          AND OLD.due_on IS DISTINCT FROM NEW.due_on
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION frozen_due_date_of_audits();
