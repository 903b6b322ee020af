"""Who of a caseload was looked at, and how many to draw from it (§4.4, R4.4.4).

Few rows are read: those of the caseload, and the audits completed in the months before its day.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import select

from qa_api import problems
from qa_api.auth.roles import Role
from qa_api.caseloads.figures_schemas import (
    BoundsOut,
    CoverageOut,
    CoveragePartOut,
    CoveredOut,
    SampleSizeOut,
    SampleSizeQuery,
)
from qa_api.models.caseloads import Caseload
from qa_api.models.directory import TeamService
from qa_api.rules.caseload_coverage import Group, coverage
from qa_api.rules.caseloads import looked_at_from
from qa_api.rules.sample_size import sample_for
from qa_api.rules.shares import Share
from qa_api.values.explanations import ExplanationOut
from qa_api.work import Work

GROUPS: Final = """
WITH child AS (
    SELECT DISTINCT ON (coalesce(s.id::text, c.system || ' ' || c.ref))
           c.team, c.status, c.strata, s.id AS subject_id
    FROM caseload_children c
    LEFT JOIN subject_aliases a ON a.system = c.system AND a.ref = c.ref AND a.stands_for IS NULL
    LEFT JOIN subjects s ON s.id = a.subject_id
    WHERE c.caseload_id = ANY ($1) AND c.ref IS NOT NULL
      AND ($2::text[] IS NULL OR c.team = ANY ($2))
      AND (s.id IS NULL OR NOT s.restricted OR EXISTS (
          SELECT FROM restriction_grants g
          WHERE g.subject_id = s.id AND g.principal_id = $3 AND g.expires_at > $4))
    ORDER BY coalesce(s.id::text, c.system || ' ' || c.ref), c.system, c.ref
), audited AS (
    SELECT DISTINCT subject_id FROM audits
    WHERE completed_on BETWEEN $5 AND $6 AND recorded_in_error_at IS NULL
)
SELECT child.team, child.status, child.strata::text AS strata, count(*) AS children,
       count(audited.subject_id) AS audited
FROM child LEFT JOIN audited USING (subject_id)
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
"""
"""The children of some caseloads whom the caller may see, as many as are alike in all that is told
apart, and how many of them were audited. A merged record is one child."""


async def coverage_of(work: Work, day: date, system: str | None) -> tuple[CoverageOut, int]:
    """The coverage that the caller may see, and the version of the caseloads that it is of.

    Quality & Standards may list the children, so nothing is withheld from them. Managers see the
    teams that they manage or head; other readers the authority, without what tells of a few.
    """
    found = await caseloads_of_day(work, day, system)
    policy = await work.policy()
    since = looked_at_from(day, policy)
    own = _own_teams(work)
    groups = await _groups(work, [one.id for one in found], own, since, day)
    lists_all = Role.QUALITY_STANDARDS in work.actor.roles or own is not None
    told = coverage(groups, policy, in_full=lists_all)
    shown = CoverageOut(
        day=day,
        audited_from=since,
        covered=_covered(told.whole),
        parts=[
            CoveragePartOut(by=part.by, code=part.value, covered=_covered(part.share))
            for part in told.parts
        ],
        policy_version=policy.version,
    )
    return shown, max(one.version for one in found)


async def caseloads_of_day(work: Work, day: date, system: str | None) -> Sequence[Caseload]:
    """The caseloads of a day, of one case system or of all; none is 404."""
    asked = select(Caseload).where(Caseload.taken_on == day).order_by(Caseload.system)
    if system is not None:
        asked = asked.where(Caseload.system == system)
    if not (found := (await work.session.scalars(asked)).all()):
        raise problems.not_found()
    return found


def _own_teams(work: Work) -> list[str] | None:
    """The teams whose coverage the caller may see; None for whoever sees the authority's."""
    actor = work.actor
    if actor.roles & {Role.QUALITY_STANDARDS, Role.SENIOR_LEADER}:
        return None
    return sorted(actor.managed_teams | actor.headed_teams)


async def _groups(
    work: Work, caseloads: Sequence[UUID], teams: list[str] | None, since: date, day: date
) -> list[Group]:
    services = {
        row.team: row.service
        for row in await work.session.execute(
            select(TeamService.team, TeamService.service).where(TeamService.valid.contains(day))
        )
    }
    principal = work.actor.principal_id
    await work.act_as_service()
    rows = await work.driver.fetch(GROUPS, list(caseloads), teams, principal, work.now, since, day)
    return [
        Group(
            row["team"],
            services.get(row["team"]),
            row["status"],
            orjson.loads(row["strata"]),
            row["children"],
            row["audited"],
        )
        for row in rows
    ]


def _covered(share: Share | None) -> CoveredOut | None:
    if share is None:
        return None
    bounds = share.interval
    return CoveredOut(
        audited=share.count,
        children=share.of,
        share=None if share.value is None else round(share.value, 4),
        shown_as=share.shown_as,
        interval=(
            None
            if bounds is None
            else BoundsOut(low=round(bounds.low, 4), high=round(bounds.high, 4))
        ),
        enough=share.enough,
        sentence=share.sentence,
    )


async def sample_size_of(work: Work, day: date, query: SampleSizeQuery) -> SampleSizeOut:
    """How many of a caseload, or of a team in it, must be drawn for the width that is wanted."""
    found = await caseloads_of_day(work, day, query.system)
    policy = await work.policy()
    teams = None if query.team is None else [query.team]
    since = looked_at_from(day, policy)
    groups = await _groups(work, [one.id for one in found], teams, since, day)
    size = sample_for(
        sum(group.children for group in groups),
        query.width_percent,
        expected_percent=query.expected_percent,
        policy_version=policy.version,
    )
    return SampleSizeOut(
        day=day,
        population=size.population,
        sample=size.sample,
        width=round(size.width, 4),
        sentence=size.sentence,
        explanation=ExplanationOut.of(size.explanation),
    )
