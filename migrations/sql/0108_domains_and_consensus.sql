-- What auditor and moderator agree on afterwards stands beside both of their judgements.
ALTER TABLE moderation_outcomes
    ADD CONSTRAINT moderation_outcomes_consensus_judgement_fkey
        FOREIGN KEY (scale_code, scale_number, consensus_judgement)
        REFERENCES scale_points (scale_code, scale_number, code) NOT VALID,
    ADD CONSTRAINT moderation_outcomes_consensus_proposed_by_fkey
        FOREIGN KEY (consensus_proposed_by) REFERENCES workers (code) NOT VALID,
    ADD CONSTRAINT moderation_outcomes_consensus_agreed_by_fkey
        FOREIGN KEY (consensus_agreed_by) REFERENCES workers (code) NOT VALID,
    ADD CONSTRAINT moderation_outcomes_consensus_whole_check
        CHECK (num_nonnulls(consensus_judgement, consensus_rationale, consensus_proposed_at,
                            consensus_proposed_by) IN (0, 4)) NOT VALID,
    ADD CONSTRAINT moderation_outcomes_consensus_by_two_check
        CHECK ((consensus_agreed_at IS NULL) = (consensus_agreed_by IS NULL)
               AND (consensus_agreed_at IS NULL OR consensus_proposed_at IS NOT NULL)
               AND consensus_agreed_by <> consensus_proposed_by) NOT VALID,
    ADD CONSTRAINT moderation_outcomes_consensus_rationale_said_check
        CHECK (consensus_rationale ~ '\S') NOT VALID,
    ADD CONSTRAINT moderation_outcomes_consensus_proposed_at_in_order_check
        CHECK (moderated_at <= consensus_proposed_at + interval '1 minute') NOT VALID,
    ADD CONSTRAINT moderation_outcomes_consensus_agreed_at_in_order_check
        CHECK (consensus_proposed_at <= consensus_agreed_at + interval '1 minute') NOT VALID;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE moderation_outcomes
    VALIDATE CONSTRAINT moderation_outcomes_consensus_judgement_fkey,
    VALIDATE CONSTRAINT moderation_outcomes_consensus_proposed_by_fkey,
    VALIDATE CONSTRAINT moderation_outcomes_consensus_agreed_by_fkey,
    VALIDATE CONSTRAINT moderation_outcomes_consensus_whole_check,
    VALIDATE CONSTRAINT moderation_outcomes_consensus_by_two_check,
    VALIDATE CONSTRAINT moderation_outcomes_consensus_rationale_said_check,
    VALIDATE CONSTRAINT moderation_outcomes_consensus_proposed_at_in_order_check,
    VALIDATE CONSTRAINT moderation_outcomes_consensus_agreed_at_in_order_check;

-- The domains of an outcome are for whoever reads the outcome; a case's holders read neither as such.
GRANT SELECT, INSERT, UPDATE ON moderated_domains TO qa_app;
GRANT SELECT ON moderated_domains TO qa_read, qa_backup;
ALTER TABLE moderated_domains ENABLE ROW LEVEL SECURITY;
CREATE POLICY held ON moderated_domains TO qa_app, qa_read
    USING (CASE WHEN qa_reach() IN ('service', 'authority') THEN true
           ELSE EXISTS (SELECT FROM moderation_outcomes o WHERE o.id = outcome_id) END);
CREATE POLICY unrestricted ON moderated_domains AS RESTRICTIVE TO qa_app, qa_read
    USING (NOT restricted OR qa_reach() = 'service' OR qa_granted(subject_id));
CREATE POLICY backup ON moderated_domains TO qa_backup USING (true);
CREATE TRIGGER stamp_changed_xid BEFORE UPDATE ON moderated_domains
    FOR EACH ROW EXECUTE FUNCTION stamp_changed_xid();

-- Its texts go with the record.
INSERT INTO retained_content (table_name, column_name, content_of, found_by, treatment)
VALUES ('moderated_domains', 'auditor_rationale', 'subject', 'subject_id', 'mark'),
       ('moderated_domains', 'moderated_rationale', 'subject', 'subject_id', 'mark'),
       ('moderated_domains', 'consensus_rationale', 'subject', 'subject_id', 'mark'),
       ('moderation_outcomes', 'consensus_rationale', 'subject', 'subject_id', 'mark');

-- What stands of it. Written from the table in models/frozen/.
DROP TRIGGER IF EXISTS begun_outcome ON moderation_outcomes;
CREATE TRIGGER begun_outcome BEFORE INSERT ON moderation_outcomes FOR EACH ROW
    WHEN ((num_nonnulls(NEW.quality, NEW.analysis, NEW.themes, NEW.observations, NEW.contribution_to_impact, NEW.moderated_judgement, NEW.moderated_rationale, NEW.action_plan_comments, NEW.feedback_to_auditor, NEW.moderated_at, NEW.moderated_by, NEW.consensus_judgement, NEW.consensus_rationale, NEW.consensus_proposed_at, NEW.consensus_proposed_by, NEW.consensus_agreed_at, NEW.consensus_agreed_by) > 0) AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was drawn is moderated afterwards');
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
    WHEN ((OLD.moderator, OLD.relation_to_auditor, OLD.assigned_at, OLD.sealed, OLD.unsealed_because, OLD.quality, OLD.analysis, OLD.themes, OLD.observations, OLD.contribution_to_impact, OLD.moderated_judgement, OLD.moderated_rationale, OLD.action_plan_comments, OLD.feedback_to_auditor, OLD.moderated_at, OLD.moderated_by, OLD.consensus_judgement, OLD.consensus_rationale, OLD.consensus_proposed_at, OLD.consensus_proposed_by, OLD.consensus_agreed_at, OLD.consensus_agreed_by) IS DISTINCT FROM (NEW.moderator, NEW.relation_to_auditor, NEW.assigned_at, NEW.sealed, NEW.unsealed_because, NEW.quality, NEW.analysis, NEW.themes, NEW.observations, NEW.contribution_to_impact, NEW.moderated_judgement, NEW.moderated_rationale, NEW.action_plan_comments, NEW.feedback_to_auditor, NEW.moderated_at, NEW.moderated_by, NEW.consensus_judgement, NEW.consensus_rationale, NEW.consensus_proposed_at, NEW.consensus_proposed_by, NEW.consensus_agreed_at, NEW.consensus_agreed_by)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION frozen_outcome_of_moderation_outcomes();
DROP TRIGGER IF EXISTS frozen_consensus ON moderation_outcomes;
CREATE TRIGGER frozen_consensus BEFORE UPDATE ON moderation_outcomes FOR EACH ROW
    WHEN (OLD.consensus_agreed_at IS NOT NULL
          AND (OLD.consensus_judgement, OLD.consensus_rationale, OLD.consensus_proposed_at, OLD.consensus_proposed_by, OLD.consensus_agreed_at, OLD.consensus_agreed_by) IS DISTINCT FROM (NEW.consensus_judgement, NEW.consensus_rationale, NEW.consensus_proposed_at, NEW.consensus_proposed_by, NEW.consensus_agreed_at, NEW.consensus_agreed_by)
          AND qa_is_bound('moderation_outcomes'::regclass))
    EXECUTE FUNCTION refuse_frozen('what two agreed on stands');
DROP TRIGGER IF EXISTS closed_draw ON moderated_domains;
CREATE OR REPLACE FUNCTION closed_draw_of_moderated_domains() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM moderation_samples s JOIN moderation_outcomes o ON o.sample_id = s.id JOIN domain_judgements j ON j.audit_id = o.audit_id AND j.domain_key = one.domain_key WHERE o.id = one.outcome_id AND o.audit_id = one.audit_id AND qa_written_now(s.xid) AND (one.scale_code, one.scale_number, one.auditor_judgement, one.auditor_rationale) IS NOT DISTINCT FROM (j.scale_code, j.scale_number, j.judgement, j.rationale)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is drawn is added by the draw, and says what its audit says' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_draw_of_moderated_domains() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_draw AFTER INSERT ON moderated_domains REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION closed_draw_of_moderated_domains();
DROP TRIGGER IF EXISTS begun_outcome ON moderated_domains;
CREATE TRIGGER begun_outcome BEFORE INSERT ON moderated_domains FOR EACH ROW
    WHEN ((num_nonnulls(NEW.moderated_judgement, NEW.moderated_rationale, NEW.consensus_judgement, NEW.consensus_rationale) > 0) AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was drawn is moderated afterwards');
DROP TRIGGER IF EXISTS frozen_auditor ON moderated_domains;
CREATE TRIGGER frozen_auditor BEFORE UPDATE ON moderated_domains FOR EACH ROW
    WHEN ((OLD.outcome_id, OLD.domain_key, OLD.audit_id, OLD.scale_code, OLD.scale_number, OLD.auditor_judgement, OLD.auditor_rationale) IS DISTINCT FROM (NEW.outcome_id, NEW.domain_key, NEW.audit_id, NEW.scale_code, NEW.scale_number, NEW.auditor_judgement, NEW.auditor_rationale)
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION refuse_frozen('moderation never overwrites what the auditor judged');
DROP TRIGGER IF EXISTS frozen_outcome ON moderated_domains;
CREATE OR REPLACE FUNCTION frozen_outcome_of_moderated_domains() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM moderation_outcomes o JOIN moderation_samples s ON s.id = o.sample_id WHERE o.id = OLD.outcome_id AND s.state = 'open') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an outcome stands once its sample is closed' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_outcome_of_moderated_domains() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_outcome BEFORE UPDATE ON moderated_domains FOR EACH ROW
    WHEN ((OLD.moderated_judgement, OLD.moderated_rationale, OLD.consensus_judgement, OLD.consensus_rationale) IS DISTINCT FROM (NEW.moderated_judgement, NEW.moderated_rationale, NEW.consensus_judgement, NEW.consensus_rationale)
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_outcome_of_moderated_domains();
DROP TRIGGER IF EXISTS frozen_seal ON moderated_domains;
CREATE OR REPLACE FUNCTION frozen_seal_of_moderated_domains() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM moderation_outcomes o WHERE o.id = OLD.outcome_id AND (NOT o.sealed OR o.moderated_at IS NULL)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a sealed judgement stands once it is recorded' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_seal_of_moderated_domains() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_seal BEFORE UPDATE ON moderated_domains FOR EACH ROW
    WHEN ((OLD.moderated_judgement, OLD.moderated_rationale) IS DISTINCT FROM (NEW.moderated_judgement, NEW.moderated_rationale)
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_seal_of_moderated_domains();
DROP TRIGGER IF EXISTS frozen_consensus ON moderated_domains;
CREATE OR REPLACE FUNCTION frozen_consensus_of_moderated_domains() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM moderation_outcomes o WHERE o.id = OLD.outcome_id AND o.consensus_agreed_at IS NULL) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what two agreed on stands' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_consensus_of_moderated_domains() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER frozen_consensus BEFORE UPDATE ON moderated_domains FOR EACH ROW
    WHEN ((OLD.consensus_judgement, OLD.consensus_rationale) IS DISTINCT FROM (NEW.consensus_judgement, NEW.consensus_rationale)
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_consensus_of_moderated_domains();
DROP TRIGGER IF EXISTS frozen_restriction ON moderated_domains;
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
CREATE TRIGGER frozen_restriction BEFORE UPDATE ON moderated_domains FOR EACH ROW
    WHEN (OLD.restricted AND NOT NEW.restricted
          AND OLD.restricted IS DISTINCT FROM NEW.restricted
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_restriction();
DROP TRIGGER IF EXISTS closed_subject ON moderated_domains;
CREATE OR REPLACE FUNCTION closed_subject_of_moderated_domains() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce((one.restricted OR NOT EXISTS (SELECT FROM subjects s WHERE s.id = one.subject_id AND s.restricted)) AND (one.audit_id IS NULL OR EXISTS (SELECT FROM audits p WHERE p.id = one.audit_id AND p.subject_id IS NOT DISTINCT FROM one.subject_id)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'what is added is about the subject of what it belongs to, and as restricted' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_subject_of_moderated_domains() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_subject AFTER INSERT ON moderated_domains REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION closed_subject_of_moderated_domains();
DROP TRIGGER IF EXISTS frozen_subject ON moderated_domains;
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
CREATE CONSTRAINT TRIGGER frozen_subject AFTER UPDATE ON moderated_domains DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.subject_id IS NOT NULL
          AND OLD.subject_id IS DISTINCT FROM NEW.subject_id
          AND qa_is_bound('moderated_domains'::regclass))
    EXECUTE FUNCTION frozen_subject();
