"""Who knows what an auditor judged, or must be able to: nothing is sealed from them (R4.5.3)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text

from qa_api.auth.led import ROLES_AND_LEADS
from qa_api.auth.roles import Permission, Role
from qa_api.rules.moderation import Unsealed
from qa_api.work import Work

READS_ALL: Final = frozenset({Role.SENIOR_LEADER, Role.QUALITY_STANDARDS, Role.REPORTING})
"""Roles that read every completed audit, or its judgement as data."""

SHOWS_NO_JUDGEMENT: Final = frozenset(
    {
        Permission.SELF_READ,
        Permission.SUBJECT_READ,
        Permission.DUE_AUDIT_READ,
        Permission.ACTION_READ,
        Permission.RESPONSE_READ,
        Permission.NOTIFICATION_READ,
        Permission.GATE_READ,
        Permission.LEARNING_ACTION_READ,
        Permission.OBSERVATION_READ,
        Permission.HIGHLIGHT_READ,
    }
)
"""Reads of a child's record in which no judgement stands; a test holds the list to the contract."""

Knows = Mapping[str, Mapping[str, Unsealed]]
"""By worker and audit, why somebody's second grade would not be sealed."""

_BY_PAIR: Final = """, pair AS (
    SELECT a.id AS audit_id, a.team, a.worker AS holder, w.code AS worker,
        coalesce(a.started_at, a.completed_at) AS begun_at,
        ARRAY(SELECT s.id FROM subjects s
              WHERE s.id = a.subject_id OR s.merged_into_id = a.subject_id) AS subjects
    FROM audits a CROSS JOIN unnest(CAST(:workers AS text[])) AS w (code)
    WHERE a.id = ANY (:audits)
), moved AS (
    -- Who had the case when: until it went on, or its record became another's.
    SELECT c.audit_id, e.data ->> 'team' AS team, e.data ->> 'worker' AS holder, e.at AS since,
        least(lead(e.at) OVER (PARTITION BY c.audit_id, e.subject_id ORDER BY e.at, e.xid),
              (SELECT min(m.at) FROM events m
               WHERE m.subject_id = ANY (c.subjects) AND m.type = 'subject.merged'
               AND m.data ->> 'merged' = e.subject_id::text AND m.at >= e.at)) AS until
    FROM (SELECT DISTINCT audit_id, subjects FROM pair) c
    JOIN events e ON e.subject_id = ANY (c.subjects) AND e.type = 'subject.allocation_changed'
), held AS (
    SELECT audit_id, team, tstzrange(since, until) AS during FROM moved
    UNION ALL
    -- The team whose work was audited had it when the audit began.
    SELECT a.id, a.audited_team, tstzrange(
        coalesce(a.started_at, a.completed_at),
        (SELECT min(m.since) FROM moved m
         WHERE m.audit_id = a.id AND m.since >= coalesce(a.started_at, a.completed_at)))
    FROM audits a WHERE a.id = ANY (:audits)
), could_read AS (
    -- When safety hid nothing of the audit from them: the case, or its response, had come to them,
    -- a team was theirs that had the case, an escalation of it, or the whole authority.
    SELECT h.audit_id, l.worker, h.during * l.during AS during
    FROM held h JOIN leads l ON l.team = h.team
    UNION ALL
    SELECT audit_id, holder, tstzrange(since, until) FROM moved
    UNION ALL
    SELECT pair.audit_id, pair.worker, tstzrange(e.at, e.at, '[]')
    FROM pair JOIN events e ON e.subject_id = ANY (pair.subjects)
        AND e.type = 'response.handed_over' AND e.data ->> 'to' = pair.worker
        AND e.data ->> 'audit_id' = pair.audit_id::text
    UNION ALL
    SELECT e.audit_id, l.worker, l.during * tstzrange(e.raised_at, NULL)
    FROM escalations e JOIN escalation_recipients r ON r.escalation_id = e.id
    JOIN leads l ON l.team = r.for_team AND l.role IN ('team_manager', 'head_of_service')
    WHERE e.audit_id = ANY (:audits)
    UNION ALL
    SELECT pair.audit_id, pair.worker, r.during
    FROM pair JOIN roles r ON r.worker = pair.worker AND r.role = ANY (:reads_all)
), given AS (
    -- From when until when each of them had it sealed: the one who has it, and who had it before.
    SELECT pair.audit_id, pair.worker, o.assigned_at AS since,
        coalesce(o.moderated_at, 'infinity') AS until, o.moderated_at IS NULL AS has_it
    FROM pair JOIN moderation_outcomes o
        ON o.audit_id = pair.audit_id AND o.moderator = pair.worker AND o.sealed
    UNION ALL
    SELECT pair.audit_id, pair.worker,
        coalesce((SELECT max(f.at) FROM events f
                  WHERE f.about_id = o.id AND f.type = e.type AND f.xid < e.xid), s.drawn_at),
        e.at, false
    FROM pair JOIN moderation_outcomes o ON o.audit_id = pair.audit_id
    JOIN moderation_samples s ON s.id = o.sample_id
    JOIN events e ON e.about_id = o.id AND e.type = 'moderation_outcome.assigned'
        AND e.data ->> 'moderator_before' = pair.worker AND e.data ->> 'sealed_before' = 'true'
), masked AS (
    SELECT given.audit_id, given.worker, given.since, given.until, given.has_it,
        min(CASE WHEN c.worker IS NOT NULL
            THEN greatest(lower(c.during), given.since) END) AS lifted
    FROM given LEFT JOIN could_read c ON c.audit_id = given.audit_id AND c.worker = given.worker
        AND c.during && tstzrange(given.since,
                                  greatest(given.since, least(given.until, :now)), '[]')
    GROUP BY given.audit_id, given.worker, given.since, given.until, given.has_it
), looked_back AS (
    -- While a later audit of the child was theirs to complete; a re-audit looks back for longer.
    SELECT l.audit_id, l.worker, tstzrange(l.since, greatest(l.since, coalesce(least(
        l.given_away, l.cancelled_at, CASE WHEN NOT l.again THEN l.completed_at END), 'infinity')))
        AS during
    FROM (
        SELECT c.audit_id, e.data ->> 'auditor' AS worker, e.at AS since,
            lead(e.at) OVER (PARTITION BY c.audit_id, a.id ORDER BY e.at, e.xid) AS given_away,
            a.cancelled_at, a.completed_at, coalesce(a.re_audit_of = c.audit_id, false) AS again
        FROM (SELECT DISTINCT audit_id, subjects FROM pair) c
        JOIN audits a ON a.subject_id = ANY (c.subjects) AND a.id <> c.audit_id
        JOIN events e ON e.about_id = a.id AND e.type IN ('audit.planned', 'audit.assigned')
    ) l
    WHERE l.worker IS NOT NULL
), had_it_open AS (
    SELECT pair.audit_id, pair.worker, tstzrange(
        coalesce((SELECT max(f.at) FROM events f
                  WHERE f.about_id = o.id AND f.type = e.type AND f.xid < e.xid AND f.at <= e.at),
                 least(s.drawn_at, e.at)), e.at) AS during
    FROM pair JOIN moderation_outcomes o ON o.audit_id = pair.audit_id
    JOIN moderation_samples s ON s.id = o.sample_id
    JOIN events e ON e.about_id = o.id AND e.type = 'moderation_outcome.assigned'
        AND e.data ->> 'moderator_before' = pair.worker AND e.data ->> 'sealed_before' = 'false'
), unmasked AS (
    -- Who could read it when it was judged and not sealed from them: a list that is filtered by
    -- judgement and finds nothing tells it, and the log has no line of nothing.
    SELECT c.audit_id, c.worker
    FROM (SELECT audit_id, worker, during FROM could_read
          UNION ALL SELECT audit_id, worker, during FROM looked_back
          UNION ALL SELECT audit_id, worker, during FROM had_it_open) c
    JOIN audits a ON a.id = c.audit_id AND a.completed_at <= :now
    WHERE c.worker = ANY (:workers)
    AND NOT isempty(
        tstzmultirange(c.during * tstzrange(a.completed_at, :now, '[]'))
        - coalesce((SELECT range_agg(tstzrange(m.since,
                                               greatest(m.since, least(m.until, m.lifted))))
                    FROM masked m WHERE m.audit_id = c.audit_id AND m.worker = c.worker),
                   '{}'::tstzmultirange))
)
SELECT pair.audit_id, pair.worker,
    EXISTS (SELECT FROM escalations e JOIN escalation_recipients r ON r.escalation_id = e.id
            WHERE e.audit_id = pair.audit_id
            AND (r.recipient = pair.worker
                 OR EXISTS (SELECT FROM role_holders h WHERE h.worker = pair.worker
                            AND h.role IN ('team_manager', 'head_of_service')
                            AND h.team = r.for_team))) AS addressed,
    EXISTS (SELECT FROM access_log line JOIN principals p ON p.id = line.principal_id
            WHERE p.worker = pair.worker AND line.at >= pair.begun_at
            AND line.subject_ids && pair.subjects
            AND line.operation <> ALL (:shows_none)
            AND NOT EXISTS (SELECT FROM masked m
                            WHERE m.audit_id = pair.audit_id AND m.worker = pair.worker
                            AND line.at >= m.since
                            AND line.at < least(m.until, m.lifted))) AS has_read,
    EXISTS (SELECT FROM unmasked u
            WHERE u.audit_id = pair.audit_id AND u.worker = pair.worker) AS could_read,
    pair.holder = pair.worker
    OR EXISTS (SELECT FROM masked m WHERE m.audit_id = pair.audit_id AND m.worker = pair.worker
               AND m.has_it AND m.lifted IS NOT NULL)
    OR EXISTS (SELECT FROM audit_responses r
               WHERE r.audit_id = pair.audit_id AND r.handed_to = pair.worker)
    OR EXISTS (SELECT FROM role_assignments h JOIN principals p ON p.id = h.principal_id
               WHERE p.worker = pair.worker
               AND h.role IN ('practice_supervisor', 'team_manager', 'head_of_service')
               AND h.valid && daterange(:since, :today, '[]')
               AND (h.team = pair.team
                    OR h.service IN (SELECT t.service FROM team_services t
                                     WHERE t.team = pair.team
                                     AND t.valid && daterange(:since, :today, '[]'))))
        AS answers_for_case,
    EXISTS (SELECT FROM role_assignments h JOIN principals p ON p.id = h.principal_id
            WHERE p.worker = pair.worker AND h.role = ANY (:reads_all)
            AND h.valid && daterange(:since, :today, '[]')) AS reads_all
FROM pair
"""
_KNOWS: Final = text("WITH " + ROLES_AND_LEADS + _BY_PAIR)

_EVER_AUDITED: Final = text("""
SELECT about_id AS audit_id, data ->> 'auditor' AS auditor FROM events
WHERE about_id = ANY (:audits) AND type IN ('audit.planned', 'audit.assigned')
AND data ->> 'auditor' IS NOT NULL
""")


async def auditors_ever(work: Work, audits: Collection[UUID]) -> Mapping[UUID, frozenset[str]]:
    """Everybody who was named as auditor of each of these audits, by the event log (R4.5.2).

    Acts as the service, since the log is nobody's to read.
    """
    await work.act_as_service()
    found = await work.session.execute(_EVER_AUDITED, {"audits": list(audits)})
    named: dict[UUID, set[str]] = {audit: set() for audit in audits}
    for row in found:
        named[row.audit_id].add(row.auditor)
    return {audit: frozenset(people) for audit, people in named.items()}


async def who_knows(
    work: Work, workers: Collection[str], audits: Collection[UUID], *, since: date | None = None
) -> Knows:
    """Why each of these people's second grades of these audits would not be sealed; nothing else.

    What somebody read while the audit was sealed from them does not count: no judgement stood in
    it. From the first moment at which they could read it meanwhile, in any role and however short
    it was, later reads count; whoever has the audit then answers for the case, even if it has gone
    on or the role has ended. Who led a team while it had the case is told from the roles of then.
    Roles count that they held on any day from `since` to today, else today's.

    Whoever could read it at a time when it was not sealed from them may know it without a line in
    the log: a list filtered by judgement tells it by finding nothing. So could the auditor of a
    later audit of the child, for as long as that one looked back (R4.1.9).

    Acts as the service: to whom something is hidden must not decide who knows it.
    """
    await work.act_as_service()
    found = await work.session.execute(
        _KNOWS,
        {
            "workers": sorted(workers),
            "audits": list(audits),
            "since": since or work.today,
            "today": work.today,
            "now": work.now,
            "shows_none": sorted(each.value for each in SHOWS_NO_JUDGEMENT),
            "reads_all": sorted(each.value for each in READS_ALL),
        },
    )
    knows: dict[str, dict[str, Unsealed]] = {worker: {} for worker in workers}
    for row in found.mappings():
        why = next((each for each in _MOST_TELLING if row[each.value]), None)
        if why is not None:
            knows[row["worker"]][str(row["audit_id"])] = why
    return knows


_MOST_TELLING: Final = (
    Unsealed.READS_ALL,
    Unsealed.ADDRESSED,
    Unsealed.ANSWERS_FOR_CASE,
    Unsealed.HAS_READ,
    Unsealed.COULD_READ,
)
"""Of several reasons the first is kept."""
