-- Display names of workers. The service's roles write them and see whose there are; the names
-- themselves come out by one function, for whoever draws a page (R4.1.7, R4.7.3).
GRANT SELECT (worker), INSERT, DELETE ON worker_names TO qa_app;
GRANT SELECT ON worker_names TO qa_backup;
ALTER TABLE worker_names ENABLE ROW LEVEL SECURITY;
CREATE POLICY brought_in ON worker_names TO qa_app USING (qa_reach() = 'service');
CREATE POLICY backup ON worker_names TO qa_backup USING (true);

-- Of the workers named, those who have a name: the one that was imported, else what the identity
-- provider calls whoever two people said is this worker. Nothing without a caller who was let in.
CREATE FUNCTION qa_names_of(codes text[]) RETURNS TABLE (worker text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT asked.code, coalesce(imported.name, provided.name)
    FROM (SELECT DISTINCT unnest(codes)) AS asked (code)
    LEFT JOIN worker_names imported ON imported.worker = asked.code
    LEFT JOIN LATERAL (
        SELECT u.display_name AS name
        FROM principals p
        JOIN scim_users u ON (u.issuer, u.subject) = (p.issuer, p.subject)
        WHERE p.worker = asked.code AND u.display_name ~ '\S'
          -- A token that was given to another worker since is called by their name now.
          AND NOT EXISTS (
              SELECT FROM principals later
              WHERE (later.issuer, later.subject) = (p.issuer, p.subject)
                AND later.worker <> p.worker
                AND coalesce(later.disabled_at, 'infinity') > coalesce(p.disabled_at, 'infinity'))
        ORDER BY p.disabled_at DESC NULLS FIRST, u.deleted_at DESC NULLS FIRST, u.changed_at DESC
        LIMIT 1
    ) AS provided ON imported.name IS NULL
    WHERE qa_reach() IN ('authority', 'rows')
      AND coalesce(imported.name, provided.name) IS NOT NULL;
$$;
REVOKE ALL ON FUNCTION qa_names_of(text[]) FROM PUBLIC, qa_app, qa_backup;
GRANT EXECUTE ON FUNCTION qa_names_of(text[]) TO qa_read;

-- The names of leavers whose time has come go, the imported one and the provider's. Whose time has
-- come is said by the rule of retention; nobody who is still here by the database's clock.
CREATE FUNCTION qa_forget_names(codes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone CONSTANT text[] := ARRAY(
        SELECT w.code FROM workers w
        WHERE w.code = ANY (codes) AND w.leaves_on < (now() AT TIME ZONE 'Europe/London')::date);
BEGIN
    IF qa_reach() IS DISTINCT FROM 'service' THEN
        RAISE EXCEPTION 'names are forgotten by the service alone'
            USING ERRCODE = 'restrict_violation';
    END IF;
    DELETE FROM worker_names WHERE worker = ANY (gone);
    UPDATE scim_users u SET display_name = NULL
    FROM principals p
    WHERE (u.issuer, u.subject) = (p.issuer, p.subject) AND p.worker = ANY (gone)
      AND u.display_name IS NOT NULL;
END $$;
REVOKE ALL ON FUNCTION qa_forget_names(text[]) FROM PUBLIC, qa_read, qa_backup;
GRANT EXECUTE ON FUNCTION qa_forget_names(text[]) TO qa_app;
