-- Whether an audit has closed tells its sealed moderator whether its judgement escalated (R4.5.3). They are
-- told its version and its last change as if it had never closed; so that can be said, closings are kept.
-- Of what is there already it is not known: null, and told as closed once.
ALTER TABLE audits ADD COLUMN closings integer;
ALTER TABLE audits ALTER COLUMN closings SET DEFAULT 0;
ALTER TABLE audits ADD COLUMN changed_before_closing_at timestamptz;

-- A closing that is written together with another change is that change's: without it there would have
-- been a version as well.
CREATE FUNCTION keep_closing() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    -- What is computed is not there yet before the row is written.
    closing constant text[] := ARRAY['state', 'left_state', 'aggregate', 'closed_at', 'version', 'changed_at',
                                     'changed_xid', 'closings', 'changed_before_closing_at'];
BEGIN
    NEW.closings := coalesce(OLD.closings, CASE OLD.state WHEN 'closed' THEN 1 ELSE 0 END);
    NEW.changed_before_closing_at := NULL;
    IF OLD.state = 'completed' AND to_jsonb(OLD) - closing = to_jsonb(NEW) - closing THEN
        NEW.closings := NEW.closings + 1;
        NEW.changed_before_closing_at := OLD.changed_at;
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION keep_closing() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER keep_closing BEFORE UPDATE ON audits FOR EACH ROW
    WHEN (NEW.state = 'closed' OR OLD.state = 'closed')
    EXECUTE FUNCTION keep_closing();
