-- Who belongs to a group is what the provider told: in the same transaction its account says, in the log, that
-- the group changed. A mapping that two people made gives its role to nobody by a line that nobody told of.
CREATE OR REPLACE FUNCTION refuse_member_of_nobodys() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e
               JOIN role_assignments r ON r.principal_id = e.principal_id
               WHERE e.about_id = NEW.group_id AND qa_written_now(e.xid)
                 AND e.type = 'configuration.changed'
                 AND r.role = 'identity_provider'
                 AND r.valid @> (e.at AT TIME ZONE 'Europe/London')::date) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'who belongs to a group is told by the identity provider'
        USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION refuse_member_of_nobodys() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER members_by_provider AFTER INSERT OR UPDATE ON scim_members
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (qa_is_bound('scim_members'::regclass)) EXECUTE FUNCTION refuse_member_of_nobodys();
