"""How many practice observations would have fallen due, and how they would stand (§4.6)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from qa_api.rules.local_time import Month
from qa_api.rules.observation import (
    Days,
    ObservationStanding,
    ObservedWorker,
    observations_at,
    period_at,
)
from qa_api.rules.policy import Policy
from qa_api.rules.policy_values import ObservationWindow
from qa_api.rules.unchanging import Unchanging
from qa_api.simulating.due import Cells
from qa_api.simulating.policies import Policies, Year

_ONE_DAY = timedelta(days=1)


class Place(Unchanging):
    """A team that a worker belongs to for some days."""

    team: str
    days: Days


class Colleague(Unchanging):
    """A worker: what is asked of them, where they belong, when they were observed."""

    asked: ObservedWorker
    places: Sequence[Place]
    observed_on: Sequence[date]

    def teams_on(self, day: date) -> list[str]:
        """The teams that they belong to on a day, in service; none where they are not."""
        starts, leaves = self.asked.starts_on, self.asked.leaves_on
        if (starts is not None and day < starts) or (leaves is not None and day > leaves):
            return []
        return [
            place.team
            for place in self.places
            if place.days.first <= day and (place.days.until is None or day < place.days.until)
        ]


def observations_owed(
    colleagues: Sequence[Colleague], policies: Policies, year: Year
) -> tuple[Mapping[str, int], Cells, Mapping[str, int]]:
    """The figures by their names; how many fell due by team and month; and by month alone.

    Whoever is in two teams counts in each of them, and once in the month.
    """
    counted: Counter[str] = Counter()
    cells: Cells = Counter()
    by_month: Counter[str] = Counter()
    today = policies.on(year.today)
    for colleague in colleagues:
        asked = _Asked(colleague.asked)
        for month in year.months:
            teams = colleague.teams_on(month.ends_on)
            if not teams:
                continue
            if fell_due := _fell_due(colleague, asked, month, policies.on(month.ends_on)):
                by_month[month.label] += fell_due
                cells.update({(team, month.label): fell_due for team in teams})
        if colleague.teams_on(year.today):
            observed = colleague.observed_on
            stands = observations_at(colleague.asked, observed, year.today, today)
            counted["observations_required"] += stands.required
            counted["observations_remaining"] += stands.remaining
            counted["workers_behind"] += stands.required > 0 and not stands.on_pace
    counted["observations_due"] = by_month.total()
    return counted, cells, by_month


class _Asked:
    """What is asked of a worker by a day, whatever was observed; each day is counted once."""

    def __init__(self, worker: ObservedWorker) -> None:
        self._worker = worker
        self._found: dict[tuple[date, int], ObservationStanding] = {}

    def by(self, day: date, policy: Policy) -> ObservationStanding:
        """As at a day, with nothing done."""
        key = (day, policy.version)
        if key not in self._found:
            self._found[key] = observations_at(self._worker, (), day, policy)
        return self._found[key]


def _fell_due(colleague: Colleague, asked: _Asked, month: Month, policy: Policy) -> int:
    """How many were to be made in a month: asked for by its end, not made before it, and not due
    before it already. Where a period ends within it, each part by itself."""
    is_rolling = policy.observation_window is ObservationWindow.ROLLING
    fell_due, first = 0, month.starts_on
    while first <= month.ends_on:
        period = period_at(policy, first, colleague.asked.starts_on)
        last = month.ends_on if is_rolling else min(period.ends_on, month.ends_on)
        needed, left = asked.by(last, policy), asked.by(first - _ONE_DAY, policy)
        before = [day for day in colleague.observed_on if day < first]
        goes_on = is_rolling or left.period == needed.period
        was_due = _behind(left, before) if goes_on else 0
        fell_due += max(0, _behind(needed, before) - was_due)
        first = last + _ONE_DAY
    return fell_due


def _behind(asked: ObservationStanding, made: Sequence[date]) -> int:
    """How many the days gone by ask for that were not made; what was made is before their end."""
    return max(0, asked.expected_by_now - sum(map(asked.period.holds, made)))
