-- A version of the policy is told in its own transaction: by the service itself, or kept as the change of
-- rights that it is.
DROP TRIGGER IF EXISTS begun_telling ON policy_versions;
CREATE OR REPLACE FUNCTION begun_telling_of_policy_versions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM events e WHERE e.xid = (SELECT stamp()) AND e.type = 'configuration.changed' AND e.data ->> 'what' = 'policy' AND e.data ->> 'code' = NEW.version::text AND (e.principal_id IS NULL OR EXISTS (SELECT FROM rights_changes c WHERE qa_written_now(c.xid) AND c.what = 'policy' AND c.state IN ('done', 'confirmed') AND (c.becomes #>> '{policy,effective_from}')::date <= NEW.effective_from AND NOT EXISTS (SELECT FROM jsonb_each((SELECT p.values FROM policy_versions p WHERE p.version < NEW.version AND p.effective_from <= NEW.effective_from ORDER BY p.effective_from DESC, p.version DESC LIMIT 1)) was WHERE NEW.values -> was.key IS DISTINCT FROM was.value AND NOT EXISTS (SELECT FROM jsonb_array_elements(c.becomes #> '{policy,changes}') said WHERE said ->> 'key' = was.key AND said -> 'value' = NEW.values -> was.key))))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a change of the policy is told, and says all that is different' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_telling_of_policy_versions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER begun_telling AFTER INSERT ON policy_versions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((true) AND qa_is_bound('policy_versions'::regclass))
    EXECUTE FUNCTION begun_telling_of_policy_versions();
