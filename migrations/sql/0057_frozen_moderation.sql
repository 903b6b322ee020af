-- Written from the table in models/frozen.py: what stands, since when, and what lets it change.

DROP TRIGGER IF EXISTS frozen_draw ON moderation_samples;
CREATE TRIGGER frozen_draw BEFORE UPDATE ON moderation_samples FOR EACH ROW
    WHEN ((OLD."group", OLD.period, OLD.starts_on, OLD.ends_before, OLD.method, OLD.seed, OLD.population_hash, OLD.policy_version, OLD.explanation, OLD.drawn_at, OLD.drawn_by) IS DISTINCT FROM (NEW."group", NEW.period, NEW.starts_on, NEW.ends_before, NEW.method, NEW.seed, NEW.population_hash, NEW.policy_version, NEW.explanation, NEW.drawn_at, NEW.drawn_by)
          AND qa_is_bound('moderation_samples'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was drawn stands, so that anybody can draw it again');
DROP TRIGGER IF EXISTS frozen_end ON moderation_samples;
CREATE TRIGGER frozen_end BEFORE UPDATE ON moderation_samples FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL
          AND (OLD.closed_at, OLD.closed_by) IS DISTINCT FROM (NEW.closed_at, NEW.closed_by)
          AND qa_is_bound('moderation_samples'::regclass))
    EXECUTE FUNCTION refuse_frozen('a sample that was closed stays so');
DROP TRIGGER IF EXISTS frozen_draw ON moderation_members;
CREATE TRIGGER frozen_draw BEFORE UPDATE ON moderation_members FOR EACH ROW
    WHEN ((OLD.sample_id, OLD.audit_id, OLD.audit_type, OLD.judgement, OLD.audited_team, OLD.exclusion, OLD.stratum, OLD.drawn) IS DISTINCT FROM (NEW.sample_id, NEW.audit_id, NEW.audit_type, NEW.judgement, NEW.audited_team, NEW.exclusion, NEW.stratum, NEW.drawn)
          AND qa_is_bound('moderation_members'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was drawn stands, so that anybody can draw it again');
DROP TRIGGER IF EXISTS frozen_auditor ON moderation_outcomes;
CREATE TRIGGER frozen_auditor BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN ((OLD.sample_id, OLD.audit_id, OLD.position, OLD.auditor, OLD.auditor_team, OLD.audit_type, OLD.audit_revision, OLD.completed_on, OLD.scale_code, OLD.scale_number, OLD.auditor_judgement, OLD.auditor_rationale) IS DISTINCT FROM (NEW.sample_id, NEW.audit_id, NEW.position, NEW.auditor, NEW.auditor_team, NEW.audit_type, NEW.audit_revision, NEW.completed_on, NEW.scale_code, NEW.scale_number, NEW.auditor_judgement, NEW.auditor_rationale)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('moderation never overwrites what the auditor judged');
DROP TRIGGER IF EXISTS frozen_outcome ON moderation_outcomes;
CREATE OR REPLACE FUNCTION frozen_outcome_of_moderation_outcomes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM moderation_samples s WHERE s.id = OLD.sample_id AND s.state = 'open') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an outcome stands once its sample is closed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_outcome_of_moderation_outcomes() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_outcome BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN ((OLD.moderator, OLD.relation_to_auditor, OLD.quality, OLD.analysis, OLD.themes, OLD.observations, OLD.contribution_to_impact, OLD.moderated_judgement, OLD.moderated_rationale, OLD.action_plan_comments, OLD.feedback_to_auditor, OLD.moderated_at, OLD.moderated_by) IS DISTINCT FROM (NEW.moderator, NEW.relation_to_auditor, NEW.quality, NEW.analysis, NEW.themes, NEW.observations, NEW.contribution_to_impact, NEW.moderated_judgement, NEW.moderated_rationale, NEW.action_plan_comments, NEW.feedback_to_auditor, NEW.moderated_at, NEW.moderated_by)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION frozen_outcome_of_moderation_outcomes();
