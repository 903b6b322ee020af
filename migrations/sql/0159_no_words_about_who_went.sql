-- About a record whose content has gone nobody writes another word (X4): no run would list it again, and the
-- words would stay for ever. What is still to be done keeps a record; this holds whatever is not.
CREATE FUNCTION qa_record_has_gone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.subject_id IS NOT NULL
       AND coalesce(current_setting('qa.removing', true), '') = ''
       AND EXISTS (SELECT FROM subjects s
                   WHERE s.id = NEW.subject_id AND s.ref = 'removed:' || s.id::text) THEN
        RAISE EXCEPTION 'the content of this record has gone'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'record_has_gone';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION qa_record_has_gone() FROM PUBLIC, qa_app, qa_read, qa_backup;

CREATE TRIGGER record_has_gone BEFORE INSERT ON audit_revisions
    FOR EACH ROW EXECUTE FUNCTION qa_record_has_gone();
CREATE TRIGGER record_has_gone BEFORE UPDATE OF error_reason ON audits
    FOR EACH ROW WHEN (NEW.error_reason IS NOT NULL) EXECUTE FUNCTION qa_record_has_gone();
CREATE TRIGGER record_has_gone BEFORE INSERT ON comments
    FOR EACH ROW EXECUTE FUNCTION qa_record_has_gone();
CREATE TRIGGER record_has_gone BEFORE INSERT OR UPDATE OF description, how, verification_note,
    not_achieved_reason, cancel_reason ON learning_actions
    FOR EACH ROW EXECUTE FUNCTION qa_record_has_gone();
CREATE TRIGGER record_has_gone BEFORE INSERT ON legal_holds
    FOR EACH ROW EXECUTE FUNCTION qa_record_has_gone();
CREATE TRIGGER record_has_gone BEFORE UPDATE OF moderated_rationale ON moderated_domains
    FOR EACH ROW EXECUTE FUNCTION qa_record_has_gone();
CREATE TRIGGER record_has_gone BEFORE UPDATE OF quality, analysis, themes, observations,
    contribution_to_impact, moderated_rationale, action_plan_comments, feedback_to_auditor ON moderation_outcomes
    FOR EACH ROW EXECUTE FUNCTION qa_record_has_gone();
-- Taken back it may be.
CREATE TRIGGER record_has_gone_since BEFORE UPDATE OF consensus_rationale ON moderated_domains
    FOR EACH ROW WHEN (NEW.consensus_rationale IS NOT NULL) EXECUTE FUNCTION qa_record_has_gone();
CREATE TRIGGER record_has_gone_since BEFORE UPDATE OF consensus_rationale ON moderation_outcomes
    FOR EACH ROW WHEN (NEW.consensus_rationale IS NOT NULL) EXECUTE FUNCTION qa_record_has_gone();
CREATE TRIGGER record_has_gone BEFORE INSERT OR UPDATE OF view ON own_views
    FOR EACH ROW EXECUTE FUNCTION qa_record_has_gone();
