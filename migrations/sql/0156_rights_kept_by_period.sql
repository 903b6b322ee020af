-- What a principal's roles come to, one row for each period of days in which they come to the same. Each
-- request asked five tables for it: which roles are held, of which teams, by whom, in service, in which post.
-- What is kept says so of days to come as well, so that no midnight needs a write.
CREATE TABLE kept_rights (
    principal_id uuid NOT NULL,
    begins date NOT NULL,
    ends date NOT NULL,
    roles text[] NOT NULL,
    supervised_teams text[] NOT NULL,
    managed_teams text[] NOT NULL,
    headed_teams text[] NOT NULL,
    CONSTRAINT kept_rights_pkey PRIMARY KEY (principal_id, begins),
    CONSTRAINT kept_rights_principal_id_fkey FOREIGN KEY (principal_id)
        REFERENCES principals (id) ON DELETE CASCADE,
    CONSTRAINT kept_rights_some_day_check CHECK (begins < ends)
);
-- Nobody of the service writes it: the triggers do, as its owner.
GRANT SELECT ON kept_rights TO qa_app, qa_read, qa_backup;

-- The rights of these principals, worked out for the first day of each period; on no other day of it does
-- anything begin or end. A day on which they hold no role has no row, and who has no row has no right.
-- One change after the other: of two at once neither would see what the other changes.
CREATE FUNCTION keep_rights(whose uuid[]) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('kept rights', 0));
    DELETE FROM kept_rights k WHERE k.principal_id = ANY (whose);
    INSERT INTO kept_rights (principal_id, begins, ends, roles, supervised_teams, managed_teams, headed_teams)
    WITH people AS (
        SELECT p.id, w.code, w.starts_on, w.leaves_on
        FROM principals p LEFT JOIN workers w ON w.code = p.worker WHERE p.id = ANY (whose)
    ), edges AS (
        SELECT a.principal_id, unnest(ARRAY[coalesce(lower(a.valid), '-infinity'), upper(a.valid)]) AS day
        FROM role_assignments a WHERE a.principal_id = ANY (whose)
        UNION
        SELECT a.principal_id, unnest(ARRAY[lower(b.valid), upper(b.valid)])
        FROM role_assignments a JOIN team_services b ON b.service = a.service
        WHERE a.principal_id = ANY (whose)
        UNION
        SELECT p.id, unnest(ARRAY[p.starts_on, p.leaves_on + 1]) FROM people p
        UNION
        SELECT p.id, unnest(ARRAY[lower(o.valid), upper(o.valid)]) FROM people p JOIN posts o ON o.worker = p.code
    ), periods AS (
        SELECT principal_id, day AS begins,
               lead(day, 1, 'infinity') OVER (PARTITION BY principal_id ORDER BY day) AS ends
        FROM edges WHERE day < 'infinity'
    )
    SELECT r.principal_id, r.begins, r.ends, array_agg(DISTINCT a.role),
           coalesce(array_agg(DISTINCT t.team) FILTER (WHERE a.role = 'practice_supervisor'
                                                       AND t.team IS NOT NULL), '{}'),
           coalesce(array_agg(DISTINCT t.team) FILTER (WHERE a.role = 'team_manager'
                                                       AND t.team IS NOT NULL), '{}'),
           coalesce(array_agg(DISTINCT t.team) FILTER (WHERE a.role = 'head_of_service'
                                                       AND t.team IS NOT NULL), '{}')
    FROM periods r
    JOIN people p ON p.id = r.principal_id
    JOIN role_assignments a ON a.principal_id = p.id AND a.valid @> r.begins
    LEFT JOIN team_services b ON b.service = a.service AND b.valid @> r.begins
    CROSS JOIN LATERAL (SELECT coalesce(a.team, b.team) AS team) t
    WHERE coalesce(p.starts_on <= r.begins, true) AND coalesce(p.leaves_on >= r.begins, true)
      AND (a.scope = 'authority'
           OR NOT qa_left_post(p.code, a.team, a.service, lower(a.valid), r.begins))
    GROUP BY r.principal_id, r.begins, r.ends;
END $$;

CREATE FUNCTION keep_rights_of_role() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM keep_rights(ARRAY[OLD.principal_id, NEW.principal_id]);
    RETURN NULL;
END $$;

CREATE FUNCTION keep_rights_of_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM keep_rights(ARRAY[NEW.id]);
    RETURN NULL;
END $$;

CREATE FUNCTION keep_rights_over_service() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    -- Whoever has a role over it, also if that is being given at this moment.
    PERFORM pg_advisory_xact_lock(hashtextextended('kept rights', 0));
    PERFORM keep_rights(ARRAY(SELECT DISTINCT a.principal_id FROM role_assignments a
                              WHERE a.service IN (OLD.service, NEW.service)));
    RETURN NULL;
END $$;

CREATE FUNCTION keep_rights_of_worker() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('kept rights', 0));
    PERFORM keep_rights(ARRAY(SELECT p.id FROM principals p WHERE p.worker = NEW.code));
    RETURN NULL;
END $$;

CREATE FUNCTION keep_rights_of_post() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('kept rights', 0));
    PERFORM keep_rights(ARRAY(SELECT p.id FROM principals p WHERE p.worker IN (OLD.worker, NEW.worker)));
    RETURN NULL;
END $$;

REVOKE ALL ON FUNCTION keep_rights(uuid[]), keep_rights_of_role(), keep_rights_of_account(),
    keep_rights_over_service(), keep_rights_of_worker(), keep_rights_of_post()
    FROM PUBLIC, qa_app, qa_read, qa_backup;

CREATE TRIGGER keep_rights AFTER INSERT OR DELETE OR UPDATE OF principal_id, role, scope, service, team, valid
    ON role_assignments FOR EACH ROW EXECUTE FUNCTION keep_rights_of_role();
-- An account has no role yet when it is made.
CREATE TRIGGER keep_rights AFTER UPDATE OF worker ON principals
    FOR EACH ROW WHEN (OLD.worker IS DISTINCT FROM NEW.worker) EXECUTE FUNCTION keep_rights_of_account();
CREATE TRIGGER keep_rights AFTER INSERT OR DELETE OR UPDATE OF team, service, valid ON team_services
    FOR EACH ROW EXECUTE FUNCTION keep_rights_over_service();
-- A worker has no account yet when they are recorded.
CREATE TRIGGER keep_rights AFTER UPDATE OF starts_on, leaves_on ON workers
    FOR EACH ROW WHEN (OLD.starts_on IS DISTINCT FROM NEW.starts_on
                       OR OLD.leaves_on IS DISTINCT FROM NEW.leaves_on)
    EXECUTE FUNCTION keep_rights_of_worker();
CREATE TRIGGER keep_rights AFTER INSERT OR DELETE OR UPDATE OF team, service, worker, valid ON posts
    FOR EACH ROW EXECUTE FUNCTION keep_rights_of_post();

-- Behind the triggers, whose tables nobody else changes until this is committed.
SELECT keep_rights(ARRAY(SELECT id FROM principals));
