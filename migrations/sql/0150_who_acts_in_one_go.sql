-- Who holds a role today and who leads a team, for a statement that asks for all of them once and then
-- row by row. In the statement itself the views were planned before anybody had called, for a day that
-- was not known yet and so for nobody, and each part of them was made ready whenever the statement ran.
-- Here they are planned when they are first asked, in the context of somebody, and kept by the connection.
CREATE FUNCTION qa_holders_today()
RETURNS TABLE (worker text, role text, team text, away boolean, principal_id uuid, service text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 200 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT h.worker, h.role, h.team, h.away, h.principal_id, h.service
                 FROM role_holders h;
END $$;

CREATE FUNCTION qa_leads_today()
RETURNS TABLE (team text, place integer, acts_as text, worker text)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT l.team, l.place, l.acts_as, l.worker FROM team_leads l;
END $$;

GRANT EXECUTE ON FUNCTION qa_holders_today(), qa_leads_today() TO qa_app, qa_read, qa_backup;

-- The same as before. It is asked of each role that somebody holds over a team or a service, in front of
-- every read: one in SQL that searches is taken apart anew at each call.
CREATE OR REPLACE FUNCTION qa_left_post(person text, of_team text, of_service text, since date, day date)
RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM public.posts p WHERE p.worker = person
                   AND (p.team = of_team OR p.service = of_service)
                   AND upper(p.valid) <= day AND (since IS NULL OR since < upper(p.valid)))
       AND NOT EXISTS (SELECT FROM public.posts p WHERE p.worker = person
                       AND (p.team = of_team OR p.service = of_service) AND p.valid @> day);
END $$;

-- The same as before, where the function is asked only of those for whom a post has ended: of few.
CREATE OR REPLACE VIEW role_holders WITH (security_invoker = true) AS
SELECT p.worker, p.id AS principal_id, a.role, coalesce(a.team, b.team) AS team,
       EXISTS (SELECT FROM absences x WHERE x.worker = w.code AND x.valid @> qa_today()) AS away,
       a.service
FROM principals p
JOIN workers w ON w.code = p.worker
JOIN role_assignments a ON a.principal_id = p.id
LEFT JOIN team_services b ON b.service = a.service AND b.valid @> qa_today()
WHERE p.disabled_at IS NULL AND a.valid @> qa_today()
  AND (w.starts_on IS NULL OR w.starts_on <= qa_today())
  AND (w.leaves_on IS NULL OR w.leaves_on >= qa_today())
  AND NOT (a.scope <> 'authority'
           AND EXISTS (SELECT FROM posts o
                       WHERE o.worker = w.code AND upper(o.valid) <= qa_today())
           AND qa_left_post(w.code, a.team, a.service, lower(a.valid), qa_today()));
