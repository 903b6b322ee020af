"""Who of a caseload was looked at, and how many to draw from it (§4.4, R4.4.4)."""

from datetime import date

from qa_api.auth.roles import Role
from qa_api.caseloads.counting import caseloads_of_day, count_open, leaves_some_out
from qa_api.caseloads.figures_schemas import CoverageOut, SampleSizeOut, SampleSizeQuery
from qa_api.caseloads.shown import coverage_out
from qa_api.caseloads.telling import coverage_as_told
from qa_api.rules.caseload_coverage import coverage
from qa_api.rules.caseloads import looked_at_from
from qa_api.rules.sample_size import sample_for
from qa_api.values.explanations import ExplanationOut
from qa_api.work import Work


async def coverage_of(work: Work, day: date, system: str | None) -> tuple[CoverageOut, int]:
    """The coverage that the caller may see, and the version of the caseloads that it is of.

    Quality & Standards may list the children, so nothing is withheld from them; managers see the
    teams that they manage or head, and no statuses and strata where somebody of these is kept from
    them. Other readers are told what stands for the authority.
    """
    found = await caseloads_of_day(work, day, system)
    version = max(one.version for one in found)
    own = _own_teams(work)
    if Role.QUALITY_STANDARDS not in work.actor.roles and own is None:
        return await coverage_as_told(work, day, system), version
    policy = await work.policy()
    since = looked_at_from(day, policy)
    actor = work.actor
    groups = await count_open(
        work, found, since, teams=own, principal=actor.principal_id, sender=actor.worker
    )
    in_full = coverage(groups, policy, in_full=True)
    some_left_out = await leaves_some_out(work, found, teams=own)
    if some_left_out and own is not None:
        in_full = in_full.by_team()
    figures = coverage_out(day, since, in_full, policy.version, complete=not some_left_out)
    return figures, version


def _own_teams(work: Work) -> list[str] | None:
    """The teams whose coverage the caller may see; None for whoever sees the authority's."""
    actor = work.actor
    if actor.roles & {Role.QUALITY_STANDARDS, Role.SENIOR_LEADER}:
        return None
    return sorted(actor.managed_teams | actor.headed_teams)


async def sample_size_of(work: Work, day: date, query: SampleSizeQuery) -> SampleSizeOut:
    """How many of a caseload, or of a team in it, must be drawn for the width that is wanted."""
    found = await caseloads_of_day(work, day, query.system)
    policy = await work.policy()
    teams = None if query.team is None else [query.team]
    groups = await count_open(
        work,
        found,
        looked_at_from(day, policy),
        teams=teams,
        principal=work.actor.principal_id,
        sender=work.actor.worker,
    )
    size = sample_for(
        sum(group.children for group in groups),
        query.width_percent,
        expected_percent=query.expected_percent,
        policy_version=policy.version,
    )
    return SampleSizeOut(
        day=day,
        population=size.population,
        complete=not await leaves_some_out(work, found, teams=teams),
        sample=size.sample,
        width=round(size.width, 4),
        sentence=size.sentence,
        explanation=ExplanationOut.of(size.explanation),
    )
