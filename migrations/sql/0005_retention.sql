-- Retention: guards of runs, items and holds, and the one function that removes content (X4).

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['legal_holds', 'retention_runs', 'retention_items'] LOOP
        EXECUTE format('CREATE TRIGGER stamp_changed_xid BEFORE UPDATE ON %I'
                       ' FOR EACH ROW EXECUTE FUNCTION stamp_changed_xid()', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO qa_app', t);
        EXECUTE format('GRANT SELECT ON %I TO qa_read, qa_backup', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['legal_holds', 'retention_items'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY backup ON %I TO qa_backup USING (true)', t);
    END LOOP;
END $$;
CREATE TRIGGER keep_left_state BEFORE UPDATE OF state ON retention_runs FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION keep_left_state();
GRANT SELECT ON retained_content TO qa_app, qa_read, qa_backup;

-- A hold or an item tells nothing of a subject who may not be seen.
CREATE POLICY held ON legal_holds TO qa_app, qa_read
    USING (qa_reach() = 'service'
           OR (subject_id IS NULL AND nullif(qa_reach(), '') IS NOT NULL)
           OR EXISTS (SELECT FROM subjects s WHERE s.id = subject_id));
CREATE POLICY held ON retention_items TO qa_app, qa_read
    USING (qa_reach() = 'service'
           OR (subject_id IS NULL AND qa_reach() = 'authority')
           OR EXISTS (SELECT FROM subjects s WHERE s.id = subject_id));

-- Removing is what the owner does inside the function, and nobody anywhere else: the setting alone
-- is anybody's to make, and the owner's own hand does not make it.
CREATE FUNCTION qa_is_removing(relation oid) RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce(nullif(current_setting('qa.removing', true), ''), '') <> ''
           AND current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c
                               WHERE c.oid = relation);

CREATE FUNCTION refuse_change_but_for_retention() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT qa_is_removing(TG_RELID) OR TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'rows of % are appended, never changed', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['access_log', 'conflicting_case_events'] LOOP
        EXECUTE format('DROP TRIGGER refuse_change ON %I', t);
        EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_but_for_retention()', t);
    END LOOP;
END $$;

-- What was proposed stands, and who proposes and who approves is who acts.
CREATE FUNCTION guard_retention_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' OR NEW.approved_by IS NOT NULL
           OR NEW.proposed_by IS DISTINCT FROM qa_worker() THEN
            RAISE EXCEPTION 'a run begins as its proposer''s proposal'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSE
        IF (NEW.as_at, NEW.policy_version, NEW.proposed_at, NEW.proposed_by, NEW.items_hash,
            NEW.truncated)
           IS DISTINCT FROM
           (OLD.as_at, OLD.policy_version, OLD.proposed_at, OLD.proposed_by, OLD.items_hash,
            OLD.truncated)
           OR (OLD.approved_by IS NOT NULL
               AND (NEW.approved_by, NEW.approved_at)
                   IS DISTINCT FROM (OLD.approved_by, OLD.approved_at)) THEN
            RAISE EXCEPTION 'what was proposed or approved stands'
                USING ERRCODE = 'restrict_violation';
        END IF;
        IF OLD.approved_by IS NULL AND NEW.approved_by IS NOT NULL
           AND (NEW.approved_by IS DISTINCT FROM qa_worker() OR NEW.state <> 'approved') THEN
            RAISE EXCEPTION 'who approves is who acts' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_retention_run BEFORE INSERT OR UPDATE ON retention_runs
    FOR EACH ROW EXECUTE FUNCTION guard_retention_run();

-- An item is listed when its run is proposed, and settled once; as removed by the function alone.
CREATE FUNCTION guard_retention_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.outcome IS NOT NULL OR NOT EXISTS (
            SELECT FROM retention_runs r WHERE r.id = NEW.run_id AND r.state = 'proposed'
        ) THEN
            RAISE EXCEPTION 'items are listed when a run is proposed'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NOT qa_is_removing(TG_RELID) THEN
        IF OLD.outcome IS NOT NULL OR NEW.outcome = 'removed'
           OR (NEW.run_id, NEW.record_class, NEW.subject_id, NEW.observation_id, NEW.month,
               NEW.kept_until, NEW.explanation)
              IS DISTINCT FROM
              (OLD.run_id, OLD.record_class, OLD.subject_id, OLD.observation_id, OLD.month,
               OLD.kept_until, OLD.explanation) THEN
            RAISE EXCEPTION 'what was listed stands, and is settled once'
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_retention_item BEFORE INSERT OR UPDATE ON retention_items
    FOR EACH ROW EXECUTE FUNCTION guard_retention_item();

-- A hold that was placed stands until it is lifted; lifted, it stays on record.
CREATE FUNCTION guard_legal_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT qa_is_removing(TG_RELID)
       AND (OLD.lifted_at IS NOT NULL
            OR (NEW.subject_id, NEW.record_class, NEW.reason, NEW.placed_at, NEW.placed_by)
               IS DISTINCT FROM
               (OLD.subject_id, OLD.record_class, OLD.reason, OLD.placed_at, OLD.placed_by)) THEN
        RAISE EXCEPTION 'a hold is placed and lifted, never changed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_legal_hold BEFORE UPDATE ON legal_holds
    FOR EACH ROW EXECUTE FUNCTION guard_legal_hold();

-- Everybody whom a standing hold is over, under each id that their record has had.
CREATE FUNCTION qa_held_subjects() RETURNS uuid[] LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT s.id), '{}')
    FROM legal_holds h
    JOIN subjects named ON named.id = h.subject_id
    JOIN subjects s ON coalesce(s.merged_into_id, s.id)
                       = coalesce(named.merged_into_id, named.id)
    WHERE h.lifted_at IS NULL;
END;

CREATE FUNCTION qa_remove_columns(whose text, ids uuid[]) RETURNS void LANGUAGE plpgsql
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
                    '%1$I = %1$I || jsonb_build_object(''activity'', ''[removed]'','
                    ' ''strengths'', ''[removed]'', ''development'', ''[removed]'','
                    ' ''feedback'', CASE WHEN %1$I ->> ''feedback'' IS NOT NULL'
                    ' THEN ''[removed]'' END)', c.column_name)
            END, ', ' ORDER BY c.column_name) AS treated
        FROM retained_content c WHERE c.content_of = whose
        GROUP BY c.table_name, c.found_by ORDER BY c.table_name
    LOOP
        EXECUTE format('UPDATE %I SET %s WHERE %I = ANY ($1)', t.table_name, t.treated, t.found_by)
            USING ids;
    END LOOP;
END $$;

-- What a case system sent, without the children named: what it says of the others stays.
CREATE FUNCTION qa_without_subjects(sent jsonb, refs text[], name text) RETURNS jsonb
LANGUAGE sql IMMUTABLE RETURN
    CASE WHEN sent ->> 'subject' = ANY (refs) THEN sent - 'subject' ELSE sent END
    || jsonb_build_object('data',
        ((sent -> 'data') #- '{closure,reason_text}')
        || jsonb_build_object('subjects', (
            SELECT jsonb_agg(CASE WHEN each.value ->> 'ref' = ANY (refs)
                             THEN jsonb_build_object('ref', name, 'role', each.value -> 'role')
                             ELSE each.value END ORDER BY each.ordinality)
            FROM jsonb_array_elements(sent #> '{data,subjects}') WITH ORDINALITY AS each)));

CREATE FUNCTION qa_remove_case_events(people uuid[], name text) RETURNS void LANGUAGE plpgsql
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
        -- The path of a request names whom it was about.
        DELETE FROM idempotency_keys k WHERE EXISTS (
            SELECT FROM unnest(names) AS n (ref)
            WHERE strpos(k.operation || '/', format('/%s/%s/', sender, n.ref)) > 0);
    END LOOP;
    UPDATE case_events SET data = '{}', episode_id = NULL WHERE id = ANY (theirs);
    UPDATE conflicting_case_events SET data = '{}' WHERE case_event_id = ANY (events || theirs);
END $$;

CREATE FUNCTION qa_remove_subjects(subject uuid, people uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    name CONSTANT text := 'removed:' || subject::text;
BEGIN
    PERFORM qa_remove_case_events(people, name);
    PERFORM qa_remove_columns('subject', people);
    DELETE FROM subject_aliases WHERE subject_id = ANY (people);
    INSERT INTO subject_aliases (system, ref, subject_id)
    SELECT s.system, name, s.id FROM subjects s WHERE s.id = subject;
END $$;

-- The one way by which content goes. It trusts nobody who calls it: the run, its two people, the
-- day and the holds are looked at here, by the database's own clock, which nobody can set forward.
CREATE FUNCTION remove_retained_content(item uuid, removed_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    listed retention_items;
    run retention_runs;
    people uuid[];
    held uuid[];
    first_at timestamptz;
    end_at timestamptz;
BEGIN
    SELECT * INTO listed FROM retention_items WHERE id = item AND outcome IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such item to remove' USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT * INTO run FROM retention_runs WHERE id = listed.run_id FOR SHARE;
    IF run.state <> 'approved' OR run.approved_by IS NULL OR run.approved_by = run.proposed_by THEN
        RAISE EXCEPTION 'the run is not approved by a second person'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF listed.kept_until >= (now() AT TIME ZONE 'Europe/London')::date THEN
        RAISE EXCEPTION 'the record is still kept' USING ERRCODE = 'restrict_violation';
    END IF;
    people := ARRAY(SELECT s.id FROM subjects s
                    WHERE s.id = listed.subject_id OR s.merged_into_id = listed.subject_id);
    held := qa_held_subjects();
    IF held && people OR EXISTS (
        SELECT FROM legal_holds h WHERE h.lifted_at IS NULL AND h.subject_id IS NULL
        AND (h.record_class IS NULL OR h.record_class = listed.record_class)
    ) THEN
        RAISE EXCEPTION 'a legal hold stands' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM set_config('qa.removing', item::text, true);
    first_at := listed.month::timestamp AT TIME ZONE 'Europe/London';
    end_at := (listed.month + interval '1 month')::timestamp AT TIME ZONE 'Europe/London';
    CASE
        WHEN listed.subject_id IS NOT NULL
             AND listed.record_class IN ('child_record', 'carer_record') THEN
            PERFORM qa_remove_subjects(listed.subject_id, people);
        WHEN listed.observation_id IS NOT NULL
             AND listed.record_class = 'practice_observation' THEN
            PERFORM qa_remove_columns('practice_observation', ARRAY[listed.observation_id]);
        WHEN listed.month IS NOT NULL AND listed.record_class = 'access_log' THEN
            -- A line that names somebody under a hold stays.
            DELETE FROM access_log WHERE at >= first_at AND at < end_at AND NOT subject_ids && held;
        WHEN listed.month IS NOT NULL AND listed.record_class = 'webhook_delivery' THEN
            DELETE FROM delivery_attempts a USING deliveries d
            WHERE d.id = a.delivery_id AND d.delivered_at >= first_at AND d.delivered_at < end_at;
            DELETE FROM deliveries WHERE delivered_at >= first_at AND delivered_at < end_at;
    END CASE;
    UPDATE retention_items SET
        outcome = 'removed',
        settled_at = removed_at,
        kept_until = make_date(extract(year FROM kept_until)::int, 1, 1),
        explanation = jsonb_set(explanation, '{facts}', (explanation -> 'facts')
                                - ARRAY['triggered_on', 'kept_until', 'held_by'])
    WHERE id = item;
    -- What earlier runs listed of the same record tells the day, too.
    UPDATE retention_items SET
        kept_until = make_date(extract(year FROM kept_until)::int, 1, 1),
        explanation = jsonb_set(explanation, '{facts}', (explanation -> 'facts')
                                - ARRAY['triggered_on', 'kept_until', 'held_by'])
    WHERE subject_id = ANY (people) AND outcome IS NOT NULL AND id <> item;
    PERFORM set_config('qa.removing', '', true);
END $$;

-- The application may ask for one thing; its parts are nobody's to call.
REVOKE ALL ON FUNCTION qa_remove_columns(text, uuid[]), qa_remove_case_events(uuid[], text),
    qa_remove_subjects(uuid, uuid[]), remove_retained_content(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_retained_content(uuid, timestamptz) TO qa_app;
