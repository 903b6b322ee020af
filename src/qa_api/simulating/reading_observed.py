"""Reading whom observations are asked of, and when they were made (§4.6)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select

from qa_api.models.directory import Absence, TeamMembership, Worker
from qa_api.models.observations import ObservationExemption, PracticeObservation
from qa_api.observations.staff import days, days_of
from qa_api.rules.observation import ObservedWorker
from qa_api.simulating.observed import Colleague, Place
from qa_api.work import Work


async def read_colleagues(work: Work) -> list[Colleague]:
    """Everybody who ever belonged to a team; observations that were withdrawn were never made."""
    places = await _places(work)
    absences, exemptions = await days_of(work, Absence), await days_of(work, ObservationExemption)
    observed = await _observed(work)
    found = await work.session.execute(
        select(
            Worker.code, Worker.starts_on, Worker.leaves_on, Worker.observations_required
        ).order_by(Worker.code)
    )
    return [
        Colleague(
            asked=ObservedWorker(
                starts_on=row.starts_on,
                leaves_on=row.leaves_on,
                absences=tuple(absences.get(row.code, ())),
                exemptions=tuple(exemptions.get(row.code, ())),
                required=row.observations_required,
            ),
            places=places[row.code],
            observed_on=observed.get(row.code, ()),
        )
        for row in found
        if row.code in places
    ]


async def _places(work: Work) -> Mapping[str, list[Place]]:
    table = TeamMembership
    found = await work.session.execute(
        select(
            table.worker,
            table.team,
            func.lower(table.valid).label("first"),
            func.upper(table.valid).label("until"),
        )
    )
    places: dict[str, list[Place]] = defaultdict(list)
    for row in found:
        places[row.worker].append(Place(row.team, days(row)))
    return dict(places)


async def _observed(work: Work) -> Mapping[str, list[date]]:
    made = PracticeObservation
    days: dict[str, list[date]] = defaultdict(list)
    found = select(made.worker, made.observed_on).where(made.withdrawn_at.is_(None))
    for row in await work.session.execute(found):
        days[row.worker].append(row.observed_on)
    return days
