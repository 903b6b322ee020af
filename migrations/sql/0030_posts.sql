-- Who may act today, as relations: rights end with the post and with the service of a person, and
-- nobody stores a name that the next day makes wrong.

CREATE FUNCTION qa_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (qa_now() AT TIME ZONE 'Europe/London')::date;

-- A role that was given before a post ended, over the same team or service, ended with that post:
-- whoever has left it no longer reads what was addressed to them in it. A role given afterwards, or
-- another post in the same place, stands for itself.
CREATE FUNCTION qa_left_post(person text, of_team text, of_service text, since date, day date)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN EXISTS (SELECT FROM posts p WHERE p.worker = person
                   AND (p.team = of_team OR p.service = of_service)
                   AND upper(p.valid) <= day AND (since IS NULL OR since < upper(p.valid)))
       AND NOT EXISTS (SELECT FROM posts p WHERE p.worker = person
                       AND (p.team = of_team OR p.service = of_service) AND p.valid @> day);

-- Who is let in today and in service, with which role; over which team, where the role is held over a
-- team or a service; and whether they are on a long absence.
CREATE VIEW role_holders AS
SELECT p.worker, p.id AS principal_id, a.role, coalesce(a.team, b.team) AS team,
       EXISTS (SELECT FROM absences x WHERE x.worker = w.code AND x.valid @> qa_today()) AS away
FROM principals p
JOIN workers w ON w.code = p.worker
JOIN role_assignments a ON a.principal_id = p.id
LEFT JOIN team_services b ON b.service = a.service AND b.valid @> qa_today()
WHERE p.disabled_at IS NULL AND a.valid @> qa_today()
  AND (w.starts_on IS NULL OR w.starts_on <= qa_today())
  AND (w.leaves_on IS NULL OR w.leaves_on >= qa_today())
  AND NOT (a.scope <> 'authority'
           AND qa_left_post(w.code, a.team, a.service, lower(a.valid), qa_today()));

-- Who leads a team today, in the order in which they are asked: who holds the post and may act in it.
CREATE VIEW team_leads AS
SELECT held.team, held.place, held.acts_as, held.worker
FROM (
    SELECT coalesce(p.team, b.team) AS team, p.worker,
           CASE p.kind WHEN 'manager' THEN 1 WHEN 'deputy' THEN 2 ELSE 3 END AS place,
           CASE p.kind WHEN 'manager' THEN 'team_manager' WHEN 'deputy' THEN 'deputy'
                ELSE 'head_of_service' END AS acts_as
    FROM posts p
    LEFT JOIN team_services b ON b.service = p.service AND b.valid @> qa_today()
    WHERE p.valid @> qa_today()
) held
WHERE EXISTS (SELECT FROM role_holders h WHERE h.worker = held.worker AND h.team = held.team
              AND NOT h.away AND h.role IN ('team_manager', 'head_of_service'));

GRANT SELECT ON role_holders, team_leads TO qa_app, qa_read, qa_backup;

-- Who is to review is asked of the directory, not of the name that was written down.
DO $$
DECLARE
    holds CONSTANT text := 'CASE WHEN qa_reach() IN (''service'', ''authority'') THEN true'
        ' ELSE team = ANY (qa_teams()) OR worker = qa_worker() %s END';
BEGIN
    EXECUTE 'ALTER POLICY held ON response_rounds USING (' || format(holds,
        'OR EXISTS (SELECT FROM audit_responses r WHERE r.id = response_rounds.response_id)') || ')';
END $$;
