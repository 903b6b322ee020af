-- When a row was last written: the instant of the work that wrote it, or the clock's outside of any.
CREATE FUNCTION qa_written_at() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(nullif(current_setting('qa.now', true), '')::timestamptz, now());
CREATE FUNCTION keep_changed_at() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    NEW.changed_at := qa_written_at();
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION keep_changed_at() FROM PUBLIC, qa_app, qa_read, qa_backup;

-- What is there already counts as changed when this column came. To write each row anew would hold the
-- tables, and ask of old rows what is asked of new ones alone.
ALTER TABLE audits ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON audits
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();
ALTER TABLE restorative_actions ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON restorative_actions
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();
ALTER TABLE audit_responses ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON audit_responses
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();
ALTER TABLE escalations ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON escalations
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();
ALTER TABLE closure_gates ADD COLUMN changed_at timestamptz NOT NULL DEFAULT qa_written_at();
CREATE TRIGGER keep_changed_at BEFORE UPDATE ON closure_gates
    FOR EACH ROW EXECUTE FUNCTION keep_changed_at();
