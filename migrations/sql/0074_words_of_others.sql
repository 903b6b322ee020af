-- Two functions named the keys of a JSON by hand: a text that a later release adds to an observation, or
-- that a case system sends beside what is read here, would have stayed when the record went.

-- What an observation said before a correction: of its texts, those that go from the observation itself.
CREATE OR REPLACE FUNCTION qa_without_words(said jsonb, whose text) RETURNS jsonb LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(
        each.key,
        CASE WHEN each.value <> 'null' AND EXISTS (
                 SELECT FROM retained_content c
                 WHERE c.table_name = whose AND c.column_name = each.key AND c.treatment = 'mark')
             THEN to_jsonb('[removed]'::text) ELSE each.value END), '{}')
    FROM jsonb_each(said) AS each
$$;

CREATE OR REPLACE FUNCTION qa_remove_columns(whose text, ids uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    t record;
BEGIN
    FOR t IN
        SELECT c.table_name, c.found_by, string_agg(
            CASE c.treatment
                WHEN 'mark' THEN
                    format('%1$I = CASE WHEN %1$I IS NOT NULL THEN ''[removed]'' END', c.column_name)
                WHEN 'clear' THEN format('%I = NULL', c.column_name)
                WHEN 'empty' THEN format('%I = ''{}''', c.column_name)
                WHEN 'name' THEN format('%I = ''removed:'' || id::text', c.column_name)
                WHEN 'observation' THEN format(
                    '%1$I = qa_without_words(%1$I, ''practice_observations'')', c.column_name)
            END, ', ' ORDER BY c.column_name) AS treated
        FROM retained_content c WHERE c.content_of = whose
        GROUP BY c.table_name, c.found_by ORDER BY c.table_name
    LOOP
        EXECUTE format('UPDATE %I SET %s WHERE %I = ANY ($1)', t.table_name, t.treated, t.found_by)
            USING ids;
    END LOOP;
END $$;

-- What the service reads of each part of a case system's message, and what is kept of it when one of
-- several children goes: `MESSAGE_KEPT` of the service, which a test holds this to.
CREATE OR REPLACE FUNCTION qa_kept_of_message(part text) RETURNS text[] LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp AS $$
    SELECT string_to_array(CASE part
        WHEN 'message' THEN 'specversion id source type time datacontenttype data'
        WHEN 'data' THEN 'episode_id subjects source_version occurred_at closure worker team allocation'
                         ' restriction'
        WHEN 'subjects' THEN 'ref role born_on died_on'
        WHEN 'closure' THEN 'date reason_code'
        WHEN 'allocation' THEN 'worker team'
        WHEN 'restriction' THEN 'kind on'
    END, ' ')
$$;

CREATE OR REPLACE FUNCTION qa_kept_only(said jsonb, part text) RETURNS jsonb LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN jsonb_typeof(said) = 'object' THEN coalesce(
        (SELECT jsonb_object_agg(each.key, each.value) FROM jsonb_each(said) AS each
         WHERE each.key = ANY (qa_kept_of_message(part))), '{}') ELSE 'null' END
$$;

-- What a case system sent, without the children named: what is read of the others stays.
CREATE OR REPLACE FUNCTION qa_without_subjects(sent jsonb, refs text[], name text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT qa_kept_only(sent, 'message')
        || jsonb_build_object('data', qa_kept_only(sent -> 'data', 'data')
        || (SELECT coalesce(jsonb_object_agg(part, qa_kept_only(sent #> ARRAY['data', part], part)), '{}')
            FROM unnest(ARRAY['closure', 'allocation', 'restriction']) AS part
            WHERE sent #> ARRAY['data', part] IS NOT NULL)
        || jsonb_build_object('subjects', (
            SELECT jsonb_agg(CASE WHEN each.value ->> 'ref' = ANY (refs)
                             THEN jsonb_build_object('ref', name, 'role', each.value -> 'role')
                             ELSE qa_kept_only(each.value, 'subjects') END ORDER BY each.ordinality)
            FROM jsonb_array_elements(sent #> '{data,subjects}') WITH ORDINALITY AS each)))
$$;

REVOKE EXECUTE ON FUNCTION qa_without_words(jsonb, text), qa_kept_of_message(text),
    qa_kept_only(jsonb, text), qa_without_subjects(jsonb, text[], text) FROM PUBLIC;

-- Messages from which somebody went before.
SELECT set_config('qa.reach', 'service', true);
UPDATE case_events SET data = qa_without_subjects(data, '{}', '')
WHERE jsonb_typeof(data #> '{data,subjects}') = 'array' AND EXISTS (
    SELECT FROM case_event_outcomes o
    WHERE o.case_event_id = case_events.id AND o.ref LIKE 'removed:%');
