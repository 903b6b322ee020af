"""Counting the open children of a day, and who of them was audited in the months before (R4.4.4).

Few rows are read: those of the caseloads, and the audits completed in those months.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import select

from qa_api import problems
from qa_api.models.caseloads import Caseload
from qa_api.models.directory import TeamService
from qa_api.rules.caseload_coverage import Group
from qa_api.work import Work

NOBODY: Final = UUID(int=0)
"""No principal, and so without leave to see a restricted record."""

GROUPS: Final = """
WITH child AS (
    SELECT DISTINCT ON (coalesce(s.id::text, c.system || ' ' || c.ref))
           c.system, c.team, c.status, c.strata, s.id AS subject_id
    FROM caseload_children c
    JOIN caseloads f ON f.id = c.caseload_id
    LEFT JOIN subject_aliases a ON a.system = c.system AND a.ref = c.ref AND a.stands_for IS NULL
    LEFT JOIN subjects s ON s.id = a.subject_id AND (NOT s.restricted OR EXISTS (
        SELECT FROM restriction_grants g
        WHERE g.subject_id = s.id AND g.principal_id = $3 AND g.expires_at > $4))
    WHERE c.caseload_id = ANY ($1) AND c.ref IS NOT NULL
      AND ($2::text[] IS NULL OR c.team = ANY ($2))
      AND (a.subject_id IS NULL OR s.id IS NOT NULL OR f.taken_by = $7)
    ORDER BY coalesce(s.id::text, c.system || ' ' || c.ref), c.system, c.ref
), audited AS (
    SELECT DISTINCT subject_id FROM audits
    WHERE completed_on BETWEEN $5 AND $6 AND recorded_in_error_at IS NULL
)
SELECT child.system, child.team, child.status, child.strata::text AS strata,
       count(*) AS children, count(audited.subject_id) AS audited
FROM child LEFT JOIN audited USING (subject_id)
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
"""
"""The children of some caseloads whom the caller may see, as many as are alike in all that is told
apart, and how many of them were audited. A merged record is one child, of the first of its case
systems. A restricted record is to whoever sent it as a child whom nobody knows, to others none."""

LEFT_OUT: Final = """
SELECT EXISTS (
    SELECT FROM caseload_children c
    JOIN caseloads f ON f.id = c.caseload_id
    JOIN subject_aliases a ON a.system = c.system AND a.ref = c.ref AND a.stands_for IS NULL
    JOIN subjects s ON s.id = a.subject_id
    WHERE c.caseload_id = ANY ($1) AND ($2::text[] IS NULL OR c.team = ANY ($2))
      AND s.restricted AND (f.taken_by = $5) IS NOT TRUE
      AND NOT EXISTS (
          SELECT FROM restriction_grants g
          WHERE g.subject_id = s.id AND g.principal_id = $3 AND g.expires_at > $4))
"""
"""Whether `GROUPS` leaves out a child whom the caller may not see."""


async def caseloads_of_day(work: Work, day: date, system: str | None = None) -> Sequence[Caseload]:
    """The caseloads of a day, of one case system or of all; none is 404."""
    asked = select(Caseload).where(Caseload.taken_on == day).order_by(Caseload.system)
    if system is not None:
        asked = asked.where(Caseload.system == system)
    if not (found := (await work.session.scalars(asked)).all()):
        raise problems.not_found()
    return found


async def count_open(
    work: Work,
    caseloads: Sequence[Caseload],
    since: date,
    *,
    teams: list[str] | None = None,
    principal: UUID | None = None,
    sender: str | None = None,
) -> list[Group]:
    """The children of a day's caseloads by all that is told apart, audited `since` or not.

    Those whom a principal may see, and whom a sender sent; for whoever is None, nobody restricted.
    """
    day = caseloads[0].taken_on
    services = {
        row.team: row.service
        for row in await work.session.execute(
            select(TeamService.team, TeamService.service).where(TeamService.valid.contains(day))
        )
    }
    ids = [one.id for one in caseloads]
    await work.act_as_service()
    rows = await work.driver.fetch(
        GROUPS, ids, teams, principal or NOBODY, work.now, since, day, sender
    )
    return [
        Group(
            row["system"],
            row["team"],
            services.get(row["team"]),
            row["status"],
            orjson.loads(row["strata"]),
            row["children"],
            row["audited"],
        )
        for row in rows
    ]


async def leaves_some_out(
    work: Work, caseloads: Sequence[Caseload], *, teams: list[str] | None = None
) -> bool:
    """Whether there is a child of these caseloads, or of teams in them, kept from the caller.

    Acts as the service from here on.
    """
    await work.act_as_service()
    actor, ids = work.actor, [one.id for one in caseloads]
    asked = (ids, teams, actor.principal_id, work.now, actor.worker)
    return bool(await work.driver.fetchval(LEFT_OUT, *asked))
