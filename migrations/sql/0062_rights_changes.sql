-- Changes of people's rights: what was proposed stands, and a second person confirms it (X3).
GRANT SELECT, INSERT, UPDATE ON rights_changes TO qa_app;
GRANT SELECT ON rights_changes TO qa_read, qa_backup;
CREATE TRIGGER stamp_changed_xid BEFORE UPDATE ON rights_changes
    FOR EACH ROW EXECUTE FUNCTION stamp_changed_xid();
CREATE TRIGGER keep_left_state BEFORE UPDATE OF state ON rights_changes FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION keep_left_state();

CREATE TRIGGER refuse_one_person BEFORE INSERT OR UPDATE ON rights_changes
    FOR EACH ROW WHEN (NEW.state = 'confirmed')
    EXECUTE FUNCTION refuse_one_person('proposed_by', 'decided_by');

CREATE FUNCTION guard_rights_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF (to_jsonb(NEW) - ARRAY['aggregate', 'state', 'left_state', 'decided_by', 'decided_at', 'refusal',
                              'version', 'changed_xid'])
       IS DISTINCT FROM
       (to_jsonb(OLD) - ARRAY['aggregate', 'state', 'left_state', 'decided_by', 'decided_at', 'refusal',
                              'version', 'changed_xid'])
       OR OLD.decided_at IS NOT NULL THEN
        RAISE EXCEPTION 'what was proposed or decided of somebody''s rights stands'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_rights_change BEFORE UPDATE ON rights_changes
    FOR EACH ROW EXECUTE FUNCTION guard_rights_change();
REVOKE ALL ON FUNCTION guard_rights_change() FROM PUBLIC, qa_app, qa_read, qa_backup;
