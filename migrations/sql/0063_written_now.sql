-- Of a row's xmin: whether this very transaction wrote it.
CREATE FUNCTION qa_written_now(written xid) RETURNS boolean LANGUAGE sql STABLE
    RETURN written = pg_current_xact_id()::xid;

DROP TRIGGER IF EXISTS frozen_judgement ON audits;
CREATE OR REPLACE FUNCTION frozen_judgement_of_audits() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.revision IN (OLD.revision, OLD.revision + 1) AND EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = OLD.id AND r.number = OLD.revision AND qa_written_now(r.xmin)) THEN
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
DROP TRIGGER IF EXISTS frozen_content ON audit_answers;
CREATE OR REPLACE FUNCTION frozen_content_of_audit_answers() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND qa_written_now(r.xmin)))) THEN
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
DROP TRIGGER IF EXISTS closed_content ON audit_answers;
CREATE OR REPLACE FUNCTION closed_content_of_audit_answers() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a WHERE a.id = one.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND qa_written_now(r.xmin)))), false)) THEN
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
    IF EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND qa_written_now(r.xmin)))) THEN
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
DROP TRIGGER IF EXISTS closed_content ON domain_judgements;
CREATE OR REPLACE FUNCTION closed_content_of_domain_judgements() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a WHERE a.id = one.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND qa_written_now(r.xmin)))), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a completed audit is amended, by a revision that keeps what it said' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_domain_judgements() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON domain_judgements REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('domain_judgements'::regclass))
    EXECUTE FUNCTION closed_content_of_domain_judgements();
DROP TRIGGER IF EXISTS frozen_content ON practice_observations;
CREATE OR REPLACE FUNCTION frozen_content_of_practice_observations() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM observation_corrections c WHERE c.observation_id = OLD.id AND c.corrected_version = OLD.version AND qa_written_now(c.xmin)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an observation is corrected, and what it said before is kept' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_content_of_practice_observations() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_content BEFORE UPDATE ON practice_observations FOR EACH ROW
    WHEN ((OLD.observer, OLD.observed_on, OLD.activity, OLD.planned, OLD.family_consent, OLD.feedback, OLD.strengths, OLD.development) IS DISTINCT FROM (NEW.observer, NEW.observed_on, NEW.activity, NEW.planned, NEW.family_consent, NEW.feedback, NEW.strengths, NEW.development)
          AND qa_is_bound('practice_observations'::regclass))
    EXECUTE FUNCTION frozen_content_of_practice_observations();
DROP TRIGGER IF EXISTS frozen_day ON calendar_days;
CREATE OR REPLACE FUNCTION frozen_day_of_calendar_days() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM calendar_versions v WHERE qa_written_now(v.xmin)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a day of the calendar turns with a new version of the calendar' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_day_of_calendar_days() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_day BEFORE UPDATE ON calendar_days FOR EACH ROW
    WHEN ((OLD.day, OLD.working_index, OLD.working) IS DISTINCT FROM (NEW.day, NEW.working_index, NEW.working)
          AND qa_is_bound('calendar_days'::regclass))
    EXECUTE FUNCTION frozen_day_of_calendar_days();
DROP TRIGGER IF EXISTS closed_addition ON calendar_days;
CREATE OR REPLACE FUNCTION closed_addition_of_calendar_days() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM calendar_versions v WHERE qa_written_now(v.xmin)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a day of the calendar turns with a new version of the calendar' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_addition_of_calendar_days() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_addition AFTER INSERT ON calendar_days REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('calendar_days'::regclass))
    EXECUTE FUNCTION closed_addition_of_calendar_days();
DROP TRIGGER IF EXISTS closed_removal ON calendar_days;
CREATE OR REPLACE FUNCTION closed_removal_of_calendar_days() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM calendar_versions v WHERE qa_written_now(v.xmin)) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a day of the calendar turns with a new version of the calendar' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_calendar_days() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_removal BEFORE DELETE ON calendar_days FOR EACH ROW
    WHEN (qa_is_bound('calendar_days'::regclass))
    EXECUTE FUNCTION closed_removal_of_calendar_days();
