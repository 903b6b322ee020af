"""The facts behind the figures: who belongs where on a day, and how they stand (R4.6)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select

from qa_api.directory.service import in_service
from qa_api.models.directory import Absence, TeamMembership, TeamService, Worker
from qa_api.models.observations import ObservationExemption, PracticeObservation
from qa_api.pauses import Pauses
from qa_api.rules.cadence import months_after
from qa_api.rules.observation import (
    Days,
    ObservationStanding,
    ObservedWorker,
    observations_at,
)
from qa_api.rules.policy import Policy
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work


class Staff(Unchanging):
    """The workers in service and in a team on a day, and how each stands."""

    teams_of: Mapping[str, frozenset[str]]
    service_of: Mapping[str, str]
    """By team."""
    standings: Mapping[str, ObservationStanding]


async def staff_at(work: Work, as_at: date, policy: Policy) -> Staff:
    """Everybody as the directory has them on a day. Needs the service's reach.

    Observations are counted by worker, so they follow somebody who changes team.
    """
    teams_of: dict[str, set[str]] = defaultdict(set)
    belong = select(TeamMembership.worker, TeamMembership.team).where(
        TeamMembership.valid.contains(as_at)
    )
    for place in await work.session.execute(belong):
        teams_of[place.worker].add(place.team)
    services = select(TeamService.team, TeamService.service).where(
        TeamService.valid.contains(as_at)
    )
    service_of = {held.team: held.service for held in await work.session.execute(services)}
    absences = await days_of(work, Absence)
    exemptions = await days_of(work, ObservationExemption)
    observed = await _observed(work, as_at, policy)
    serving = select(
        Worker.code, Worker.starts_on, Worker.leaves_on, Worker.observations_required
    ).where(
        in_service(Worker, as_at), Worker.code.in_(belong.with_only_columns(TeamMembership.worker))
    )
    standings, pauses = {}, Pauses()
    for row in await work.session.execute(serving):
        await pauses.pause()
        worker = ObservedWorker(
            starts_on=row.starts_on,
            leaves_on=row.leaves_on,
            absences=tuple(absences.get(row.code, ())),
            exemptions=tuple(exemptions.get(row.code, ())),
            required=row.observations_required,
        )
        standings[row.code] = observations_at(worker, observed.get(row.code, ()), as_at, policy)
    return Staff({code: frozenset(teams_of[code]) for code in standings}, service_of, standings)


async def days_of(
    work: Work, table: type[Absence | ObservationExemption]
) -> Mapping[str, Iterable[Days]]:
    """The days of each worker's absences or exemptions."""
    found: dict[str, list[Days]] = defaultdict(list)
    dated = select(
        table.worker,
        func.lower(table.valid).label("first"),
        func.upper(table.valid).label("until"),
    )
    for row in await work.session.execute(dated):
        found[row.worker].append(days(row))
    return found


def days(row: Any) -> Days:
    """A range of days as `first` and `until`; one without a first day has always been."""
    return Days(row.first or date.min, row.until)


async def _observed(work: Work, as_at: date, policy: Policy) -> Mapping[str, Iterable[date]]:
    """The days of each worker's observations that any period of this day could hold."""
    found: dict[str, list[date]] = defaultdict(list)
    observation = PracticeObservation
    made = select(observation.worker, observation.observed_on).where(
        observation.withdrawn_at.is_(None),
        observation.observed_on >= months_after(as_at, -policy.observation_window_months),
        observation.observed_on <= as_at,
    )
    for row in await work.session.execute(made):
        found[row.worker].append(row.observed_on)
    return found
