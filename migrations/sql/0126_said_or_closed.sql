-- Whether a thing is open was looked up beside whoever closed it at that moment. The thing is held until
-- the commit first, whoever writes: it closes after that, or what is said waits and is refused.
CREATE FUNCTION hold_what_is_talked_about() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    CASE NEW.kind
        WHEN 'audit_response' THEN
            PERFORM FROM audit_responses r WHERE r.id = NEW.response_id FOR SHARE;
        WHEN 'restorative_action' THEN
            PERFORM FROM restorative_actions a WHERE a.id = NEW.action_id FOR SHARE;
        WHEN 'escalation' THEN
            PERFORM FROM escalations e WHERE e.id = NEW.escalation_id FOR SHARE;
        WHEN 'moderation_outcome' THEN
            PERFORM FROM moderation_samples s JOIN moderation_outcomes o ON o.sample_id = s.id
            WHERE o.id = NEW.outcome_id FOR SHARE OF s;
        ELSE PERFORM FROM audits a WHERE a.id = NEW.audit_id FOR SHARE;
    END CASE;
    RETURN NEW;
END $$;
-- The same of the worker's own view, which is taken until the audit closes (R4.1.9).
CREATE FUNCTION hold_what_is_viewed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM audits a WHERE a.id = NEW.audit_id FOR SHARE;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION hold_what_is_talked_about(), hold_what_is_viewed()
    FROM PUBLIC, qa_app, qa_read, qa_backup;

-- Before the triggers that look whether it is open: those of a row fire in the order of their names.
CREATE TRIGGER await_closing BEFORE INSERT OR UPDATE OF resolved_at, resolved_by ON comments
    FOR EACH ROW WHEN (qa_is_bound('comments'::regclass))
    EXECUTE FUNCTION hold_what_is_talked_about();
CREATE TRIGGER await_closing BEFORE INSERT OR UPDATE OF view, written_at ON own_views
    FOR EACH ROW WHEN (qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION hold_what_is_viewed();
