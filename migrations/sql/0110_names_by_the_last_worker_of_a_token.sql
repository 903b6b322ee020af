-- The provider's name of a token is that of the worker who was given it last: it goes with theirs alone.
CREATE OR REPLACE FUNCTION qa_forget_names(codes text[]) RETURNS void
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
      AND u.display_name IS NOT NULL
      AND NOT EXISTS (
          SELECT FROM principals later
          WHERE (later.issuer, later.subject) = (p.issuer, p.subject)
            AND later.worker <> p.worker
            AND coalesce(later.disabled_at, 'infinity') > coalesce(p.disabled_at, 'infinity'));
END $$;
