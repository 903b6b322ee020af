-- A change of rights that is written again had a new xmin, and passed for one that was decided just now.
-- It has the stamp of the transaction that adds it, and then that of the one that decides it.
ALTER TABLE rights_changes ALTER COLUMN xid SET DEFAULT stamp();

-- After what refuses another stamp: a trigger runs in the order of its name.
CREATE FUNCTION stamp_decision() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    NEW.xid := stamp();
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION stamp_decision() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER stamp_decision BEFORE UPDATE OF state ON rights_changes FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION stamp_decision();

CREATE OR REPLACE FUNCTION refuse_right_of_nobodys() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
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
               WHERE c.target_id = NEW.id AND qa_written_now(c.xid)
                 AND c.what = CASE TG_TABLE_NAME WHEN 'principals' THEN 'principal'
                                   ELSE 'role_assignment' END
                 AND (c.state = 'confirmed' OR (ends AND c.state = 'ended'))
                 AND c.becomes -> c.what = written)
       OR EXISTS (SELECT FROM events e
                  WHERE e.about_id = account AND qa_written_now(e.xid)
                    AND e.type = 'configuration.changed' AND e.principal_id IS NULL) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a right is given by two people, whose change says the same'
        USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;

DROP TRIGGER IF EXISTS begun_witness ON rights_changes;
CREATE TRIGGER begun_witness BEFORE INSERT ON rights_changes FOR EACH ROW
    WHEN ((NEW.xid IS DISTINCT FROM stamp()) AND qa_is_bound('rights_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
DROP TRIGGER IF EXISTS frozen_witness ON rights_changes;
CREATE TRIGGER frozen_witness BEFORE UPDATE ON rights_changes FOR EACH ROW
    WHEN (OLD.xid IS DISTINCT FROM NEW.xid
          AND qa_is_bound('rights_changes'::regclass))
    EXECUTE FUNCTION refuse_frozen('a witness is of the transaction that adds it');
