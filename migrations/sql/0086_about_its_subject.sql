-- What is added is about the subject of what it belongs to, and as restricted.
DROP TRIGGER IF EXISTS closed_subject ON action_date_changes;
CREATE OR REPLACE FUNCTION closed_subject_of_action_date_changes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.action_id IS NULL OR EXISTS (SELECT FROM restorative_actions p WHERE p.id = one.action_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_action_date_changes() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON action_date_changes REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('action_date_changes'::regclass))
    EXECUTE FUNCTION closed_subject_of_action_date_changes();
DROP TRIGGER IF EXISTS closed_subject ON alerts;
CREATE OR REPLACE FUNCTION closed_subject_of_alerts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_alerts() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON alerts REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('alerts'::regclass))
    EXECUTE FUNCTION closed_subject_of_alerts();
DROP TRIGGER IF EXISTS closed_subject ON audit_answers;
CREATE OR REPLACE FUNCTION closed_subject_of_audit_answers() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_audit_answers() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON audit_answers REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('audit_answers'::regclass))
    EXECUTE FUNCTION closed_subject_of_audit_answers();
DROP TRIGGER IF EXISTS closed_subject ON audit_responses;
CREATE OR REPLACE FUNCTION closed_subject_of_audit_responses() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_audit_responses() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON audit_responses REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('audit_responses'::regclass))
    EXECUTE FUNCTION closed_subject_of_audit_responses();
DROP TRIGGER IF EXISTS closed_subject ON audit_revisions;
CREATE OR REPLACE FUNCTION closed_subject_of_audit_revisions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_audit_revisions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON audit_revisions REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION closed_subject_of_audit_revisions();
DROP TRIGGER IF EXISTS closed_subject ON audits;
CREATE OR REPLACE FUNCTION closed_subject_of_audits() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_audits() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON audits REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION closed_subject_of_audits();
DROP TRIGGER IF EXISTS closed_subject ON closure_gates;
CREATE OR REPLACE FUNCTION closed_subject_of_closure_gates() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_closure_gates() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON closure_gates REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('closure_gates'::regclass))
    EXECUTE FUNCTION closed_subject_of_closure_gates();
DROP TRIGGER IF EXISTS closed_subject ON domain_judgements;
CREATE OR REPLACE FUNCTION closed_subject_of_domain_judgements() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_domain_judgements() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON domain_judgements REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('domain_judgements'::regclass))
    EXECUTE FUNCTION closed_subject_of_domain_judgements();
DROP TRIGGER IF EXISTS closed_subject ON escalation_recipients;
CREATE OR REPLACE FUNCTION closed_subject_of_escalation_recipients() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.escalation_id IS NULL OR EXISTS (SELECT FROM escalations p WHERE p.id = one.escalation_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_escalation_recipients() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON escalation_recipients REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('escalation_recipients'::regclass))
    EXECUTE FUNCTION closed_subject_of_escalation_recipients();
DROP TRIGGER IF EXISTS closed_subject ON escalations;
CREATE OR REPLACE FUNCTION closed_subject_of_escalations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_escalations() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON escalations REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('escalations'::regclass))
    EXECUTE FUNCTION closed_subject_of_escalations();
DROP TRIGGER IF EXISTS closed_subject ON family_contact_attempts;
CREATE OR REPLACE FUNCTION closed_subject_of_family_contact_attempts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_family_contact_attempts() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON family_contact_attempts REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('family_contact_attempts'::regclass))
    EXECUTE FUNCTION closed_subject_of_family_contact_attempts();
DROP TRIGGER IF EXISTS closed_subject ON family_contacts;
CREATE OR REPLACE FUNCTION closed_subject_of_family_contacts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_family_contacts() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON family_contacts REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('family_contacts'::regclass))
    EXECUTE FUNCTION closed_subject_of_family_contacts();
DROP TRIGGER IF EXISTS closed_subject ON learning_actions;
CREATE OR REPLACE FUNCTION closed_subject_of_learning_actions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.outcome_id IS NULL OR EXISTS (SELECT FROM moderation_outcomes p WHERE p.id = one.outcome_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_learning_actions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON learning_actions REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION closed_subject_of_learning_actions();
DROP TRIGGER IF EXISTS closed_subject ON moderation_members;
CREATE OR REPLACE FUNCTION closed_subject_of_moderation_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_moderation_members() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON moderation_members REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('moderation_members'::regclass))
    EXECUTE FUNCTION closed_subject_of_moderation_members();
DROP TRIGGER IF EXISTS closed_subject ON moderation_outcomes;
CREATE OR REPLACE FUNCTION closed_subject_of_moderation_outcomes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_moderation_outcomes() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON moderation_outcomes REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION closed_subject_of_moderation_outcomes();
DROP TRIGGER IF EXISTS closed_subject ON notifications;
CREATE OR REPLACE FUNCTION closed_subject_of_notifications() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_notifications() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON notifications REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('notifications'::regclass))
    EXECUTE FUNCTION closed_subject_of_notifications();
DROP TRIGGER IF EXISTS closed_subject ON panel_date_changes;
CREATE OR REPLACE FUNCTION closed_subject_of_panel_date_changes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_panel_date_changes() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON panel_date_changes REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('panel_date_changes'::regclass))
    EXECUTE FUNCTION closed_subject_of_panel_date_changes();
DROP TRIGGER IF EXISTS closed_subject ON redactions;
CREATE OR REPLACE FUNCTION closed_subject_of_redactions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_redactions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON redactions REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('redactions'::regclass))
    EXECUTE FUNCTION closed_subject_of_redactions();
DROP TRIGGER IF EXISTS closed_subject ON response_items;
CREATE OR REPLACE FUNCTION closed_subject_of_response_items() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.action_id IS NULL OR EXISTS (SELECT FROM restorative_actions p WHERE p.id = one.action_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_response_items() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON response_items REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('response_items'::regclass))
    EXECUTE FUNCTION closed_subject_of_response_items();
DROP TRIGGER IF EXISTS closed_subject ON response_rounds;
CREATE OR REPLACE FUNCTION closed_subject_of_response_rounds() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.response_id IS NULL OR EXISTS (SELECT FROM audit_responses p WHERE p.id = one.response_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_response_rounds() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON response_rounds REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('response_rounds'::regclass))
    EXECUTE FUNCTION closed_subject_of_response_rounds();
DROP TRIGGER IF EXISTS closed_subject ON restorative_actions;
CREATE OR REPLACE FUNCTION closed_subject_of_restorative_actions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_restorative_actions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON restorative_actions REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION closed_subject_of_restorative_actions();
DROP TRIGGER IF EXISTS closed_subject ON urgent_findings;
CREATE OR REPLACE FUNCTION closed_subject_of_urgent_findings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_urgent_findings() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON urgent_findings REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('urgent_findings'::regclass))
    EXECUTE FUNCTION closed_subject_of_urgent_findings();
DROP TRIGGER IF EXISTS closed_subject ON worker_views;
CREATE OR REPLACE FUNCTION closed_subject_of_worker_views() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_worker_views() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON worker_views REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('worker_views'::regclass))
    EXECUTE FUNCTION closed_subject_of_worker_views();
