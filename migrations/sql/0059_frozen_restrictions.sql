-- Written from the table in models/frozen.py: what stands, since when, and what lets it change.

DROP TRIGGER IF EXISTS frozen_restriction ON action_date_changes;
CREATE OR REPLACE FUNCTION frozen_restriction() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM subjects s WHERE s.id = NEW.subject_id AND s.restricted) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is about a restricted subject is restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_restriction() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON action_date_changes FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('action_date_changes'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON alerts;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON alerts FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('alerts'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON audit_answers;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON audit_answers FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('audit_answers'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON audit_responses;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON audit_responses FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON audit_revisions;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON audit_revisions FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON audits;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON audits FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON closure_gates;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON closure_gates FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON domain_judgements;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON domain_judgements FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('domain_judgements'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON escalation_recipients;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON escalation_recipients FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON escalations;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON escalations FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON family_contact_attempts;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON family_contact_attempts FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('family_contact_attempts'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON family_contacts;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON family_contacts FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('family_contacts'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON learning_actions;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON learning_actions FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON moderation_members;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON moderation_members FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('moderation_members'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON moderation_outcomes;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON notifications;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON notifications FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('notifications'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON panel_date_changes;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON panel_date_changes FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('panel_date_changes'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON redactions;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON redactions FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('redactions'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON response_items;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON response_items FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('response_items'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON response_rounds;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON response_rounds FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON restorative_actions;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON restorative_actions FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON urgent_findings;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON urgent_findings FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('urgent_findings'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_restriction ON worker_views;
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON worker_views FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('worker_views'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS frozen_grant ON restriction_grants;
CREATE TRIGGER frozen_grant BEFORE UPDATE ON restriction_grants FOR EACH ROW
    WHEN ((OLD.subject_id, OLD.principal_id, OLD.reason, OLD.granted_by, OLD.granted_at) IS DISTINCT FROM (NEW.subject_id, NEW.principal_id, NEW.reason, NEW.granted_by, NEW.granted_at)
          AND qa_is_bound('restriction_grants'::regclass))
    EXECUTE FUNCTION refuse_frozen('leave to see a restricted record is given anew, never changed');
DROP TRIGGER IF EXISTS frozen_end ON restriction_grants;
CREATE TRIGGER frozen_end BEFORE UPDATE ON restriction_grants FOR EACH ROW
    WHEN (OLD.expires_at IS DISTINCT FROM NEW.expires_at
          AND (NEW.expires_at <= OLD.expires_at) IS NOT TRUE
          AND qa_is_bound('restriction_grants'::regclass))
    EXECUTE FUNCTION refuse_frozen('leave to see a restricted record ends as was said, or sooner');

ALTER TABLE subjects ADD CONSTRAINT subjects_merged_into_another_check
    CHECK (merged_into_id <> id) NOT VALID;
