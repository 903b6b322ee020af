-- A gate that stands back for its twin leaves the dataset, as one that is restricted does.
DROP TRIGGER note_departure ON closure_gates;
CREATE TRIGGER note_departure AFTER DELETE ON closure_gates FOR EACH ROW
    WHEN (NOT OLD.restricted AND OLD.duplicate_of IS NULL)
    EXECUTE FUNCTION note_departure('closure-gates', 'id');
DROP TRIGGER note_hiding ON closure_gates;
CREATE TRIGGER note_hiding AFTER UPDATE ON closure_gates FOR EACH ROW
    WHEN ((NOT OLD.restricted AND OLD.duplicate_of IS NULL)
          AND NOT (NOT NEW.restricted AND NEW.duplicate_of IS NULL))
    EXECUTE FUNCTION note_departure('closure-gates', 'id');

-- Records that a clock which was ahead, or a tie, left open although a reason stands: an event put
-- it on, and none took it off that plainly came after (`rules/restriction.py`). None is opened here.
DO $$
DECLARE
    found record;
    t text;
BEGIN
    FOR found IN
        SELECT s.id, min(array_position(ARRAY['pre_adoption', 'staff', 'other'],
                                        put_on.data #>> '{data,restriction,kind}')) AS gravest
        FROM subjects s
        JOIN case_event_outcomes o ON o.subject_id = s.id
        JOIN case_events put_on ON put_on.id = o.case_event_id
        WHERE s.restriction_kind IS NULL AND s.merged_into_id IS NULL
        AND put_on.type = 'record.restricted.v1'
        AND (put_on.data #>> '{data,restriction,on}')::boolean
        AND NOT EXISTS (
            SELECT FROM case_event_outcomes p JOIN case_events off ON off.id = p.case_event_id
            WHERE p.subject_id = s.id AND off.type = 'record.restricted.v1'
            AND NOT (off.data #>> '{data,restriction,on}')::boolean
            AND off.data #>> '{data,restriction,kind}' = put_on.data #>> '{data,restriction,kind}'
            AND CASE
                WHEN off.episode_id IS NOT DISTINCT FROM put_on.episode_id
                     AND (off.episode_id IS NOT NULL OR p.ref = o.ref)
                     AND off.source_version <> put_on.source_version
                THEN off.source_version > put_on.source_version
                ELSE off.occurred_at <= off.received_at AND off.occurred_at > put_on.occurred_at
            END)
        GROUP BY s.id ORDER BY s.id
    LOOP
        UPDATE subjects SET restricted = true, restriction_kind =
            (ARRAY['pre_adoption', 'staff', 'other'])[found.gravest]
        WHERE id = found.id OR merged_into_id = found.id;
        FOR t IN
            SELECT c.table_name FROM information_schema.columns c
            JOIN information_schema.columns s USING (table_schema, table_name)
            JOIN information_schema.tables kept USING (table_schema, table_name)
            WHERE c.table_schema = 'public' AND c.column_name = 'restricted'
            AND s.column_name = 'subject_id' AND kept.table_type = 'BASE TABLE'
            ORDER BY c.table_name
        LOOP
            EXECUTE format('UPDATE %I SET restricted = true WHERE subject_id = $1', t)
            USING found.id;
        END LOOP;
    END LOOP;
END $$;
