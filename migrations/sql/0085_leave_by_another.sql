-- Leave to see a restricted record is given by another person, says why, and ends.
DROP TRIGGER IF EXISTS begun_words ON restriction_grants;
CREATE TRIGGER begun_words BEFORE INSERT ON restriction_grants FOR EACH ROW
    WHEN ((NEW.reason !~ '\S') AND qa_is_bound('restriction_grants'::regclass))
    EXECUTE FUNCTION refuse_frozen('leave to see a restricted record says why');
DROP TRIGGER IF EXISTS begun_end ON restriction_grants;
CREATE TRIGGER begun_end BEFORE INSERT ON restriction_grants FOR EACH ROW
    WHEN ((NEW.expires_at <= NEW.granted_at OR NEW.expires_at > NEW.granted_at + interval '2160 hours') AND qa_is_bound('restriction_grants'::regclass))
    EXECUTE FUNCTION refuse_frozen('leave to see a restricted record ends after it is given, within ninety days');
DROP TRIGGER IF EXISTS begun_by_another ON restriction_grants;
CREATE OR REPLACE FUNCTION begun_by_another_of_restriction_grants() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM principals giver, principals taker WHERE giver.id = NEW.granted_by AND taker.id = NEW.principal_id AND giver.worker IS NOT NULL AND giver.worker IS DISTINCT FROM taker.worker) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'nobody lets themselves in to a restricted record, by whatever account of theirs' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION begun_by_another_of_restriction_grants() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER begun_by_another BEFORE INSERT ON restriction_grants FOR EACH ROW
    WHEN ((true) AND qa_is_bound('restriction_grants'::regclass))
    EXECUTE FUNCTION begun_by_another_of_restriction_grants();
