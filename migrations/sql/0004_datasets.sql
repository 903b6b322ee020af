-- What keeps datasets and their copies the same: stamps of names, and a note of every departure.

-- A row without an id of its own is known by one made from its key; the same key, the same id.
CREATE FUNCTION dataset_id(VARIADIC key text[]) RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    -- Of version 8 (RFC 9562): a UUID whose making is ours.
    RETURN overlay(overlay(
        encode(substring(sha256(convert_to(array_to_string(key, '/'), 'UTF8')), 1, 16), 'hex')
        PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid;

-- Reports name a team, a type or a theme beside its code: another name is a change of each such row.
CREATE FUNCTION stamp_named_xid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.named_xid := pg_current_xact_id();
    RETURN NEW;
END $$;

-- As their owner, since what is noted is not the writer's business and they may not see all of it.
CREATE FUNCTION note_departure() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    gone CONSTANT jsonb := to_jsonb(OLD);
    -- The arguments: the dataset, then the columns of its key.
    parts CONSTANT text[] := ARRAY(SELECT gone ->> name FROM unnest(TG_ARGV[1:]) AS name);
BEGIN
    INSERT INTO dataset_departures (dataset, id, key, left_xid)
    VALUES (
        TG_ARGV[0],
        CASE WHEN TG_ARGV[1] = 'id' THEN parts[1]::uuid ELSE dataset_id(VARIADIC parts) END,
        parts,
        pg_current_xact_id()
    )
    ON CONFLICT (dataset, id) DO UPDATE SET left_xid = excluded.left_xid;
    RETURN NULL;
END $$;

-- What hung on an audit leaves with it when the audit turns out to be of the wrong child (R4.1.5).
CREATE FUNCTION note_departures_of_audit() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO dataset_departures (dataset, id, key, left_xid)
    SELECT part.dataset, part.id, part.key, pg_current_xact_id()
    FROM (
        SELECT 'audit-answers' AS dataset, dataset_id(audit_id::text, question_key) AS id,
               ARRAY[audit_id::text, question_key] AS key
        FROM audit_answers WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'audit-judgements', dataset_id(audit_id::text, domain_key),
               ARRAY[audit_id::text, domain_key]
        FROM domain_judgements WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'restorative-actions', id, ARRAY[id::text] FROM restorative_actions
        WHERE audit_id = NEW.id AND NOT restricted AND set_at IS NOT NULL
        UNION ALL
        SELECT 'audit-responses', id, ARRAY[id::text] FROM audit_responses
        WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'response-rounds', o.id, ARRAY[o.id::text]
        FROM response_rounds o JOIN audit_responses r ON r.id = o.response_id
        WHERE r.audit_id = NEW.id AND NOT o.restricted
        UNION ALL
        SELECT 'notifications', id, ARRAY[id::text] FROM notifications
        WHERE audit_id = NEW.id AND NOT restricted
        UNION ALL
        SELECT 'moderation-outcomes', id, ARRAY[id::text] FROM moderation_outcomes
        WHERE audit_id = NEW.id AND NOT restricted
    ) part
    ON CONFLICT (dataset, id) DO UPDATE SET left_xid = excluded.left_xid;
    RETURN NULL;
END $$;
CREATE TRIGGER note_departures_of_audit AFTER UPDATE OF recorded_in_error_at ON audits FOR EACH ROW
    WHEN (OLD.recorded_in_error_at IS NULL AND NEW.recorded_in_error_at IS NOT NULL)
    EXECUTE FUNCTION note_departures_of_audit();

-- Answers and judgements are shown once their audit is completed: that is when they appear.
CREATE FUNCTION stamp_findings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE audit_answers SET changed_xid = pg_current_xact_id() WHERE audit_id = NEW.id;
    UPDATE domain_judgements SET changed_xid = pg_current_xact_id() WHERE audit_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER stamp_findings AFTER UPDATE OF state ON audits FOR EACH ROW
    WHEN (NEW.state IN ('completed', 'closed') AND OLD.state NOT IN ('completed', 'closed'))
    EXECUTE FUNCTION stamp_findings();

DO $$
DECLARE
    -- Table, dataset, the columns of its key, and which rows it shows.
    sources CONSTANT text[][] := ARRAY[
        ['audits', 'audits', 'id', 'NOT %1$s.restricted AND %1$s.recorded_in_error_at IS NULL'],
        ['audit_answers', 'audit-answers', 'audit_id question_key', 'NOT %1$s.restricted'],
        ['domain_judgements', 'audit-judgements', 'audit_id domain_key', 'NOT %1$s.restricted'],
        ['restorative_actions', 'restorative-actions', 'id',
         'NOT %1$s.restricted AND %1$s.set_at IS NOT NULL'],
        ['audit_responses', 'audit-responses', 'id', 'NOT %1$s.restricted'],
        ['response_rounds', 'response-rounds', 'id', 'NOT %1$s.restricted'],
        ['notifications', 'notifications', 'id', 'NOT %1$s.restricted'],
        ['escalations', 'escalations', 'id', 'NOT %1$s.restricted'],
        ['closure_gates', 'closure-gates', 'id', 'NOT %1$s.restricted'],
        ['moderation_outcomes', 'moderation-outcomes', 'id', 'NOT %1$s.restricted'],
        ['learning_actions', 'learning-actions', 'id', 'NOT %1$s.restricted'],
        ['moderation_samples', 'moderation-samples', 'id', ''],
        ['practice_observations', 'practice-observations', 'id', ''],
        ['learning_highlights', 'learning-highlights', 'id', ''],
        ['quarter_plans', 'quarter-plans', 'id', ''],
        ['plan_teams', 'plan-teams', 'plan_id team theme', ''],
        ['plan_exemptions', 'plan-exemptions', 'id', ''],
        ['qa_updates', 'qa-updates', 'id', ''],
        ['services', 'services', 'code', ''],
        ['teams', 'teams', 'code', ''],
        ['team_services', 'team-services', 'id', ''],
        ['workers', 'workers', 'code', ''],
        ['team_memberships', 'team-memberships', 'id', ''],
        ['audit_types', 'audit-types', 'code', ''],
        ['calendar_days', 'calendar-days', 'day', '']
    ];
    source text[];
    arguments text;
    was text;
    is_now text;
BEGIN
    FOREACH source SLICE 1 IN ARRAY sources LOOP
        arguments := quote_literal(source[2]) || ', '
            || (SELECT string_agg(quote_literal(name), ', ')
                FROM unnest(string_to_array(source[3], ' ')) AS name);
        was := format(source[4], 'OLD');
        is_now := format(source[4], 'NEW');
        EXECUTE format('CREATE TRIGGER note_departure AFTER DELETE ON %I FOR EACH ROW %s'
                       ' EXECUTE FUNCTION note_departure(%s)',
                       source[1], CASE WHEN was <> '' THEN format('WHEN (%s)', was) ELSE '' END,
                       arguments);
        IF was <> '' THEN
            EXECUTE format('CREATE TRIGGER note_hiding AFTER UPDATE ON %I FOR EACH ROW'
                           ' WHEN ((%s) AND NOT (%s)) EXECUTE FUNCTION note_departure(%s)',
                           source[1], was, is_now, arguments);
        END IF;
    END LOOP;
END $$;

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['plan_teams', 'plan_exemptions', 'team_services', 'team_memberships',
                             'calendar_days'] LOOP
        EXECUTE format('CREATE TRIGGER stamp_changed_xid BEFORE UPDATE ON %I'
                       ' FOR EACH ROW EXECUTE FUNCTION stamp_changed_xid()', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['services', 'teams', 'auditor_groups', 'audit_types'] LOOP
        EXECUTE format('CREATE TRIGGER stamp_named_xid BEFORE UPDATE ON %I FOR EACH ROW'
                       ' WHEN (OLD.name IS DISTINCT FROM NEW.name)'
                       ' EXECUTE FUNCTION stamp_named_xid()', t);
    END LOOP;
END $$;
CREATE TRIGGER stamp_named_xid BEFORE UPDATE ON themes FOR EACH ROW
    WHEN (OLD.title IS DISTINCT FROM NEW.title) EXECUTE FUNCTION stamp_named_xid();
CREATE TRIGGER stamp_named_xid BEFORE UPDATE ON subjects FOR EACH ROW
    WHEN ((OLD.system, OLD.ref) IS DISTINCT FROM (NEW.system, NEW.ref))
    EXECUTE FUNCTION stamp_named_xid();

-- A dump holds the transaction ids of the cluster it was made in. In another one they are in the
-- future, where no snapshot has seen them: the owner runs this once after restoring.
CREATE FUNCTION stamp_after_restoring() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    stamped record;
BEGIN
    FOR stamped IN
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = current_schema()
          AND column_name IN ('changed_xid', 'named_xid', 'left_xid')
    LOOP
        -- The stamp alone: nothing has happened to the rows.
        EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', stamped.table_name);
        EXECUTE format('UPDATE %1$I SET %2$I = pg_current_xact_id()'
                       ' WHERE %2$I >= pg_current_xact_id()',
                       stamped.table_name, stamped.column_name);
        EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', stamped.table_name);
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION stamp_after_restoring() FROM PUBLIC;

GRANT SELECT ON dataset_departures TO qa_read, qa_backup;
