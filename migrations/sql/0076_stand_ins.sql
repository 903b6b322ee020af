-- A reference means one record. Whoever may not see that one, and registers the reference, registers
-- another that stands for it: for them, and for all who may not see the first, the name is its name.
ALTER TABLE subject_aliases
    ADD COLUMN stands_for uuid REFERENCES subjects (id),
    ADD CONSTRAINT subject_aliases_stands_for_another_check CHECK (stands_for <> subject_id),
    DROP CONSTRAINT subject_aliases_pkey,
    ADD CONSTRAINT subject_aliases_pkey PRIMARY KEY (system, ref, subject_id);
CREATE UNIQUE INDEX subject_aliases_meant_key ON subject_aliases (system, ref)
    WHERE stands_for IS NULL;
CREATE UNIQUE INDEX subject_aliases_stand_in_key ON subject_aliases (system, ref)
    WHERE stands_for IS NOT NULL;
CREATE INDEX subject_aliases_stands_for_idx ON subject_aliases (stands_for);

-- What stands for another is nobody's but people's: a case system means the record itself.
ALTER POLICY held ON subject_aliases
    USING (qa_reach() = 'service' OR (system = qa_system() AND stands_for IS NULL)
           OR EXISTS (SELECT FROM subjects s WHERE s.id = subject_id));

-- The two become one once the record is restricted no longer; no other name is ever taken away.
GRANT DELETE ON subject_aliases TO qa_app;
CREATE TRIGGER names_stay BEFORE DELETE ON subject_aliases FOR EACH ROW
    WHEN (OLD.stands_for IS NULL AND qa_is_bound('subject_aliases'::regclass))
    EXECUTE FUNCTION refuse_frozen('what a case system calls a record stays its name');

-- What stood for a record whose content has gone is the only one of its name. What the case system
-- sent by that name is about the record itself, and goes with it alone.
DO $$
DECLARE
    one text[];
    body text;
BEGIN
    FOREACH one SLICE 1 IN ARRAY ARRAY[
        ['qa_remove_case_events(uuid[],text)',
         'WHERE a.subject_id = ANY (people) GROUP BY a.system',
         'WHERE a.subject_id = ANY (people) AND a.stands_for IS NULL GROUP BY a.system'],
        ['qa_remove_subjects(uuid,uuid[])',
         'DELETE FROM subject_aliases WHERE subject_id = ANY (people);',
         'DELETE FROM subject_aliases WHERE subject_id = ANY (people);'
         || ' UPDATE subject_aliases SET stands_for = NULL WHERE stands_for = ANY (people);']] LOOP
        body := pg_get_functiondef(one[1]::regprocedure);
        IF position(one[2] IN body) = 0 THEN
            RAISE EXCEPTION '% says something else', one[1];
        END IF;
        EXECUTE replace(body, one[2], one[3]);
    END LOOP;
END $$;
