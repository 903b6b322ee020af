"""Who is behind the pace of their observations, for the lists of those who observe them (X6)."""

from datetime import date

from sqlalchemy import ColumnElement, and_, delete, select, update

from qa_api.models.observations import AwaitedObservation
from qa_api.observations.staff import staff_at
from qa_api.work import Work

Awaited = dict[tuple[str, str], tuple[int, date]]
"""What remains and until when, by worker and team."""


async def count_awaited_observations(work: Work) -> None:
    """Bring the list up to today: one entry in each team of a worker who is behind the pace.

    The directory, the policy, an absence or a mere day can change it, so it is counted whole.
    """
    if not work.policy_version:
        return  # nothing is asked of anybody yet
    awaited, listed = await _awaited(work), await _listed(work)
    for worker, team in listed.keys() - awaited.keys():
        await work.session.execute(delete(AwaitedObservation).where(_of(worker, team)))
    for (worker, team), (remaining, due_on) in sorted(awaited.items()):
        values = {"remaining": remaining, "due_on": due_on}
        if (worker, team) not in listed:
            work.session.add(AwaitedObservation(worker=worker, team=team, **values))
        elif listed[worker, team] != (remaining, due_on):
            changed = update(AwaitedObservation).where(_of(worker, team)).values(**values)
            await work.session.execute(changed)


async def _awaited(work: Work) -> Awaited:
    staff = await staff_at(work, work.today, await work.policy())
    return {
        (worker, team): (standing.remaining, standing.period.ends_on)
        for worker, standing in staff.standings.items()
        if not standing.on_pace
        for team in staff.teams_of[worker]
    }


async def _listed(work: Work) -> Awaited:
    listed = AwaitedObservation
    found = select(listed.worker, listed.team, listed.remaining, listed.due_on)
    return {
        (row.worker, row.team): (row.remaining, row.due_on)
        for row in await work.session.execute(found)
    }


def _of(worker: str, team: str) -> ColumnElement[bool]:
    return and_(AwaitedObservation.worker == worker, AwaitedObservation.team == team)
