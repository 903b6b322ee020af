"""Entries of the work lists for observations and learning highlights that are missing (X6)."""

from datetime import date

from sqlalchemy import ColumnElement, and_, delete, select, update

from qa_api.models.directory import TeamService
from qa_api.models.observations import AwaitedHighlights, AwaitedObservation, LearningHighlight
from qa_api.observations.highlight_dates import due_of
from qa_api.observations.staff import staff_at
from qa_api.rules.local_time import FinancialQuarter
from qa_api.work import Work

Awaited = dict[tuple[str, str], tuple[int, date]]
"""What remains and until when, by worker and team."""


async def count_awaited_observations(work: Work) -> None:
    """Bring the list up to date: each worker who is behind the pace has one entry in each team.

    The directory, the policy, an absence or a new day can change it, so all of it is counted again.
    """
    if not work.policy_version:
        return  # nothing is asked of anybody yet
    awaited, listed = await _awaited(work), await _listed(work)
    for worker, team in listed.keys() - awaited.keys():
        await work.session.execute(delete(AwaitedObservation).where(_entry_of(worker, team)))
    for (worker, team), (remaining, due_on) in sorted(awaited.items()):
        values = {"remaining": remaining, "due_on": due_on}
        if (worker, team) not in listed:
            work.session.add(AwaitedObservation(worker=worker, team=team, **values))
        elif listed[worker, team] != (remaining, due_on):
            changed = update(AwaitedObservation).where(_entry_of(worker, team)).values(**values)
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


def _entry_of(worker: str, team: str) -> ColumnElement[bool]:
    return and_(AwaitedObservation.worker == worker, AwaitedObservation.team == team)


async def count_awaited_highlights(work: Work) -> None:
    """Bring the list up to date: each team that recorded nothing of a quarter that is over.

    An entry stays, however many quarters pass, until the team has recorded a highlight of that
    quarter, or belongs to no service any more (R4.6.3).
    """
    if not work.policy_version:
        return  # nothing is asked of anybody yet
    made = await work.session.execute(
        select(LearningHighlight.team, LearningHighlight.quarter).distinct()
    )
    done = {(row.team, row.quarter) for row in made}
    listed = {
        (row.team, row.quarter): row
        for row in await work.session.scalars(select(AwaitedHighlights))
    }
    quarter = FinancialQuarter.of(work.today).previous
    teams = await _teams_on(work, work.today)
    asked = {(team, quarter.label) for team in await _teams_on(work, quarter.ends_on) & teams}
    for team, label in sorted(asked - listed.keys()):
        listed[team, label] = AwaitedHighlights(team=team, quarter=label)
    due_on = {
        label: (await due_of(work, FinancialQuarter.labelled(label))).due_on
        for label in {label for _, label in listed.keys() - done}
    }
    for (team, label), row in listed.items():
        if (team, label) in done or team not in teams:
            if row in work.session:
                await work.session.delete(row)
            continue
        work.session.add(row)
        row.due_on = due_on[label]


async def _teams_on(work: Work, day: date) -> set[str]:
    found = select(TeamService.team).where(TeamService.valid.contains(day))
    return set(await work.session.scalars(found))
