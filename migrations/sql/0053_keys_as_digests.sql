-- The path of a request names children, and so may its key: what is kept is a digest of both, which is
-- found again by whoever repeats the request with its key and by nobody else. As `digest_of` and
-- `sealed` of the service compute them.
ALTER TABLE idempotency_keys ADD COLUMN digest text;
UPDATE idempotency_keys SET
    digest = encode(sha256(convert_to(operation || chr(10) || key, 'UTF8')), 'hex'),
    fingerprint = encode(sha256(convert_to(key || chr(10) || fingerprint, 'UTF8')), 'hex');
ALTER TABLE idempotency_keys
    DROP CONSTRAINT idempotency_keys_pkey,
    DROP COLUMN operation,
    DROP COLUMN key,
    ALTER COLUMN digest SET NOT NULL,
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (principal_id, digest);

-- Nothing of them is anybody's any more, so nothing of them goes with a record.
CREATE OR REPLACE FUNCTION qa_remove_case_events(people uuid[], name text) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    names text[];
    events uuid[];
    theirs uuid[];
    sender text;
BEGIN
    events := ARRAY(SELECT DISTINCT o.case_event_id FROM case_event_outcomes o
                    WHERE o.subject_id = ANY (people));
    UPDATE case_event_outcomes SET ref = name WHERE subject_id = ANY (people);
    theirs := ARRAY(SELECT e.id FROM unnest(events) AS e (id) WHERE NOT EXISTS (
        SELECT FROM case_event_outcomes o
        WHERE o.case_event_id = e.id AND o.ref NOT LIKE 'removed:%'));
    FOR sender, names IN
        SELECT a.system, array_agg(a.ref) FROM subject_aliases a
        WHERE a.subject_id = ANY (people) GROUP BY a.system
    LOOP
        -- Of what nobody here could read, or of a merge that was parked, no outcome says whom it
        -- is about: whatever names them goes whole.
        theirs := theirs || ARRAY(
            SELECT e.id FROM case_events e
            WHERE e.system = sender
              AND NOT EXISTS (SELECT FROM case_event_outcomes o WHERE o.case_event_id = e.id)
              AND EXISTS (SELECT FROM unnest(names) AS n (ref)
                          WHERE strpos(e.data::text, to_json(n.ref)::text) > 0));
        UPDATE case_events SET data = qa_without_subjects(data, names, name)
        WHERE id = ANY (events) AND id <> ALL (theirs) AND system = sender
          AND jsonb_typeof(data #> '{data,subjects}') = 'array';
        UPDATE plan_case_lists SET
            population = (SELECT coalesce(jsonb_agg(
                CASE WHEN p.value ->> 'ref' = ANY (names)
                     THEN jsonb_set(p.value, '{ref}', to_jsonb(name)) ELSE p.value END
                ORDER BY p.ordinality), '[]')
                FROM jsonb_array_elements(population) WITH ORDINALITY AS p),
            chosen = (SELECT coalesce(jsonb_agg(
                CASE WHEN p.value ->> 'ref' = ANY (names)
                     THEN jsonb_set(p.value, '{ref}', to_jsonb(name)) ELSE p.value END
                ORDER BY p.ordinality), '[]')
                FROM jsonb_array_elements(chosen) WITH ORDINALITY AS p)
        WHERE system = sender AND EXISTS (
            SELECT FROM jsonb_array_elements(population) AS p
            WHERE p.value ->> 'ref' = ANY (names));
    END LOOP;
    UPDATE case_events SET data = '{}', episode_id = NULL WHERE id = ANY (theirs);
    UPDATE conflicting_case_events SET data = '{}' WHERE case_event_id = ANY (events || theirs);
END $$;

