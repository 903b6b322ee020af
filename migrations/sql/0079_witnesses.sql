-- A row that is written again has a new xmin, and passed for one that had just been added. A witness has
-- the stamp of the transaction that adds it, which never changes.
ALTER TABLE action_date_changes ALTER COLUMN xid SET DEFAULT stamp();
ALTER TABLE audit_revisions ALTER COLUMN xid SET DEFAULT stamp();
ALTER TABLE calendar_versions ALTER COLUMN xid SET DEFAULT stamp();
ALTER TABLE judgement_scales ALTER COLUMN xid SET DEFAULT stamp();
ALTER TABLE observation_corrections ALTER COLUMN xid SET DEFAULT stamp();

-- Of a witness's stamp: whether this very transaction added it.
CREATE FUNCTION qa_written_now(added xid8) RETURNS boolean LANGUAGE sql VOLATILE
    RETURN added = stamp();
DROP FUNCTION qa_written_now(xid);

DROP TRIGGER IF EXISTS frozen_judgement ON audits;
CREATE OR REPLACE FUNCTION frozen_judgement_of_audits() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.revision IN (OLD.revision, OLD.revision + 1) AND EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = OLD.id AND r.number = OLD.revision AND qa_written_now(r.xid)) THEN
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
    IF EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND qa_written_now(r.xid)))) THEN
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
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a WHERE a.id = one.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND qa_written_now(r.xid)))), false)) THEN
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
    IF EXISTS (SELECT FROM audits a WHERE a.id = OLD.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND qa_written_now(r.xid)))) THEN
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
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM audits a WHERE a.id = one.audit_id AND (a.state IN ('planned', 'in_progress') OR EXISTS (SELECT FROM audit_revisions r WHERE r.audit_id = a.id AND r.number = a.revision AND qa_written_now(r.xid)))), false)) THEN
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
    IF EXISTS (SELECT FROM observation_corrections c WHERE c.observation_id = OLD.id AND c.corrected_version = OLD.version AND qa_written_now(c.xid)) THEN
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
DROP TRIGGER IF EXISTS frozen_version ON practice_observations;
CREATE TRIGGER frozen_version BEFORE UPDATE ON practice_observations FOR EACH ROW
    WHEN (OLD.version IS DISTINCT FROM NEW.version
          AND (NEW.version > OLD.version) IS NOT TRUE
          AND qa_is_bound('practice_observations'::regclass))
    EXECUTE FUNCTION refuse_frozen('a version that was there does not come again');
DROP TRIGGER IF EXISTS frozen_day ON calendar_days;
CREATE OR REPLACE FUNCTION frozen_day_of_calendar_days() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM calendar_versions v WHERE qa_written_now(v.xid)) THEN
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
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM calendar_versions v WHERE qa_written_now(v.xid)), false)) THEN
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
    IF EXISTS (SELECT FROM calendar_versions v WHERE qa_written_now(v.xid)) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a day of the calendar turns with a new version of the calendar' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_calendar_days() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_removal BEFORE DELETE ON calendar_days FOR EACH ROW
    WHEN (qa_is_bound('calendar_days'::regclass))
    EXECUTE FUNCTION closed_removal_of_calendar_days();
DROP TRIGGER IF EXISTS frozen_finish_date ON restorative_actions;
CREATE OR REPLACE FUNCTION frozen_finish_date_of_restorative_actions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM action_date_changes c WHERE c.action_id = NEW.id AND c.which = 'finish_on' AND c.was = OLD.due_on AND c.became IS NOT DISTINCT FROM NEW.due_on AND qa_written_now(c.xid)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a date that was promised is kept with the one that takes its place' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_finish_date_of_restorative_actions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_finish_date AFTER UPDATE ON restorative_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.due_on IS NOT NULL
          AND OLD.due_on IS DISTINCT FROM NEW.due_on
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION frozen_finish_date_of_restorative_actions();
DROP TRIGGER IF EXISTS frozen_done_date ON restorative_actions;
CREATE OR REPLACE FUNCTION frozen_done_date_of_restorative_actions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM action_date_changes c WHERE c.action_id = NEW.id AND c.which = 'done_on' AND c.was = OLD.done_on AND c.became IS NOT DISTINCT FROM NEW.done_on AND qa_written_now(c.xid)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a date that was told is kept with the one that takes its place' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_done_date_of_restorative_actions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_done_date AFTER UPDATE ON restorative_actions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.done_on IS NOT NULL AND NEW.done_on IS NOT NULL
          AND OLD.done_on IS DISTINCT FROM NEW.done_on
          AND qa_is_bound('restorative_actions'::regclass))
    EXECUTE FUNCTION frozen_done_date_of_restorative_actions();
DROP TRIGGER IF EXISTS begun_witness ON action_date_changes;
CREATE TRIGGER begun_witness BEFORE INSERT ON action_date_changes FOR EACH ROW
    WHEN ((NEW.xid IS DISTINCT FROM stamp()) AND qa_is_bound('action_date_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER IF EXISTS begun_witness ON audit_revisions;
CREATE TRIGGER begun_witness BEFORE INSERT ON audit_revisions FOR EACH ROW
    WHEN ((NEW.xid IS DISTINCT FROM stamp()) AND qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER IF EXISTS begun_witness ON calendar_versions;
CREATE TRIGGER begun_witness BEFORE INSERT ON calendar_versions FOR EACH ROW
    WHEN ((NEW.xid IS DISTINCT FROM stamp()) AND qa_is_bound('calendar_versions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER IF EXISTS begun_witness ON judgement_scales;
CREATE TRIGGER begun_witness BEFORE INSERT ON judgement_scales FOR EACH ROW
    WHEN ((NEW.xid IS DISTINCT FROM stamp()) AND qa_is_bound('judgement_scales'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER IF EXISTS begun_witness ON observation_corrections;
CREATE TRIGGER begun_witness BEFORE INSERT ON observation_corrections FOR EACH ROW
    WHEN ((NEW.xid IS DISTINCT FROM stamp()) AND qa_is_bound('observation_corrections'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER IF EXISTS frozen_witness ON action_date_changes;
CREATE TRIGGER frozen_witness BEFORE UPDATE ON action_date_changes FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('action_date_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER IF EXISTS frozen_witness ON audit_revisions;
CREATE TRIGGER frozen_witness BEFORE UPDATE ON audit_revisions FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER IF EXISTS frozen_witness ON judgement_scales;
CREATE TRIGGER frozen_witness BEFORE UPDATE ON judgement_scales FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('judgement_scales'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER IF EXISTS frozen_witness ON observation_corrections;
CREATE TRIGGER frozen_witness BEFORE UPDATE ON observation_corrections FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('observation_corrections'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER IF EXISTS begun_amendment ON audit_revisions;
CREATE OR REPLACE FUNCTION begun_amendment_of_audit_revisions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audits a WHERE a.id = NEW.audit_id AND a.revision > NEW.number) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what an amendment replaces is kept, and what takes its place has the next number' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_amendment_of_audit_revisions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_amendment AFTER INSERT ON audit_revisions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('audit_revisions'::regclass))
    EXECUTE FUNCTION begun_amendment_of_audit_revisions();
DROP TRIGGER IF EXISTS begun_correction ON observation_corrections;
CREATE OR REPLACE FUNCTION begun_correction_of_observation_corrections() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM practice_observations o WHERE o.id = NEW.observation_id AND o.version > NEW.corrected_version) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what a correction replaces is kept, and what takes its place is the next version' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_correction_of_observation_corrections() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_correction AFTER INSERT ON observation_corrections DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('observation_corrections'::regclass))
    EXECUTE FUNCTION begun_correction_of_observation_corrections();
DROP TRIGGER IF EXISTS closed_content ON scale_points;
CREATE OR REPLACE FUNCTION closed_content_of_scale_points() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM judgement_scales s WHERE s.code = one.scale_code AND s.number = one.scale_number AND qa_written_now(s.xid)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the points of a scale are made together with it' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_scale_points() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON scale_points REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('scale_points'::regclass))
    EXECUTE FUNCTION closed_content_of_scale_points();
