-- Whom somebody reaches, and who is told, changes in a transaction that tells which entry it changes, or that
-- the service itself does.
DROP TRIGGER IF EXISTS begun_telling ON absences;
CREATE OR REPLACE FUNCTION begun_telling_of_absences() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', NEW.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_absences() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON absences DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('absences'::regclass))
    EXECUTE FUNCTION begun_telling_of_absences();
DROP TRIGGER IF EXISTS frozen_telling ON absences;
CREATE OR REPLACE FUNCTION frozen_telling_of_absences() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', OLD.worker))) AND EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', NEW.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_absences() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON absences DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.worker, OLD.reason_code, OLD.valid) IS DISTINCT FROM (NEW.worker, NEW.reason_code, NEW.valid)
          AND qa_is_bound('absences'::regclass))
    EXECUTE FUNCTION frozen_telling_of_absences();
DROP TRIGGER IF EXISTS closed_removal ON absences;
CREATE OR REPLACE FUNCTION closed_removal_of_absences() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', OLD.worker))) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_absences() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON absences DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('absences'::regclass))
    EXECUTE FUNCTION closed_removal_of_absences();
DROP TRIGGER IF EXISTS begun_telling ON auditor_group_memberships;
CREATE OR REPLACE FUNCTION begun_telling_of_auditor_group_memberships() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('auditor_group', NEW."group"))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_auditor_group_memberships() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON auditor_group_memberships DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('auditor_group_memberships'::regclass))
    EXECUTE FUNCTION begun_telling_of_auditor_group_memberships();
DROP TRIGGER IF EXISTS frozen_telling ON auditor_group_memberships;
CREATE OR REPLACE FUNCTION frozen_telling_of_auditor_group_memberships() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('auditor_group', OLD."group"))) AND EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('auditor_group', NEW."group"))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_auditor_group_memberships() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON auditor_group_memberships DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD."group", OLD.team, OLD.valid) IS DISTINCT FROM (NEW."group", NEW.team, NEW.valid)
          AND qa_is_bound('auditor_group_memberships'::regclass))
    EXECUTE FUNCTION frozen_telling_of_auditor_group_memberships();
DROP TRIGGER IF EXISTS closed_removal ON auditor_group_memberships;
CREATE OR REPLACE FUNCTION closed_removal_of_auditor_group_memberships() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('auditor_group', OLD."group"))) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_auditor_group_memberships() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON auditor_group_memberships DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('auditor_group_memberships'::regclass))
    EXECUTE FUNCTION closed_removal_of_auditor_group_memberships();
DROP TRIGGER IF EXISTS begun_telling ON posts;
CREATE OR REPLACE FUNCTION begun_telling_of_posts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = (CASE NEW.kind WHEN 'head' THEN 'service' ELSE 'team' END, coalesce(NEW.service, NEW.team)))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_posts() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON posts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('posts'::regclass))
    EXECUTE FUNCTION begun_telling_of_posts();
DROP TRIGGER IF EXISTS frozen_telling ON posts;
CREATE OR REPLACE FUNCTION frozen_telling_of_posts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = (CASE OLD.kind WHEN 'head' THEN 'service' ELSE 'team' END, coalesce(OLD.service, OLD.team)))) AND EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = (CASE NEW.kind WHEN 'head' THEN 'service' ELSE 'team' END, coalesce(NEW.service, NEW.team)))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_posts() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON posts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.kind, OLD.team, OLD.service, OLD.worker, OLD.valid) IS DISTINCT FROM (NEW.kind, NEW.team, NEW.service, NEW.worker, NEW.valid)
          AND qa_is_bound('posts'::regclass))
    EXECUTE FUNCTION frozen_telling_of_posts();
DROP TRIGGER IF EXISTS closed_removal ON posts;
CREATE OR REPLACE FUNCTION closed_removal_of_posts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = (CASE OLD.kind WHEN 'head' THEN 'service' ELSE 'team' END, coalesce(OLD.service, OLD.team)))) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_posts() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON posts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('posts'::regclass))
    EXECUTE FUNCTION closed_removal_of_posts();
DROP TRIGGER IF EXISTS begun_telling ON supervisions;
CREATE OR REPLACE FUNCTION begun_telling_of_supervisions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', NEW.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_supervisions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON supervisions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('supervisions'::regclass))
    EXECUTE FUNCTION begun_telling_of_supervisions();
DROP TRIGGER IF EXISTS frozen_telling ON supervisions;
CREATE OR REPLACE FUNCTION frozen_telling_of_supervisions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', OLD.worker))) AND EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', NEW.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_supervisions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON supervisions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.worker, OLD.supervisor, OLD.valid) IS DISTINCT FROM (NEW.worker, NEW.supervisor, NEW.valid)
          AND qa_is_bound('supervisions'::regclass))
    EXECUTE FUNCTION frozen_telling_of_supervisions();
DROP TRIGGER IF EXISTS closed_removal ON supervisions;
CREATE OR REPLACE FUNCTION closed_removal_of_supervisions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', OLD.worker))) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_supervisions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON supervisions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('supervisions'::regclass))
    EXECUTE FUNCTION closed_removal_of_supervisions();
DROP TRIGGER IF EXISTS begun_telling ON team_memberships;
CREATE OR REPLACE FUNCTION begun_telling_of_team_memberships() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', NEW.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_team_memberships() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON team_memberships DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('team_memberships'::regclass))
    EXECUTE FUNCTION begun_telling_of_team_memberships();
DROP TRIGGER IF EXISTS frozen_telling ON team_memberships;
CREATE OR REPLACE FUNCTION frozen_telling_of_team_memberships() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', OLD.worker))) AND EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', NEW.worker))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_team_memberships() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON team_memberships DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.worker, OLD.team, OLD.valid) IS DISTINCT FROM (NEW.worker, NEW.team, NEW.valid)
          AND qa_is_bound('team_memberships'::regclass))
    EXECUTE FUNCTION frozen_telling_of_team_memberships();
DROP TRIGGER IF EXISTS closed_removal ON team_memberships;
CREATE OR REPLACE FUNCTION closed_removal_of_team_memberships() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', OLD.worker))) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_team_memberships() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON team_memberships DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('team_memberships'::regclass))
    EXECUTE FUNCTION closed_removal_of_team_memberships();
DROP TRIGGER IF EXISTS begun_telling ON team_services;
CREATE OR REPLACE FUNCTION begun_telling_of_team_services() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('team', NEW.team))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_team_services() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON team_services DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('team_services'::regclass))
    EXECUTE FUNCTION begun_telling_of_team_services();
DROP TRIGGER IF EXISTS frozen_telling ON team_services;
CREATE OR REPLACE FUNCTION frozen_telling_of_team_services() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('team', OLD.team))) AND EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('team', NEW.team))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_team_services() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON team_services DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.team, OLD.service, OLD.valid) IS DISTINCT FROM (NEW.team, NEW.service, NEW.valid)
          AND qa_is_bound('team_services'::regclass))
    EXECUTE FUNCTION frozen_telling_of_team_services();
DROP TRIGGER IF EXISTS closed_removal ON team_services;
CREATE OR REPLACE FUNCTION closed_removal_of_team_services() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('team', OLD.team))) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_team_services() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON team_services DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('team_services'::regclass))
    EXECUTE FUNCTION closed_removal_of_team_services();
DROP TRIGGER IF EXISTS begun_telling ON case_system_references;
CREATE OR REPLACE FUNCTION begun_telling_of_case_system_references() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (num_nonnulls(NEW.worker, NEW.team) = 0 OR EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = (NEW.kind, coalesce(NEW.worker, NEW.team))))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_case_system_references() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON case_system_references DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((num_nonnulls(NEW.worker, NEW.team) > 0) AND qa_is_bound('case_system_references'::regclass))
    EXECUTE FUNCTION begun_telling_of_case_system_references();
DROP TRIGGER IF EXISTS frozen_telling ON case_system_references;
CREATE OR REPLACE FUNCTION frozen_telling_of_case_system_references() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (num_nonnulls(OLD.worker, OLD.team) = 0 OR EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = (OLD.kind, coalesce(OLD.worker, OLD.team))))) AND (num_nonnulls(NEW.worker, NEW.team) = 0 OR EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = (NEW.kind, coalesce(NEW.worker, NEW.team))))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_case_system_references() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON case_system_references DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.system, OLD.kind, OLD.reference, OLD.folded, OLD.worker, OLD.team, OLD.valid) IS DISTINCT FROM (NEW.system, NEW.kind, NEW.reference, NEW.folded, NEW.worker, NEW.team, NEW.valid)
          AND qa_is_bound('case_system_references'::regclass))
    EXECUTE FUNCTION frozen_telling_of_case_system_references();
DROP TRIGGER IF EXISTS closed_removal ON case_system_references;
CREATE OR REPLACE FUNCTION closed_removal_of_case_system_references() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (num_nonnulls(OLD.worker, OLD.team) = 0 OR EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = (OLD.kind, coalesce(OLD.worker, OLD.team))))) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_removal_of_case_system_references() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER closed_removal AFTER DELETE ON case_system_references DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('case_system_references'::regclass))
    EXECUTE FUNCTION closed_removal_of_case_system_references();
DROP TRIGGER IF EXISTS frozen_telling ON workers;
CREATE OR REPLACE FUNCTION frozen_telling_of_workers() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('worker', NEW.code))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_workers() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON workers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.starts_on, OLD.leaves_on, OLD.observations_required) IS DISTINCT FROM (NEW.starts_on, NEW.leaves_on, NEW.observations_required)
          AND qa_is_bound('workers'::regclass))
    EXECUTE FUNCTION frozen_telling_of_workers();
DROP TRIGGER IF EXISTS frozen_telling ON case_systems;
CREATE OR REPLACE FUNCTION frozen_telling_of_case_systems() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('case_system', NEW.code))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'whom somebody reaches is changed in the directory by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_case_systems() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON case_systems DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.source IS DISTINCT FROM NEW.source
          AND qa_is_bound('case_systems'::regclass))
    EXECUTE FUNCTION frozen_telling_of_case_systems();
DROP TRIGGER IF EXISTS begun_telling ON webhook_endpoints;
CREATE OR REPLACE FUNCTION begun_telling_of_webhook_endpoints() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('webhook_endpoint', NEW.id::text))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'where the service sends what happened is changed by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_webhook_endpoints() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON webhook_endpoints DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('webhook_endpoints'::regclass))
    EXECUTE FUNCTION begun_telling_of_webhook_endpoints();
DROP TRIGGER IF EXISTS frozen_telling ON webhook_endpoints;
CREATE OR REPLACE FUNCTION frozen_telling_of_webhook_endpoints() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND (e.principal_id IS NULL OR (e.data ->> 'what', e.data ->> 'code') = ('webhook_endpoint', NEW.id::text))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'where the service sends what happened is changed by a change that is told' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_telling_of_webhook_endpoints() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_telling AFTER UPDATE ON webhook_endpoints DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.system, OLD.url, OLD.event_types, OLD.secrets, OLD.disabled_at) IS DISTINCT FROM (NEW.system, NEW.url, NEW.event_types, NEW.secrets, NEW.disabled_at)
          AND qa_is_bound('webhook_endpoints'::regclass))
    EXECUTE FUNCTION frozen_telling_of_webhook_endpoints();
