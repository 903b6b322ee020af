"""Who knows what an auditor judged, or must be able to: nothing is sealed from them (R4.5.3)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text

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

_KNOWS: Final = text("""
SELECT a.id AS audit_id, w.code AS worker,
    EXISTS (SELECT FROM escalations e JOIN escalation_recipients r ON r.escalation_id = e.id
            WHERE e.audit_id = a.id
            AND (r.recipient = w.code
                 OR EXISTS (SELECT FROM role_holders h WHERE h.worker = w.code
                            AND h.role IN ('team_manager', 'head_of_service')
                            AND h.team = r.for_team))) AS addressed,
    EXISTS (SELECT FROM access_log line JOIN principals p ON p.id = line.principal_id
            WHERE p.worker = w.code AND line.at >= a.completed_at
            AND line.subject_ids && ARRAY(SELECT s.id FROM subjects s
                                          WHERE s.id = a.subject_id
                                          OR s.merged_into_id = a.subject_id)
            AND line.operation <> ALL (:shows_none)
            AND NOT EXISTS (SELECT FROM moderation_outcomes o
                            WHERE o.audit_id = a.id AND o.moderator = w.code AND o.sealed
                            AND line.at >= o.assigned_at)) AS has_read,
    a.worker = w.code
    OR EXISTS (SELECT FROM audit_responses r WHERE r.audit_id = a.id AND r.handed_to = w.code)
    OR EXISTS (SELECT FROM role_assignments h JOIN principals p ON p.id = h.principal_id
               WHERE p.worker = w.code
               AND h.role IN ('practice_supervisor', 'team_manager', 'head_of_service')
               AND h.valid && daterange(:since, :today, '[]')
               AND (h.team = a.team
                    OR h.service IN (SELECT t.service FROM team_services t WHERE t.team = a.team
                                     AND t.valid && daterange(:since, :today, '[]'))))
        AS answers_for_case,
    EXISTS (SELECT FROM role_assignments h JOIN principals p ON p.id = h.principal_id
            WHERE p.worker = w.code AND h.role = ANY (:reads_all)
            AND h.valid && daterange(:since, :today, '[]')) AS reads_all
FROM audits a CROSS JOIN unnest(CAST(:workers AS text[])) AS w (code)
WHERE a.id = ANY (:audits)
""")


async def who_knows(
    work: Work, workers: Collection[str], audits: Collection[UUID], *, since: date | None = None
) -> Knows:
    """Why each of these people's second grades of these audits would not be sealed; nothing else.

    What somebody read while the audit was sealed from them does not count: no judgement stood in
    it. Roles count that they held on any day from `since` to today, else today's. Acts as the
    service: to whom something is hidden must not decide who knows it.
    """
    await work.act_as_service()
    found = await work.session.execute(
        _KNOWS,
        {
            "workers": sorted(workers),
            "audits": list(audits),
            "since": since or work.today,
            "today": work.today,
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
)
"""Of several reasons the first is kept."""
