-- A draw is the witness of what is drawn: it has the stamp of the transaction that adds it.
ALTER TABLE moderation_samples ALTER COLUMN xid SET DEFAULT stamp();

DROP TRIGGER IF EXISTS begun_draw ON moderation_samples;
CREATE OR REPLACE FUNCTION begun_draw_of_moderation_samples() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM moderation_members m WHERE m.sample_id = NEW.id AND m.drawn AND NOT EXISTS (SELECT FROM moderation_outcomes o WHERE o.sample_id = m.sample_id AND o.audit_id = m.audit_id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was drawn is moderated: each audit has its outcome to come' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_draw_of_moderation_samples() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_draw AFTER INSERT ON moderation_samples DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('moderation_samples'::regclass))
    EXECUTE FUNCTION begun_draw_of_moderation_samples();
DROP TRIGGER IF EXISTS closed_draw ON moderation_members;
CREATE OR REPLACE FUNCTION closed_draw_of_moderation_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM moderation_samples s JOIN audits a ON a.id = one.audit_id WHERE s.id = one.sample_id AND qa_written_now(s.xid) AND a.state IN ('completed', 'closed') AND (one.audit_type, one.judgement, one.audited_team, one.exclusion) IS NOT DISTINCT FROM (a.type, coalesce(a.overall_judgement, ''), a.audited_team, CASE WHEN a.recorded_in_error_at IS NOT NULL THEN 'recorded_in_error' WHEN a.restricted THEN 'restricted' END) AND NOT (one.drawn AND one.exclusion IS NOT NULL)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is drawn is added by the draw, and says what its audit says' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_draw_of_moderation_members() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_draw AFTER INSERT ON moderation_members REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('moderation_members'::regclass))
    EXECUTE FUNCTION closed_draw_of_moderation_members();
DROP TRIGGER IF EXISTS frozen_turn ON moderating_teams;
CREATE TRIGGER frozen_turn BEFORE UPDATE ON moderating_teams FOR EACH ROW
    WHEN ((OLD.sample_id, OLD.team) IS DISTINCT FROM (NEW.sample_id, NEW.team)
          AND qa_is_bound('moderating_teams'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was drawn stands, so that anybody can draw it again');
DROP TRIGGER IF EXISTS closed_draw ON moderating_teams;
CREATE OR REPLACE FUNCTION closed_draw_of_moderating_teams() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM moderation_samples s WHERE s.id = one.sample_id AND qa_written_now(s.xid)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is drawn is added by the draw, and says what its audit says' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_draw_of_moderating_teams() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_draw AFTER INSERT ON moderating_teams REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('moderating_teams'::regclass))
    EXECUTE FUNCTION closed_draw_of_moderating_teams();
DROP TRIGGER IF EXISTS closed_draw ON moderation_outcomes;
CREATE OR REPLACE FUNCTION closed_draw_of_moderation_outcomes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM moderation_samples s JOIN moderation_members m ON m.sample_id = s.id JOIN audits a ON a.id = m.audit_id WHERE s.id = one.sample_id AND qa_written_now(s.xid) AND s.state = 'open' AND m.audit_id = one.audit_id AND m.drawn AND (one.auditor, one.auditor_team, one.audit_type, one.audit_revision, one.completed_on, one.scale_code, one.scale_number, one.auditor_judgement, one.auditor_rationale) IS NOT DISTINCT FROM (a.auditor, a.auditor_team, a.type, a.revision, a.completed_on, a.scale_code, a.scale_number, a.overall_judgement, a.overall_rationale)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is drawn is added by the draw, and says what its audit says' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_draw_of_moderation_outcomes() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_draw AFTER INSERT ON moderation_outcomes REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION closed_draw_of_moderation_outcomes();
DROP TRIGGER IF EXISTS begun_outcome ON moderation_outcomes;
CREATE TRIGGER begun_outcome BEFORE INSERT ON moderation_outcomes FOR EACH ROW
    WHEN ((num_nonnulls(NEW.quality, NEW.analysis, NEW.themes, NEW.observations, NEW.contribution_to_impact, NEW.moderated_judgement, NEW.moderated_rationale, NEW.action_plan_comments, NEW.feedback_to_auditor, NEW.moderated_at, NEW.moderated_by) > 0) AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was drawn is moderated afterwards');
DROP TRIGGER IF EXISTS begun_witness ON moderation_samples;
CREATE TRIGGER begun_witness BEFORE INSERT ON moderation_samples FOR EACH ROW
    WHEN ((NEW.xid IS DISTINCT FROM stamp()) AND qa_is_bound('moderation_samples'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER IF EXISTS frozen_witness ON moderation_samples;
CREATE TRIGGER frozen_witness BEFORE UPDATE ON moderation_samples FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('moderation_samples'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
