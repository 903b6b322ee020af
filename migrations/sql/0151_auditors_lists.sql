-- Who audited what belongs to an audit, beside it: a list finds the first page of an auditor's rows by an
-- index. It says nothing about who may read them. A trigger writes it, whatever is given.
CREATE OR REPLACE FUNCTION keep_auditor() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    NEW.auditor := (SELECT a.auditor FROM audits a WHERE a.id = NEW.audit_id);
    RETURN NEW;
END $$;
-- Of what was said of an outcome: who audited what was moderated, as the outcome says.
CREATE OR REPLACE FUNCTION keep_auditor_of_comment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    NEW.auditor := CASE WHEN NEW.outcome_id IS NULL
        THEN (SELECT a.auditor FROM audits a WHERE a.id = NEW.audit_id)
        ELSE (SELECT o.auditor FROM moderation_outcomes o WHERE o.id = NEW.outcome_id) END;
    RETURN NEW;
END $$;
-- An audit may be given to another auditor until it is completed. Actions show, and responses are there,
-- from then on; comments may be there before.
CREATE OR REPLACE FUNCTION pass_on_auditor() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE comments SET auditor = NEW.auditor WHERE audit_id = NEW.id AND outcome_id IS NULL;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION keep_auditor(), keep_auditor_of_comment(), pass_on_auditor()
    FROM PUBLIC, qa_app, qa_read, qa_backup;

-- An action of a draft shows nowhere: it has an auditor once it is set.
CREATE TRIGGER keep_auditor BEFORE INSERT OR UPDATE OF set_at, auditor ON restorative_actions
    FOR EACH ROW WHEN (NEW.set_at IS NOT NULL) EXECUTE FUNCTION keep_auditor();
CREATE TRIGGER keep_auditor BEFORE INSERT OR UPDATE OF auditor ON audit_responses
    FOR EACH ROW EXECUTE FUNCTION keep_auditor();
CREATE TRIGGER keep_auditor BEFORE INSERT OR UPDATE OF auditor ON comments
    FOR EACH ROW EXECUTE FUNCTION keep_auditor_of_comment();
CREATE TRIGGER pass_on_auditor AFTER UPDATE OF auditor ON audits
    FOR EACH ROW WHEN (OLD.auditor IS DISTINCT FROM NEW.auditor) EXECUTE FUNCTION pass_on_auditor();
