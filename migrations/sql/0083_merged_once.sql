-- A merge brings everything of one record to another, is told on the event log, and is never undone.
DROP TRIGGER IF EXISTS frozen_merge ON subjects;
CREATE OR REPLACE FUNCTION frozen_merge_of_subjects() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM subjects s JOIN subjects into_one ON into_one.id = s.merged_into_id AND into_one.merged_into_id IS NULL JOIN subject_aliases a ON a.system = s.system AND a.ref = s.ref AND a.subject_id = into_one.id WHERE s.id = NEW.id) AND NOT EXISTS (SELECT FROM subject_aliases a WHERE a.subject_id = NEW.id) AND NOT EXISTS (SELECT FROM subjects s WHERE s.merged_into_id = NEW.id) AND EXISTS (SELECT FROM events e WHERE e.about_id = NEW.merged_into_id AND qa_written_now(e.xid) AND e.type = 'subject.merged' AND e.data ->> 'merged' IN (NEW.id::text, OLD.merged_into_id::text)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a record is merged once, with all its names, and that is told; no merge is undone' USING ERRCODE = 'restrict_violation',
        TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END $$;
REVOKE EXECUTE ON FUNCTION frozen_merge_of_subjects() FROM PUBLIC, qa_app, qa_read, qa_backup;
CREATE CONSTRAINT TRIGGER frozen_merge AFTER UPDATE ON subjects DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id
          AND qa_is_bound('subjects'::regclass))
    EXECUTE FUNCTION frozen_merge_of_subjects();
DROP TRIGGER IF EXISTS begun_merge ON subjects;
CREATE TRIGGER begun_merge BEFORE INSERT ON subjects FOR EACH ROW
    WHEN ((num_nonnulls(NEW.merged_into_id) > 0) AND qa_is_bound('subjects'::regclass))
    EXECUTE FUNCTION refuse_frozen('a record is there before it is merged');
