"""Who led which team when, for a statement that asks who knew something.

Rights of today say nothing of then: a role that ended, or was changed since, counts for as long as
it was held.
"""

from typing import Final

ROLES_AND_LEADS: Final = """
roles AS (
    -- What they held, over what and when; also what an assignment said before it was changed.
    SELECT p.worker, h.role, h.team, h.service, tstzrange(
        lower(h.valid)::timestamp AT TIME ZONE 'Europe/London',
        upper(h.valid)::timestamp AT TIME ZONE 'Europe/London') AS during
    FROM role_assignments h JOIN principals p ON p.id = h.principal_id
    WHERE p.worker = ANY (coalesce(CAST(:workers AS text[]), ARRAY[p.worker]))
    UNION ALL
    SELECT p.worker, v.was ->> 'role', v.was ->> 'team', v.was ->> 'service',
        tstzrange(v.began, least(coalesce(c.decided_at, c.proposed_at), (v.was ->> 'to')::timestamp
                                               AT TIME ZONE 'Europe/London'))
    FROM rights_changes c CROSS JOIN LATERAL (
        SELECT c.was -> 'role_assignment' AS was,
            (c.was -> 'role_assignment' ->> 'from')::timestamp AT TIME ZONE 'Europe/London' AS began
    ) v
    JOIN principals p ON p.id::text = v.was ->> 'principal_id'
        AND p.worker = ANY (coalesce(CAST(:workers AS text[]), ARRAY[p.worker]))
    WHERE c.what = 'role_assignment' AND c.state IN ('confirmed', 'ended')
    AND coalesce(v.began < coalesce(c.decided_at, c.proposed_at), true)
), leads AS (
    SELECT r.worker, r.role, coalesce(r.team, t.team) AS team, r.during * tstzrange(
        lower(t.valid)::timestamp AT TIME ZONE 'Europe/London',
        upper(t.valid)::timestamp AT TIME ZONE 'Europe/London') AS during
    FROM roles r LEFT JOIN team_services t ON t.service = r.service
    WHERE r.role IN ('practice_supervisor', 'team_manager', 'head_of_service')
)
"""
"""Two common table expressions: `roles`, and `leads`, of teams alone. `workers`: of whom; null is
of everybody."""
