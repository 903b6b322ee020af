-- Read by whoever reads what the auditor noted as the worker's view, but for who is to judge sealed:
-- the worker knows the judgement that they write about (R4.5.3).
GRANT SELECT, INSERT, UPDATE ON own_views TO qa_app;
GRANT SELECT ON own_views TO qa_read, qa_backup;
ALTER TABLE own_views ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON own_views TO qa_app, qa_read
    USING (CASE WHEN qa_reach() = ANY (ARRAY['service', 'authority'])
           OR team = ANY (qa_teams()) OR worker = qa_worker() THEN true
           ELSE qa_reaches_audit(audit_id) END);
CREATE POLICY unrestricted ON own_views AS RESTRICTIVE TO qa_app, qa_read
    USING (NOT restricted OR qa_reach() = 'service' OR qa_granted(subject_id));
CREATE POLICY sealed ON own_views AS RESTRICTIVE FOR SELECT TO qa_app, qa_read
    USING (NOT qa_is_sealed(audit_id));
CREATE POLICY backup ON own_views TO qa_backup USING (true);

-- What was discussed in supervision may be said in a comment (R4.2.2).
ALTER TABLE audits ADD CONSTRAINT audits_discussed_in_comment_id_fkey
    FOREIGN KEY (discussed_in_comment_id) REFERENCES comments (id) NOT VALID;
ALTER TABLE audits VALIDATE CONSTRAINT audits_discussed_in_comment_id_fkey;

INSERT INTO allowed_actions (aggregate, action, from_state, to_state, roles)
SELECT 'audit', 'write_own_view', state, state, ARRAY['worker']
FROM unnest(ARRAY['completed', 'closed']) AS state;
INSERT INTO retained_content (table_name, column_name, content_of, found_by, treatment)
VALUES ('own_views', 'view', 'subject', 'subject_id', 'mark');

-- What stands of it. Written from the table in models/frozen/.
DROP TRIGGER IF EXISTS frozen_content ON own_views;
CREATE OR REPLACE FUNCTION frozen_content_of_own_views() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a JOIN notifications n ON n.audit_id = a.id WHERE a.id = OLD.audit_id AND n.notified_at IS NOT NULL AND a.audited_worker = OLD.written_by AND (a.state = 'completed' OR (a.state = 'closed' AND NOT EXISTS (SELECT FROM audit_responses r WHERE r.audit_id = a.id)))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the worker adds their own view once they are told, until the audit closes' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_content_of_own_views() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_content BEFORE UPDATE ON own_views FOR EACH ROW
    WHEN ((OLD.view, OLD.written_at) IS DISTINCT FROM (NEW.view, NEW.written_at)
          AND qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION frozen_content_of_own_views();
DROP TRIGGER IF EXISTS frozen_place ON own_views;
CREATE TRIGGER frozen_place BEFORE UPDATE ON own_views FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.written_by) IS DISTINCT FROM (NEW.audit_id, NEW.written_by)
          AND qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION refuse_frozen('a view stays with its audit and worker');
DROP TRIGGER IF EXISTS closed_content ON own_views;
CREATE OR REPLACE FUNCTION closed_content_of_own_views() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a JOIN notifications n ON n.audit_id = a.id WHERE a.id = one.audit_id AND n.notified_at IS NOT NULL AND a.audited_worker = one.written_by AND (a.state = 'completed' OR (a.state = 'closed' AND NOT EXISTS (SELECT FROM audit_responses r WHERE r.audit_id = a.id)))), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the worker adds their own view once they are told, until the audit closes' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_own_views() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON own_views REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION closed_content_of_own_views();
DROP TRIGGER IF EXISTS frozen_restriction ON own_views;
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
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON own_views FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS closed_subject ON own_views;
CREATE OR REPLACE FUNCTION closed_subject_of_own_views() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_own_views() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON own_views REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION closed_subject_of_own_views();
DROP TRIGGER IF EXISTS frozen_subject ON own_views;
CREATE OR REPLACE FUNCTION frozen_subject() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM subjects was, subjects is_now WHERE was.id = OLD.subject_id AND is_now.id = NEW.subject_id AND coalesce(was.merged_into_id, was.id) = coalesce(is_now.merged_into_id, is_now.id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is about one person becomes about another by a merge of the two alone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_subject() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON own_views DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('own_views'::regclass))
    EXECUTE FUNCTION frozen_subject();
