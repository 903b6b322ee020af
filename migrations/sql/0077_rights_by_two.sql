-- A role held on no day was never held by anybody.
DELETE FROM role_assignments WHERE isempty(valid);
ALTER TABLE role_assignments ADD CONSTRAINT role_assignments_some_day_check CHECK (NOT isempty(valid));

-- Whom a token lets in, and with which role, is what a change says that two people made: the same right,
-- confirmed in the same transaction. What only ends it is said by one. What a command lets in is told
-- on the event log as the service's own doing, once for each account.
CREATE FUNCTION refuse_right_of_nobodys() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    this CONSTANT xid := pg_current_xact_id()::xid;
    account uuid;
    written jsonb;
    ends boolean := false;
BEGIN
    IF TG_TABLE_NAME = 'principals' THEN
        account := NEW.id;
        written := jsonb_build_object('issuer', NEW.issuer, 'subject', NEW.subject,
            'worker', NEW.worker, 'system', NEW.system, 'disabled', NEW.disabled_at IS NOT NULL);
        IF TG_OP = 'UPDATE' THEN
            ends := NEW.disabled_at IS NOT NULL AND OLD.disabled_at IS NULL
                AND (NEW.issuer, NEW.subject, NEW.worker, NEW.system)
                    IS NOT DISTINCT FROM (OLD.issuer, OLD.subject, OLD.worker, OLD.system);
        END IF;
    ELSE
        account := NEW.principal_id;
        written := jsonb_build_object('principal_id', NEW.principal_id, 'role', NEW.role,
            'service', NEW.service, 'team', NEW.team,
            'from', lower(NEW.valid), 'to', upper(NEW.valid));
        IF TG_OP = 'UPDATE' THEN
            ends := NEW.valid <@ OLD.valid AND lower(NEW.valid) IS NOT DISTINCT FROM lower(OLD.valid)
                AND (NEW.principal_id, NEW.role, NEW.service, NEW.team)
                    IS NOT DISTINCT FROM (OLD.principal_id, OLD.role, OLD.service, OLD.team);
        END IF;
    END IF;
    IF EXISTS (SELECT FROM rights_changes c
               WHERE c.target_id = NEW.id AND c.xmin = this
                 AND c.what = CASE TG_TABLE_NAME WHEN 'principals' THEN 'principal'
                                   ELSE 'role_assignment' END
                 AND (c.state = 'confirmed' OR (ends AND c.state = 'ended'))
                 AND c.becomes -> c.what = written)
       OR EXISTS (SELECT FROM events e
                  WHERE e.about_id = account AND e.xmin = this
                    AND e.type = 'configuration.changed' AND e.principal_id IS NULL) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a right is given by two people, whose change says the same'
        USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE ALL ON FUNCTION refuse_right_of_nobodys() FROM PUBLIC, qa_app, qa_read, qa_backup;

-- At the end of the transaction: an import tells of an account after it has its roles.
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['principals', 'role_assignments'] LOOP
        EXECUTE format('CREATE CONSTRAINT TRIGGER rights_by_two AFTER INSERT OR UPDATE ON %I'
                       ' DEFERRABLE INITIALLY DEFERRED FOR EACH ROW'
                       ' WHEN (qa_is_bound(%L::regclass))'
                       ' EXECUTE FUNCTION refuse_right_of_nobodys()', t, t);
    END LOOP;
END $$;
