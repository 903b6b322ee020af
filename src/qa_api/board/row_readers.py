"""Who knows which rows of a quarter, person by person: whom figures must stand against (R4.7.3).

Somebody knows a row who led a team while that had the case, now or before, from the row's beginning
on; who carries out the audit that it belongs to, moderates it or was to, unless it was sealed from
them; to whom it is addressed; or who held a role over the authority then. Each of them only if they
still were that when the row began. Quality & Standards of today is no reader: nothing is hidden
from them.

Whoever reads an audit may know, or guess, of a row that follows from it and is in no list of
theirs: a practice supervisor of an escalation, a moderator of a response. To count it as known is
unsafe, and so is not to. So they are two readers: who knows what they may list, and who knows that
as well.
"""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import text

from qa_api.auth.led import IN_POST, IN_SERVICE, READS_ALL, ROLES_AND_LEADS, leading_today
from qa_api.auth.roles import Permission, roles_with
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

Section = str
_BY_ROW: Final = """, counted AS (
    SELECT * FROM (
    -- A judgement is known from the completion on, that an audit is due from its planning on.
    -- `supervised`: whether whoever supervises the team lists it; `shown_at`: since when its
    -- auditor does.
    SELECT 'audits/due' AS section, a.id, a.id AS audit_id, a.subject_id, a.team,
        a.planned_at AS since, a.completed_at IS NOT NULL AS completed,
        a.completed_at IS NOT NULL OR a.state = 'planned' AND a.auditor IS NULL AS supervised,
        a.planned_at AS shown_at
    FROM audits a WHERE a.due_on >= :since AND a.due_on < :until
    UNION ALL
    SELECT 'audits/completed', a.id, a.id, a.subject_id, a.team, a.completed_at, true, true,
        a.completed_at
    FROM audits a WHERE a.completed_on >= :since AND a.completed_on < :until
    UNION ALL
    SELECT 'agreement/pairs', o.id, a.id, a.subject_id, a.team, o.moderated_at, false, false,
        -- A sealed pair is revealed as soon as it is one, an open one when its sample closes.
        CASE WHEN o.sealed THEN o.moderated_at WHEN s.state <> 'open' THEN s.closed_at END
    FROM audits a JOIN moderation_outcomes o ON o.audit_id = a.id
    JOIN moderation_samples s ON s.id = o.sample_id
    WHERE a.completed_on >= :since AND a.completed_on < :until AND o.moderated_at IS NOT NULL
    UNION ALL
    SELECT 'audit-responses/due', r.id, r.audit_id, r.subject_id, r.team, r.notified_at,
        false, true, r.notified_at
    FROM audit_responses r WHERE r.due_on >= :since AND r.due_on < :until
    UNION ALL
    SELECT 'restorative-actions/set', s.id, s.audit_id, s.subject_id, s.team, s.set_at,
        false, true, s.set_at
    FROM restorative_actions s WHERE s.set_at >= :starts_at AND s.set_at < :ends_at
    UNION ALL
    SELECT 'escalations/raised', e.id, e.audit_id, e.subject_id, e.team, e.raised_at,
        false, false, e.raised_at
    FROM escalations e WHERE e.raised_at >= :starts_at AND e.raised_at < :ends_at
    UNION ALL
    SELECT 'closure-gates/closed', g.id, g.audit_id, g.subject_id, g.team, g.opened_at,
        false, true, NULL
    FROM closure_gates g WHERE g.closing_counts_at >= :starts_at AND g.closing_counts_at < :ends_at
    ) every WHERE section = ANY (:sections)
), cases AS (
    -- Each child, and the records that were merged into theirs.
    SELECT c.subject_id, c.subject_id AS told_of FROM counted c WHERE c.subject_id IS NOT NULL
    UNION
    SELECT c.subject_id, CAST(e.data ->> 'merged' AS uuid)
    FROM cases c JOIN events e ON e.subject_id = c.told_of AND e.type = 'subject.merged'
), moved AS (
    -- Who had the case when: until it went on, or its record became another's.
    SELECT c.subject_id, e.data ->> 'team' AS team, e.at AS since,
        least(lead(e.at) OVER (PARTITION BY c.subject_id, e.subject_id ORDER BY e.at, e.xid),
              CASE WHEN c.told_of <> c.subject_id THEN
                  (SELECT min(m.at) FROM events m
                   WHERE m.subject_id = c.subject_id AND m.type = 'subject.merged'
                   AND m.data ->> 'merged' = c.told_of::text AND m.at >= e.at) END) AS until
    FROM cases c
    JOIN events e ON e.subject_id = c.told_of
        AND (e.type = 'subject.allocation_changed'
             -- Older registrations say nothing of who had it.
             OR e.type = 'subject.registered' AND e.data ->> 'team' IS NOT NULL)
), held AS (
    SELECT subject_id, team, tstzrange(since, until) AS during FROM moved
    UNION
    -- The team whose work was audited had the case when the audit began.
    SELECT a.subject_id, a.audited_team, tstzrange(a.started_at,
        (SELECT min(m.since) FROM moved m
         WHERE m.subject_id = a.subject_id AND m.since >= a.started_at))
    FROM audits a WHERE a.id IN (SELECT audit_id FROM counted) AND a.started_at IS NOT NULL
    UNION
    SELECT c.subject_id, c.team, tstzrange(
        (SELECT max(m.since) FROM moved m WHERE m.subject_id = c.subject_id), NULL)
    FROM counted c
), known AS (
    SELECT c.section, c.id, l.worker,
        c.supervised OR l.role <> 'practice_supervisor' AS listed
    FROM counted c
    JOIN held h ON h.subject_id = c.subject_id
    JOIN in_post l ON l.team = h.team
    WHERE h.during && l.during
        AND l.during * tstzmultirange(h.during)
            && tstzrange(least(c.since, :now), :now, '[]')
    UNION
    -- Planned for a team, with no case yet.
    SELECT c.section, c.id, l.worker,
        c.supervised OR l.role <> 'practice_supervisor'
    FROM counted c
    JOIN in_post l ON l.team = c.team
    WHERE c.subject_id IS NULL AND l.during && tstzrange(least(c.since, :now), :now, '[]')
    UNION
    -- Over the authority: whoever held the role since holds it no more, but has read it; also a
    -- person who held that of reporting tools, which pull every row.
    SELECT c.section, c.id, r.worker, r.role <> 'senior_leader' OR c.completed
        OR c.section IN ('audit-responses/due', 'restorative-actions/set', 'closure-gates/closed',
                         'agreement/pairs')
    FROM counted c
    JOIN in_service r ON r.role = ANY (:reads_all) OR r.role = 'senior_leader'
        OR r.role = 'reporting' AND r.worker IN (SELECT code FROM workers)
    WHERE r.during && tstzrange(least(c.since, :now), :now, '[]')
    UNION
    SELECT c.section, c.id, r.worker, c.shown_at IS NOT NULL
        AND r.during && tstzrange(least(c.shown_at, :now), :now, '[]')
    FROM counted c
    JOIN audits a ON a.id = c.audit_id
    JOIN in_service r ON r.worker = a.auditor AND r.role = 'auditor'
    WHERE r.during && tstzrange(least(c.since, :now), :now, '[]')
    UNION
    -- Whoever judges a sealed one does not know it until then (R4.5.3).
    SELECT c.section, c.id, r.worker, c.completed OR c.id = o.id
    FROM counted c
    JOIN moderation_outcomes o ON o.audit_id = c.audit_id
    JOIN in_service r ON r.worker = o.moderator AND r.role = ANY (:moderates)
    WHERE (NOT o.sealed OR o.moderated_at IS NOT NULL)
        AND r.during && tstzrange(least(c.since, :now), :now, '[]')
    UNION
    SELECT c.section, c.id, r.worker, c.completed
    FROM counted c
    JOIN moderation_outcomes o ON o.audit_id = c.audit_id
    JOIN events e ON e.about_id = o.id AND e.type = 'moderation_outcome.assigned'
        AND e.data ->> 'sealed_before' = 'false'
    JOIN in_service r ON r.worker = e.data ->> 'moderator_before' AND r.role = ANY (:moderates)
    WHERE r.during && tstzrange(least(c.since, :now), :now, '[]')
    UNION
    -- Whoever was told of it by name, and whoever has the post that is asked (R4.3.3).
    SELECT c.section, c.id, s.worker, true
    FROM counted c
    JOIN escalation_recipients r ON r.escalation_id = c.id
    JOIN in_service s ON s.worker = r.recipient
    WHERE s.during && tstzrange(least(r.notified_at, :now), :now, '[]')
    UNION
    SELECT c.section, c.id, l.worker, true
    FROM counted c
    JOIN escalation_recipients r ON r.escalation_id = c.id
    JOIN in_post l ON l.team = r.for_team AND l.role IN ('team_manager', 'head_of_service')
    WHERE l.during && tstzrange(least(r.notified_at, :now), :now, '[]')
)
SELECT section, id, array_agg(worker) FILTER (WHERE listed) AS listed,
    array_agg(worker) FILTER (WHERE NOT listed) AS others FROM known
WHERE worker IS NOT NULL
AND worker NOT IN (SELECT worker FROM role_holders WHERE role = ANY (:reads_all))
GROUP BY section, id
"""
_KNOWN: Final = text("WITH RECURSIVE " + f"{ROLES_AND_LEADS}, {IN_SERVICE}, {IN_POST}" + _BY_ROW)


class Knowing(Unchanging):
    """Who knows which rows, by the codes of the people."""

    of_rows: Mapping[tuple[Section, UUID], frozenset[str]]
    """By the section that counts a row, and its id."""
    leading: Mapping[str, frozenset[str]]
    """Who leads each team today: what is known of rows that were counted by team."""

    def of_row(self, section: Section, row: UUID) -> frozenset[str]:
        """The people who know a row."""
        return self.of_rows.get((section, row), frozenset())

    def of_team(self, team: str | None) -> frozenset[str]:
        """The people who lead a team."""
        return self.leading.get(team or "", frozenset())


async def knowing(
    work: Work, quarters: Collection[FinancialQuarter], sections: Collection[Section]
) -> Knowing:
    """Who knows the rows of these sections of all days from the first to the last of the quarters.

    With no quarter: who leads which team. What is returned is kept from everybody: what leaves is
    which figures can be told.
    """
    async with work.reaching_everybody():
        rows = await _known(work, quarters, sections) if quarters else {}
        return Knowing(rows, await leading_today(work.session))


async def _known(
    work: Work, quarters: Collection[FinancialQuarter], sections: Collection[Section]
) -> Mapping[tuple[Section, UUID], frozenset[str]]:
    first, after = min(quarters), max(quarters).next
    found = await work.session.execute(
        _KNOWN,
        {
            "workers": None,
            "since": first.starts_on,
            "until": after.starts_on,
            "starts_at": first.starts_at,
            "ends_at": after.starts_at,
            "now": work.now,
            "reads_all": [*READS_ALL],
            "moderates": sorted(roles_with(Permission.MODERATION_RECORD)),
            "sections": [*sections],
        },
    )
    unsure: dict[Section, set[str]] = {}
    rows = [(section, row, listed or [], others or []) for section, row, listed, others in found]
    for section, _, _, others in rows:
        unsure.setdefault(section, set()).update(others)
    people: dict[tuple[str, ...], frozenset[str]] = {}  # few differ
    known: dict[tuple[Section, UUID], frozenset[str]] = {}
    for section, row, listed, others in rows:
        either = unsure[section].intersection((*listed, *others))
        own = tuple(sorted((*listed, *map(_with_all, either))))
        known[section, row] = people.setdefault(own, frozenset(own))
    return known


def _with_all(worker: str) -> str:
    """Stands for somebody who knows also what they may not list."""
    return f"{worker} *"
