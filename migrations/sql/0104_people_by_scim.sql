-- What the identity provider tells, and what a group gives (X3).
GRANT SELECT, INSERT, UPDATE ON scim_users, scim_groups, group_roles TO qa_app;
GRANT SELECT, INSERT, DELETE ON scim_members TO qa_app;
GRANT SELECT ON scim_users, scim_groups, scim_members, group_roles TO qa_read, qa_backup;
CREATE TRIGGER stamp_changed_xid BEFORE UPDATE ON group_roles
    FOR EACH ROW EXECUTE FUNCTION stamp_changed_xid();

-- The account of an identity provider holds a role of its own; a change of what a group gives is one of rights.
ALTER TABLE role_assignments DROP CONSTRAINT role_assignments_role_over_check;
ALTER TABLE role_assignments ADD CONSTRAINT role_assignments_role_over_check
    CHECK (CASE WHEN role = 'practice_supervisor' THEN scope = 'team'
                WHEN role = 'team_manager' THEN scope IN ('team', 'service')
                WHEN role = 'head_of_service' THEN scope = 'service'
                WHEN role IN ('auditor', 'worker', 'quality_standards', 'senior_leader', 'case_system',
                              'reporting', 'administrator', 'learning_development', 'practice_advisor',
                              'identity_provider')
                THEN scope = 'authority' ELSE false END) NOT VALID;
ALTER TABLE rights_changes DROP CONSTRAINT rights_changes_what_check;
ALTER TABLE rights_changes ADD CONSTRAINT rights_changes_what_check
    CHECK (what IN ('principal', 'role_assignment', 'policy', 'service', 'team', 'worker', 'auditor_group',
                    'case_system', 'webhook_endpoint', 'webhook_delivery', 'working_calendar', 'audit_type',
                    'audit_tool', 'group_role')) NOT VALID;
ALTER TABLE role_assignments ADD COLUMN group_role_id uuid;
ALTER TABLE role_assignments ADD CONSTRAINT role_assignments_group_role_id_fkey
    FOREIGN KEY (group_role_id) REFERENCES group_roles (id) NOT VALID;
CREATE INDEX role_assignments_group_role_id_idx ON role_assignments (group_role_id);

-- Whom the identity provider may let in by itself: somebody new, of whom nothing is said. Told in the
-- same transaction by an account that holds the provider's role.
CREATE FUNCTION qa_let_in_by_provider(account principals, written jsonb) RETURNS boolean LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT account.worker IS NULL AND account.system IS NULL AND account.disabled_at IS NULL
       AND EXISTS (SELECT FROM rights_changes c
                   JOIN role_assignments r ON r.principal_id = c.proposed_by
                   WHERE c.target_id = account.id AND qa_written_now(c.xid) AND c.what = 'principal'
                     AND c.state = 'done' AND c.becomes -> 'principal' = written
                     AND r.role = 'identity_provider'
                     AND r.valid @> (c.proposed_at AT TIME ZONE 'Europe/London')::date);
$$;
-- What a group gives: the very role of a mapping that two people made and nobody has ended, to whom the
-- provider says belongs to the group, from that day on. Told in the same transaction.
CREATE FUNCTION qa_given_by_group(held role_assignments, written jsonb) RETURNS boolean LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM rights_changes c
                   WHERE c.target_id = held.id AND qa_written_now(c.xid) AND c.what = 'role_assignment'
                     AND c.state = 'done' AND c.becomes -> 'role_assignment' = written
                     AND upper(held.valid) IS NULL
                     AND (lower(held.valid) >= (c.proposed_at AT TIME ZONE 'Europe/London')::date
                          OR c.was IS NOT NULL))
       AND EXISTS (SELECT FROM group_roles g
                   JOIN scim_groups s ON s.id = g.group_id AND s.deleted_at IS NULL
                   JOIN scim_members m ON m.group_id = g.group_id
                   JOIN scim_users u ON u.id = m.user_id AND u.deleted_at IS NULL
                   JOIN principals p ON (p.issuer, p.subject) = (u.issuer, u.subject)
                   WHERE g.id = held.group_role_id AND g.ended_at IS NULL
                     AND p.id = held.principal_id AND p.disabled_at IS NULL
                     AND (g.role, g.scope, g.service, g.team)
                         IS NOT DISTINCT FROM (held.role, held.scope, held.service, held.team));
$$;
REVOKE ALL ON FUNCTION qa_let_in_by_provider(principals, jsonb) FROM PUBLIC, qa_read, qa_backup;
REVOKE ALL ON FUNCTION qa_given_by_group(role_assignments, jsonb) FROM PUBLIC, qa_read, qa_backup;
GRANT EXECUTE ON FUNCTION qa_let_in_by_provider(principals, jsonb) TO qa_app;
GRANT EXECUTE ON FUNCTION qa_given_by_group(role_assignments, jsonb) TO qa_app;

CREATE OR REPLACE FUNCTION refuse_right_of_nobodys() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    account uuid;
    said_as CONSTANT text := CASE TG_TABLE_NAME WHEN 'principals' THEN 'principal'
                                  WHEN 'group_roles' THEN 'group_role' ELSE 'role_assignment' END;
    written jsonb;
    ends boolean := false;
    provided boolean := false;
BEGIN
    IF TG_TABLE_NAME = 'principals' THEN
        account := NEW.id;
        written := jsonb_build_object('issuer', NEW.issuer, 'subject', NEW.subject,
            'worker', NEW.worker, 'system', NEW.system, 'disabled', NEW.disabled_at IS NOT NULL);
        IF TG_OP = 'UPDATE' THEN
            ends := NEW.disabled_at IS NOT NULL AND OLD.disabled_at IS NULL
                AND (NEW.issuer, NEW.subject, NEW.worker, NEW.system)
                    IS NOT DISTINCT FROM (OLD.issuer, OLD.subject, OLD.worker, OLD.system);
        ELSE
            provided := qa_let_in_by_provider(NEW, written);
        END IF;
    ELSIF TG_TABLE_NAME = 'group_roles' THEN
        account := NEW.id;
        written := jsonb_build_object('group_id', NEW.group_id, 'role', NEW.role,
            'service', NEW.service, 'team', NEW.team, 'ended', NEW.ended_at IS NOT NULL);
        IF TG_OP = 'UPDATE' THEN
            ends := NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL;
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
            provided := lower(NEW.valid) IS NOT DISTINCT FROM lower(OLD.valid)
                AND (NEW.principal_id, NEW.role, NEW.service, NEW.team)
                    IS NOT DISTINCT FROM (OLD.principal_id, OLD.role, OLD.service, OLD.team)
                AND qa_given_by_group(NEW, written);
        ELSE
            provided := qa_given_by_group(NEW, written);
        END IF;
    END IF;
    IF provided
       OR EXISTS (SELECT FROM rights_changes c
               WHERE c.target_id = NEW.id AND qa_written_now(c.xid) AND c.what = said_as
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
CREATE CONSTRAINT TRIGGER rights_by_two AFTER INSERT OR UPDATE ON group_roles
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('group_roles'::regclass)) EXECUTE FUNCTION refuse_right_of_nobodys();

-- Whose token somebody's account is, and what a group gives, stands. Written from the table in models/frozen/.
DROP TRIGGER IF EXISTS frozen_token ON scim_users;
CREATE TRIGGER frozen_token BEFORE UPDATE ON scim_users FOR EACH ROW
    WHEN ((OLD.issuer, OLD.subject, OLD.created_at) IS DISTINCT FROM (NEW.issuer, NEW.subject, NEW.created_at)
          AND qa_is_bound('scim_users'::regclass))
    EXECUTE FUNCTION refuse_frozen('whose token it is never changes');
DROP TRIGGER IF EXISTS frozen_removal ON scim_users;
CREATE TRIGGER frozen_removal BEFORE UPDATE ON scim_users FOR EACH ROW
    WHEN (OLD.deleted_at IS NOT NULL
          AND (OLD.user_name, OLD.external_id, OLD.display_name, OLD.named, OLD.ended_at, OLD.changed_at, OLD.deleted_at) IS DISTINCT FROM (NEW.user_name, NEW.external_id, NEW.display_name, NEW.named, NEW.ended_at, NEW.changed_at, NEW.deleted_at)
          AND qa_is_bound('scim_users'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was removed stays as it was');
DROP TRIGGER IF EXISTS begun_removal ON scim_users;
CREATE TRIGGER begun_removal BEFORE INSERT ON scim_users FOR EACH ROW
    WHEN ((num_nonnulls(NEW.deleted_at) > 0) AND qa_is_bound('scim_users'::regclass))
    EXECUTE FUNCTION refuse_frozen('somebody is there before they are removed');
DROP TRIGGER IF EXISTS frozen_issuer ON scim_groups;
CREATE TRIGGER frozen_issuer BEFORE UPDATE ON scim_groups FOR EACH ROW
    WHEN ((OLD.issuer, OLD.created_at) IS DISTINCT FROM (NEW.issuer, NEW.created_at)
          AND qa_is_bound('scim_groups'::regclass))
    EXECUTE FUNCTION refuse_frozen('whose group it is never changes');
DROP TRIGGER IF EXISTS frozen_removal ON scim_groups;
CREATE TRIGGER frozen_removal BEFORE UPDATE ON scim_groups FOR EACH ROW
    WHEN (OLD.deleted_at IS NOT NULL
          AND (OLD.display_name, OLD.external_id, OLD.changed_at, OLD.deleted_at) IS DISTINCT FROM (NEW.display_name, NEW.external_id, NEW.changed_at, NEW.deleted_at)
          AND qa_is_bound('scim_groups'::regclass))
    EXECUTE FUNCTION refuse_frozen('what was removed stays as it was');
DROP TRIGGER IF EXISTS begun_removal ON scim_groups;
CREATE TRIGGER begun_removal BEFORE INSERT ON scim_groups FOR EACH ROW
    WHEN ((num_nonnulls(NEW.deleted_at) > 0) AND qa_is_bound('scim_groups'::regclass))
    EXECUTE FUNCTION refuse_frozen('a group is there before it is removed');
DROP TRIGGER IF EXISTS frozen_mapping ON group_roles;
CREATE TRIGGER frozen_mapping BEFORE UPDATE ON group_roles FOR EACH ROW
    WHEN ((OLD.group_id, OLD.role, OLD.scope, OLD.service, OLD.team) IS DISTINCT FROM (NEW.group_id, NEW.role, NEW.scope, NEW.service, NEW.team)
          AND qa_is_bound('group_roles'::regclass))
    EXECUTE FUNCTION refuse_frozen('what a group gives is proposed anew, never changed');
DROP TRIGGER IF EXISTS frozen_end ON group_roles;
CREATE TRIGGER frozen_end BEFORE UPDATE ON group_roles FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL
          AND OLD.ended_at IS DISTINCT FROM NEW.ended_at
          AND qa_is_bound('group_roles'::regclass))
    EXECUTE FUNCTION refuse_frozen('what has ended is proposed anew');
DROP TRIGGER IF EXISTS begun_end ON group_roles;
CREATE TRIGGER begun_end BEFORE INSERT ON group_roles FOR EACH ROW
    WHEN ((num_nonnulls(NEW.ended_at) > 0) AND qa_is_bound('group_roles'::regclass))
    EXECUTE FUNCTION refuse_frozen('a mapping is there before it ends');
DROP TRIGGER IF EXISTS frozen_given_by ON role_assignments;
CREATE TRIGGER frozen_given_by BEFORE UPDATE ON role_assignments FOR EACH ROW
    WHEN (OLD.group_role_id IS DISTINCT FROM NEW.group_role_id
          AND qa_is_bound('role_assignments'::regclass))
    EXECUTE FUNCTION refuse_frozen('by whom a role was given never changes');
