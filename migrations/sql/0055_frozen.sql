-- Written from the table in models/frozen.py: what stands, since when, and what lets it change.
CREATE FUNCTION qa_is_bound(relation oid) RETURNS boolean LANGUAGE sql STABLE
    RETURN current_user <> (SELECT pg_get_userbyid(c.relowner) FROM pg_class c
                            WHERE c.oid = relation);

CREATE FUNCTION refuse_frozen() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME,
        CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION refuse_frozen() FROM PUBLIC, qa_app, qa_read, qa_backup;

DROP TRIGGER IF EXISTS frozen_judgement ON audits;
CREATE OR REPLACE FUNCTION frozen_judgement_of_audits() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.revision IN (OLD.revision, OLD.revision + 1) AND EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = OLD.id AND r.number = OLD.revision AND r.xmin = pg_current_xact_id()::xid) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a completed audit is amended, by a revision that keeps what it said' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_judgement_of_audits() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_judgement BEFORE UPDATE ON audits FOR EACH ROW
    WHEN (OLD.state IN ('completed', 'closed')
          AND (OLD.overall_judgement, OLD.overall_rationale, OLD.positive_feedback, OLD.paper_records_read, OLD.revision) IS DISTINCT FROM (NEW.overall_judgement, NEW.overall_rationale, NEW.positive_feedback, NEW.paper_records_read, NEW.revision)
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION frozen_judgement_of_audits();
DROP TRIGGER IF EXISTS frozen_completion ON audits;
CREATE TRIGGER frozen_completion BEFORE UPDATE ON audits FOR EACH ROW
    WHEN (OLD.state IN ('completed', 'closed')
          AND (OLD.type, OLD.tool_id, OLD.scale_code, OLD.scale_number, OLD.re_audit_of, OLD.opened_by, OLD.plan_id, OLD.plan_team, OLD.theme_code, OLD.policy_version, OLD.auditor, OLD.auditor_team, OLD.conflict_override_reason, OLD.audited_worker, OLD.audited_team, OLD.audited_team_manager, OLD.audited_head_of_service, OLD.planned_at, OLD.started_at, OLD.completed_at, OLD.completed_on) IS DISTINCT FROM (NEW.type, NEW.tool_id, NEW.scale_code, NEW.scale_number, NEW.re_audit_of, NEW.opened_by, NEW.plan_id, NEW.plan_team, NEW.theme_code, NEW.policy_version, NEW.auditor, NEW.auditor_team, NEW.conflict_override_reason, NEW.audited_worker, NEW.audited_team, NEW.audited_team_manager, NEW.audited_head_of_service, NEW.planned_at, NEW.started_at, NEW.completed_at, NEW.completed_on)
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('who audited what, by which tool and when, stands once the audit is completed');
DROP TRIGGER IF EXISTS frozen_error ON audits;
CREATE TRIGGER frozen_error BEFORE UPDATE ON audits FOR EACH ROW
    WHEN (OLD.recorded_in_error_at IS NOT NULL
          AND (OLD.error_reason, OLD.error_reported_by, OLD.error_confirmed_by, OLD.recorded_in_error_at) IS DISTINCT FROM (NEW.error_reason, NEW.error_reported_by, NEW.error_confirmed_by, NEW.recorded_in_error_at)
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an error that two people found is not undone');
DROP TRIGGER IF EXISTS frozen_report_of_error ON audits;
CREATE TRIGGER frozen_report_of_error BEFORE UPDATE ON audits FOR EACH ROW
    WHEN (OLD.error_confirmed_by IS DISTINCT FROM NEW.error_confirmed_by
          AND (NEW.error_confirmed_by IS NULL OR OLD.error_reported_by = NEW.error_reported_by) IS NOT TRUE
          AND qa_is_bound('audits'::regclass))
    EXECUTE FUNCTION refuse_frozen('an error is reported before another person confirms it');
DROP TRIGGER IF EXISTS frozen_content ON audit_answers;
CREATE OR REPLACE FUNCTION frozen_content_of_audit_answers() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND r.xmin = pg_current_xact_id()::xid))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a completed audit is amended, by a revision that keeps what it said' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_content_of_audit_answers() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_content BEFORE UPDATE ON audit_answers FOR EACH ROW
    WHEN ((OLD.value, OLD.evidence, OLD.rationale, OLD.comment, OLD.done_on, OLD.expected_by, OLD.answered_at, OLD.left_out) IS DISTINCT FROM (NEW.value, NEW.evidence, NEW.rationale, NEW.comment, NEW.done_on, NEW.expected_by, NEW.answered_at, NEW.left_out)
          AND qa_is_bound('audit_answers'::regclass))
    EXECUTE FUNCTION frozen_content_of_audit_answers();
DROP TRIGGER IF EXISTS frozen_place ON audit_answers;
CREATE TRIGGER frozen_place BEFORE UPDATE ON audit_answers FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.question_key, OLD.tool_id) IS DISTINCT FROM (NEW.audit_id, NEW.question_key, NEW.tool_id)
          AND qa_is_bound('audit_answers'::regclass))
    EXECUTE FUNCTION refuse_frozen('an answer stays with its audit and its question');
DROP TRIGGER IF EXISTS closed_content ON audit_answers;
CREATE OR REPLACE FUNCTION closed_content_of_audit_answers() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a WHERE a.id = one.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND r.xmin = pg_current_xact_id()::xid))), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a completed audit is amended, by a revision that keeps what it said' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_audit_answers() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON audit_answers REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('audit_answers'::regclass))
    EXECUTE FUNCTION closed_content_of_audit_answers();
DROP TRIGGER IF EXISTS frozen_content ON domain_judgements;
CREATE OR REPLACE FUNCTION frozen_content_of_domain_judgements() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND r.xmin = pg_current_xact_id()::xid))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a completed audit is amended, by a revision that keeps what it said' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_content_of_domain_judgements() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_content BEFORE UPDATE ON domain_judgements FOR EACH ROW
    WHEN ((OLD.tool_id, OLD.scale_code, OLD.scale_number, OLD.judgement, OLD.rationale) IS DISTINCT FROM (NEW.tool_id, NEW.scale_code, NEW.scale_number, NEW.judgement, NEW.rationale)
          AND qa_is_bound('domain_judgements'::regclass))
    EXECUTE FUNCTION frozen_content_of_domain_judgements();
DROP TRIGGER IF EXISTS frozen_place ON domain_judgements;
CREATE TRIGGER frozen_place BEFORE UPDATE ON domain_judgements FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.domain_key) IS DISTINCT FROM (NEW.audit_id, NEW.domain_key)
          AND qa_is_bound('domain_judgements'::regclass))
    EXECUTE FUNCTION refuse_frozen('a judgement stays with its audit and its domain');
DROP TRIGGER IF EXISTS closed_content ON domain_judgements;
CREATE OR REPLACE FUNCTION closed_content_of_domain_judgements() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a WHERE a.id = one.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND r.xmin = pg_current_xact_id()::xid))), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a completed audit is amended, by a revision that keeps what it said' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_domain_judgements() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON domain_judgements REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('domain_judgements'::regclass))
    EXECUTE FUNCTION closed_content_of_domain_judgements();
DROP TRIGGER IF EXISTS frozen_content ON family_contacts;
CREATE OR REPLACE FUNCTION frozen_content_of_family_contacts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id AND a.state IN ('planned', 'in_progress')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what the family said stands once the audit is completed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_content_of_family_contacts() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_content BEFORE UPDATE ON family_contacts FOR EACH ROW
    WHEN ((OLD.expected, OLD.not_expected_reason, OLD.key_worker_forewarned, OLD.contact_details_checked) IS DISTINCT FROM (NEW.expected, NEW.not_expected_reason, NEW.key_worker_forewarned, NEW.contact_details_checked)
          AND qa_is_bound('family_contacts'::regclass))
    EXECUTE FUNCTION frozen_content_of_family_contacts();
DROP TRIGGER IF EXISTS frozen_place ON family_contacts;
CREATE TRIGGER frozen_place BEFORE UPDATE ON family_contacts FOR EACH ROW
    WHEN (OLD.audit_id IS DISTINCT FROM NEW.audit_id
          AND qa_is_bound('family_contacts'::regclass))
    EXECUTE FUNCTION refuse_frozen('a contact stays with its audit');
DROP TRIGGER IF EXISTS closed_content ON family_contacts;
CREATE OR REPLACE FUNCTION closed_content_of_family_contacts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a WHERE a.id = one.audit_id AND a.state IN ('planned', 'in_progress')), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what the family said stands once the audit is completed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_family_contacts() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON family_contacts REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('family_contacts'::regclass))
    EXECUTE FUNCTION closed_content_of_family_contacts();
DROP TRIGGER IF EXISTS frozen_content ON family_contact_attempts;
CREATE OR REPLACE FUNCTION frozen_content_of_family_contact_attempts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id AND a.state IN ('planned', 'in_progress')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what the family said stands once the audit is completed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_content_of_family_contact_attempts() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_content BEFORE UPDATE ON family_contact_attempts FOR EACH ROW
    WHEN ((OLD.who, OLD.how, OLD.at, OLD.outcome, OLD.feedback) IS DISTINCT FROM (NEW.who, NEW.how, NEW.at, NEW.outcome, NEW.feedback)
          AND qa_is_bound('family_contact_attempts'::regclass))
    EXECUTE FUNCTION frozen_content_of_family_contact_attempts();
DROP TRIGGER IF EXISTS frozen_place ON family_contact_attempts;
CREATE TRIGGER frozen_place BEFORE UPDATE ON family_contact_attempts FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.number) IS DISTINCT FROM (NEW.audit_id, NEW.number)
          AND qa_is_bound('family_contact_attempts'::regclass))
    EXECUTE FUNCTION refuse_frozen('a contact stays with its audit');
DROP TRIGGER IF EXISTS closed_content ON family_contact_attempts;
CREATE OR REPLACE FUNCTION closed_content_of_family_contact_attempts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a WHERE a.id = one.audit_id AND a.state IN ('planned', 'in_progress')), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what the family said stands once the audit is completed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_family_contact_attempts() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON family_contact_attempts REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('family_contact_attempts'::regclass))
    EXECUTE FUNCTION closed_content_of_family_contact_attempts();
DROP TRIGGER IF EXISTS closed_removal ON family_contact_attempts;
CREATE OR REPLACE FUNCTION closed_removal_of_family_contact_attempts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id AND a.state IN ('planned', 'in_progress')) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what the family said stands once the audit is completed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_family_contact_attempts() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_removal BEFORE DELETE ON family_contact_attempts FOR EACH ROW
    WHEN (qa_is_bound('family_contact_attempts'::regclass))
    EXECUTE FUNCTION closed_removal_of_family_contact_attempts();
DROP TRIGGER IF EXISTS frozen_content ON audit_revisions;
CREATE TRIGGER frozen_content BEFORE UPDATE ON audit_revisions FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.number, OLD.reason, OLD.replaced_at, OLD.replaced_by, OLD.content) IS DISTINCT FROM (NEW.audit_id, NEW.number, NEW.reason, NEW.replaced_at, NEW.replaced_by, NEW.content)
          AND qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a revision keeps what the audit said');
DROP TRIGGER IF EXISTS closed_content ON audit_revisions;
CREATE OR REPLACE FUNCTION closed_content_of_audit_revisions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a WHERE a.id = one.audit_id AND a.revision = one.number AND a.state IN ('completed', 'closed')), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a revision keeps what a completed audit says now' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_audit_revisions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON audit_revisions REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION closed_content_of_audit_revisions();
DROP TRIGGER IF EXISTS frozen_content ON urgent_findings;
CREATE TRIGGER frozen_content BEFORE UPDATE ON urgent_findings FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.kind, OLD.description, OLD.child_safe_now, OLD.raised_at) IS DISTINCT FROM (NEW.audit_id, NEW.kind, NEW.description, NEW.child_safe_now, NEW.raised_at)
          AND qa_is_bound('urgent_findings'::regclass))
    EXECUTE FUNCTION refuse_frozen('an urgent finding stands as it was raised');
