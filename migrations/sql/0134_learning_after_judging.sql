-- A learning action needs a judgement. Written from the table in models/frozen/.
DROP TRIGGER IF EXISTS closed_content ON learning_actions;
CREATE OR REPLACE FUNCTION closed_content_of_learning_actions() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM added one WHERE NOT coalesce(EXISTS (SELECT FROM moderation_outcomes o JOIN moderation_samples s ON s.id = o.sample_id WHERE o.id = one.outcome_id AND o.moderated_at IS NOT NULL AND s.state = 'open'), false)) THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'a learning action is set once it is moderated, while its sample is open' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION closed_content_of_learning_actions() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE TRIGGER closed_content AFTER INSERT ON learning_actions REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    WHEN (qa_is_bound('learning_actions'::regclass))
    EXECUTE FUNCTION closed_content_of_learning_actions();
