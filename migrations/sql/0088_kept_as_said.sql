-- What was redacted, held, looked into and tried stands.
DROP TRIGGER IF EXISTS frozen_redaction ON redactions;
CREATE TRIGGER frozen_redaction BEFORE UPDATE ON redactions FOR EACH ROW
    WHEN ((OLD.audit_id, OLD.path, OLD.reason, OLD.redacted_by, OLD.redacted_at) IS DISTINCT FROM (NEW.audit_id, NEW.path, NEW.reason, NEW.redacted_by, NEW.redacted_at)
          AND qa_is_bound('redactions'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was redacted, by whom and why, stands');
DROP TRIGGER IF EXISTS frozen_hold ON legal_holds;
CREATE TRIGGER frozen_hold BEFORE UPDATE ON legal_holds FOR EACH ROW
    WHEN ((OLD.subject_id, OLD.record_class, OLD.reason, OLD.placed_at, OLD.placed_by) IS DISTINCT FROM (NEW.subject_id, NEW.record_class, NEW.reason, NEW.placed_at, NEW.placed_by)
          AND qa_is_bound('legal_holds'::regclass))
    EXECUTE FUNCTION refuse_frozen('a hold stands as it was placed');
DROP TRIGGER IF EXISTS frozen_lift ON redactions;
CREATE TRIGGER frozen_lift BEFORE UPDATE ON redactions FOR EACH ROW
    WHEN (OLD.lifted_at IS NOT NULL
          AND (OLD.lifted_at, OLD.lifted_by, OLD.lift_reason) IS DISTINCT FROM (NEW.lifted_at, NEW.lifted_by, NEW.lift_reason)
          AND qa_is_bound('redactions'::regclass))
    EXECUTE FUNCTION refuse_frozen('that it was lifted, by whom and why, stands');
DROP TRIGGER IF EXISTS begun_lift ON redactions;
CREATE TRIGGER begun_lift BEFORE INSERT ON redactions FOR EACH ROW
    WHEN ((num_nonnulls(NEW.lifted_at, NEW.lifted_by, NEW.lift_reason) > 0) AND qa_is_bound('redactions'::regclass))
    EXECUTE FUNCTION refuse_frozen('what is placed is lifted afterwards, and says why');
DROP TRIGGER IF EXISTS frozen_lift ON legal_holds;
CREATE TRIGGER frozen_lift BEFORE UPDATE ON legal_holds FOR EACH ROW
    WHEN (OLD.lifted_at IS NOT NULL
          AND (OLD.lifted_at, OLD.lifted_by, OLD.lift_reason) IS DISTINCT FROM (NEW.lifted_at, NEW.lifted_by, NEW.lift_reason)
          AND qa_is_bound('legal_holds'::regclass))
    EXECUTE FUNCTION refuse_frozen('that it was lifted, by whom and why, stands');
DROP TRIGGER IF EXISTS begun_lift ON legal_holds;
CREATE TRIGGER begun_lift BEFORE INSERT ON legal_holds FOR EACH ROW
    WHEN ((num_nonnulls(NEW.lifted_at, NEW.lifted_by, NEW.lift_reason) > 0) AND qa_is_bound('legal_holds'::regclass))
    EXECUTE FUNCTION refuse_frozen('what is placed is lifted afterwards, and says why');
DROP TRIGGER IF EXISTS frozen_look ON unusual_reads;
CREATE TRIGGER frozen_look BEFORE UPDATE ON unusual_reads FOR EACH ROW
    WHEN (OLD.looked_into_at IS NOT NULL
          AND (OLD.looked_into_at, OLD.looked_into_by, OLD.outcome) IS DISTINCT FROM (NEW.looked_into_at, NEW.looked_into_by, NEW.outcome)
          AND qa_is_bound('unusual_reads'::regclass))
    EXECUTE FUNCTION refuse_frozen('that somebody looked into it, and what they found, stands');
DROP TRIGGER IF EXISTS begun_look ON unusual_reads;
CREATE TRIGGER begun_look BEFORE INSERT ON unusual_reads FOR EACH ROW
    WHEN ((num_nonnulls(NEW.looked_into_at, NEW.looked_into_by, NEW.outcome) > 0) AND qa_is_bound('unusual_reads'::regclass))
    EXECUTE FUNCTION refuse_frozen('what is unusual is looked into after it was found');
DROP TRIGGER IF EXISTS frozen_attempt ON delivery_attempts;
CREATE TRIGGER frozen_attempt BEFORE UPDATE ON delivery_attempts FOR EACH ROW
    WHEN ((OLD.delivery_id, OLD.number, OLD.at, OLD.status, OLD.failure) IS DISTINCT FROM (NEW.delivery_id, NEW.number, NEW.at, NEW.status, NEW.failure)
          AND qa_is_bound('delivery_attempts'::regclass))
    EXECUTE FUNCTION refuse_frozen('an attempt stands as it went');
DROP TRIGGER IF EXISTS begun_words ON board_decisions;
CREATE TRIGGER begun_words BEFORE INSERT ON board_decisions FOR EACH ROW
    WHEN ((NEW.decision !~ '\S') AND qa_is_bound('board_decisions'::regclass))
    EXECUTE FUNCTION refuse_frozen('a decision says what was decided');
DROP TRIGGER IF EXISTS closed_removal ON absences;
CREATE OR REPLACE FUNCTION closed_removal_of_absences() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what the directory held is taken away by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_absences() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON absences DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('absences'::regclass))
    EXECUTE FUNCTION closed_removal_of_absences();
DROP TRIGGER IF EXISTS closed_removal ON auditor_group_memberships;
CREATE OR REPLACE FUNCTION closed_removal_of_auditor_group_memberships() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what the directory held is taken away by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_auditor_group_memberships() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON auditor_group_memberships DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('auditor_group_memberships'::regclass))
    EXECUTE FUNCTION closed_removal_of_auditor_group_memberships();
DROP TRIGGER IF EXISTS closed_removal ON posts;
CREATE OR REPLACE FUNCTION closed_removal_of_posts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what the directory held is taken away by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_posts() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON posts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('posts'::regclass))
    EXECUTE FUNCTION closed_removal_of_posts();
DROP TRIGGER IF EXISTS closed_removal ON supervisions;
CREATE OR REPLACE FUNCTION closed_removal_of_supervisions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what the directory held is taken away by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_supervisions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON supervisions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('supervisions'::regclass))
    EXECUTE FUNCTION closed_removal_of_supervisions();
DROP TRIGGER IF EXISTS closed_removal ON team_memberships;
CREATE OR REPLACE FUNCTION closed_removal_of_team_memberships() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what the directory held is taken away by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_team_memberships() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON team_memberships DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('team_memberships'::regclass))
    EXECUTE FUNCTION closed_removal_of_team_memberships();
DROP TRIGGER IF EXISTS closed_removal ON team_services;
CREATE OR REPLACE FUNCTION closed_removal_of_team_services() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'what the directory held is taken away by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_team_services() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON team_services DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('team_services'::regclass))
    EXECUTE FUNCTION closed_removal_of_team_services();
