-- A correction is compared with what its observation says before anything is written anew.
DROP TRIGGER IF EXISTS closed_content ON observation_corrections;
CREATE OR REPLACE FUNCTION closed_content_of_observation_corrections() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM practice_observations o WHERE o.id = one.observation_id AND o.version = one.corrected_version AND one.before = jsonb_build_object('observer', o.observer, 'observed_on', o.observed_on, 'activity', o.activity, 'planned', o.planned, 'family_consent', o.family_consent, 'feedback', o.feedback, 'strengths', o.strengths, 'development', o.development)), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a correction keeps what the observation says now' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_observation_corrections() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON observation_corrections REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('observation_corrections'::regclass))
    EXECUTE FUNCTION closed_content_of_observation_corrections();
