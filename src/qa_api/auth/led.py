"""Who led which team when, for a statement that asks who knew something.

Rights of today say nothing of then: a role that ended, or was changed since, counts for as long as
it was held.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from qa_api.auth.roles import Role

READS_ALL: Final = (Role.QUALITY_STANDARDS.value,)
"""The role that lists every row: from whoever holds it nothing is withheld."""
_LEADS: Final = (
    Role.PRACTICE_SUPERVISOR.value,
    Role.TEAM_MANAGER.value,
    Role.HEAD_OF_SERVICE.value,
)
_LEADING: Final = text("""
SELECT DISTINCT team, worker FROM role_holders WHERE role = ANY (:leads) AND team IS NOT NULL
AND worker NOT IN (SELECT worker FROM role_holders WHERE role = ANY (:reads_all))
UNION
-- Whoever is let in without a worker's code.
SELECT coalesce(a.team, b.team), p.id::text
FROM principals p
JOIN role_assignments a ON a.principal_id = p.id AND a.role = ANY (:leads)
LEFT JOIN team_services b ON b.service = a.service AND b.valid @> qa_today()
WHERE p.worker IS NULL AND p.disabled_at IS NULL AND a.valid @> qa_today()
AND coalesce(a.team, b.team) IS NOT NULL
""")
ROLES_AND_LEADS: Final = """
roles AS (
    -- What they held, over what and when; also what an assignment said before it was changed.
    SELECT coalesce(p.worker, p.id::text) AS worker, h.role, h.team, h.service, tstzrange(
        lower(h.valid)::timestamp AT TIME ZONE 'Europe/London',
        upper(h.valid)::timestamp AT TIME ZONE 'Europe/London')
        * tstzrange(NULL, p.disabled_at) AS during
    FROM role_assignments h JOIN principals p ON p.id = h.principal_id
    WHERE CAST(:workers AS text[]) IS NULL OR p.worker = ANY (CAST(:workers AS text[]))
    UNION ALL
    SELECT coalesce(p.worker, p.id::text), v.was ->> 'role', v.was ->> 'team', v.was ->> 'service',
        tstzrange(v.began, least(coalesce(c.decided_at, c.proposed_at), (v.was ->> 'to')::timestamp
                                               AT TIME ZONE 'Europe/London'))
        * tstzrange(NULL, p.disabled_at)
    FROM rights_changes c CROSS JOIN LATERAL (
        SELECT c.was -> 'role_assignment' AS was,
            (c.was -> 'role_assignment' ->> 'from')::timestamp AT TIME ZONE 'Europe/London' AS began
    ) v
    JOIN principals p ON p.id::text = v.was ->> 'principal_id'
        AND (CAST(:workers AS text[]) IS NULL OR p.worker = ANY (CAST(:workers AS text[])))
    WHERE c.what = 'role_assignment' AND c.state IN ('confirmed', 'ended')
    AND coalesce(v.began < coalesce(c.decided_at, c.proposed_at), true)
), leads AS (
    SELECT r.worker, r.role, r.team AS of_team, r.service AS of_service,
        coalesce(r.team, t.team) AS team, lower(r.during) AS since, r.during * tstzrange(
            lower(t.valid)::timestamp AT TIME ZONE 'Europe/London',
            upper(t.valid)::timestamp AT TIME ZONE 'Europe/London') AS during
    FROM roles r LEFT JOIN team_services t ON t.service = r.service
    WHERE r.role IN ('practice_supervisor', 'team_manager', 'head_of_service')
)
"""
"""Two common table expressions: `roles`, and `leads`, of teams alone. `workers`: of whom; null is
of everybody, also of those who are let in without a worker's code: they are named by their id."""
IN_SERVICE: Final = """
in_service AS (
    -- The roles, until whoever held them left.
    SELECT r.worker, r.role, r.during * tstzrange(
        NULL, (w.leaves_on + 1)::timestamp AT TIME ZONE 'Europe/London') AS during
    FROM roles r LEFT JOIN workers w ON w.code = r.worker
)
"""
"""After `roles`: the same as far as whoever held one was still here."""
IN_POST: Final = """
in_post AS (
    -- While they were in service, and had not left the post for which they had the role.
    SELECT l.worker, l.role, l.team, tstzmultirange(l.during)
        * tstzmultirange(tstzrange(
            w.starts_on::timestamp AT TIME ZONE 'Europe/London',
            (w.leaves_on + 1)::timestamp AT TIME ZONE 'Europe/London'))
        * (tstzmultirange(tstzrange(NULL, p.first_left)) + coalesce(p.held, '{}')) AS during
    FROM leads l
    LEFT JOIN workers w ON w.code = l.worker
    CROSS JOIN LATERAL (
        SELECT range_agg(post.during) AS held,
            min(upper(post.during)) FILTER (
                WHERE l.since IS NULL OR l.since < upper(post.during)) AS first_left
        FROM (
            SELECT tstzrange(
                lower(o.valid)::timestamp AT TIME ZONE 'Europe/London',
                upper(o.valid)::timestamp AT TIME ZONE 'Europe/London') AS during
            FROM posts o
            WHERE o.worker = l.worker AND (o.team = l.of_team OR o.service = l.of_service)
        ) post
    ) p
)
"""
"""After those two: `in_post`, the same as `leads` as far as whoever held the role was let in."""


async def leading_today(session: AsyncSession) -> Mapping[str, frozenset[str]]:
    """Who leads each team today, but for those who list every row anyway. Needs the service's
    reach."""
    return _by_first(await _leading(session))


async def led_by_one(session: AsyncSession) -> list[frozenset[str]]:
    """The teams of each of them who leads several. Needs the service's reach."""
    found = _by_first((worker, team) for team, worker in await _leading(session))
    return sorted({teams for teams in found.values() if len(teams) > 1}, key=sorted)


async def _leading(session: AsyncSession) -> list[tuple[str, str]]:
    asked = {"leads": [*_LEADS], "reads_all": [*READS_ALL]}
    found = await session.execute(_LEADING, asked)
    return [(row.team, row.worker) for row in found]


def _by_first(pairs: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for first, second in pairs:
        found.setdefault(first, set()).add(second)
    return {first: frozenset(seconds) for first, seconds in found.items()}
