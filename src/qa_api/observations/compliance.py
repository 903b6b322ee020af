"""How far the observations are, as at any day, for whom the caller may ask (R4.6.2)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final
from urllib.parse import urlencode

from qa_api import problems
from qa_api.auth.roles import Role
from qa_api.calendars.policies import policy_version_on
from qa_api.observations.compliance_schemas import (
    ComplianceFigure,
    CompliancePeriod,
    ComplianceQuery,
    ComplianceRow,
    Level,
)
from qa_api.observations.staff import Staff, staff_at
from qa_api.rules.observation import ObservationStanding
from qa_api.rules.unchanging import Unchanging
from qa_api.values.explanations import ExplanationOut
from qa_api.work import Work

_WIDE: Final = frozenset({Role.QUALITY_STANDARDS, Role.SENIOR_LEADER})
_ASKED: Final = "Workers in service of whom at least one observation is asked."
_COMPLETED: Final = "Workers with as many observations as their period asks for."
_ON_PACE: Final = "Workers with as many observations as the days gone by ask for."


class _Reach(Unchanging):
    """The workers whose figures the caller may see: all, those of teams they lead, or oneself."""

    wide: bool
    teams: frozenset[str]
    worker: str | None

    @classmethod
    def of(cls, work: Work) -> "_Reach":
        actor = work.actor
        led = actor.supervised_teams | actor.managed_teams | actor.headed_teams
        return cls(not actor.roles.isdisjoint(_WIDE), led, actor.worker)

    def sees_worker(self, code: str, teams: frozenset[str]) -> bool:
        return self.wide or code == self.worker or bool(teams & self.teams)

    def sees_all(self, teams: Iterable[str]) -> bool:
        return self.wide or self.teams.issuperset(teams)


async def compliance(work: Work, query: ComplianceQuery) -> list[ComplianceRow]:
    """The rows that the caller may see, by code. The policy is the one in force on the day.

    Figures of a team, service or authority are shown to who may see each worker in them.
    """
    as_at = query.as_at or work.today
    version = await policy_version_on(work, as_at)
    if version is None:
        raise problems.business_rule("policy", "No policy was in force on that day.")
    policy = await work.policy(version)
    reach = _Reach.of(work)
    async with work.reaching_everybody():  # only counts leave it
        staff = await staff_at(work, as_at, policy)
    chosen = {code for code in staff.standings if _is_asked_for(code, staff, query)}
    groups = _groups(query.level, chosen, staff, query, reach)
    rows = [_row(query.level, code, as_at, version, groups[code], staff) for code in sorted(groups)]
    return [row for row in rows if query.on_pace in {None, _all_on_pace(row)}]


async def done_by_team(work: Work, as_at: date) -> Mapping[str, Mapping[str, int]]:
    """How many observations each worker has on a day, by the teams that the caller sees whole.

    A policy must be in force on the day.
    """
    version = await policy_version_on(work, as_at)
    if version is None:
        raise ValueError("no policy was in force on that day")
    reach, policy = _Reach.of(work), await work.policy(version)
    async with work.reaching_everybody():
        staff = await staff_at(work, as_at, policy)
    found: dict[str, dict[str, int]] = {}
    for worker, teams in staff.teams_of.items():
        for team in teams:
            if reach.sees_all({team}):
                found.setdefault(team, {})[worker] = staff.standings[worker].done
    return found


def _is_asked_for(code: str, staff: Staff, query: ComplianceQuery) -> bool:
    teams = staff.teams_of[code]
    return (
        query.worker in {None, code}
        and (query.team is None or query.team in teams)
        and (query.service is None or query.service in {staff.service_of.get(t) for t in teams})
    )


def _groups(
    level: Level, chosen: set[str], staff: Staff, query: ComplianceQuery, reach: _Reach
) -> Mapping[str, set[str]]:
    """The workers behind each row, by the row's code; the authority's is empty."""
    groups: dict[str, set[str]] = defaultdict(set)
    if level is Level.WORKER:
        return {c: {c} for c in chosen if reach.sees_worker(c, staff.teams_of[c])}
    if level is Level.AUTHORITY:
        return {"": chosen} if reach.wide and chosen else {}
    for worker in chosen:
        for team in staff.teams_of[worker]:
            service = staff.service_of.get(team)
            if query.team not in {None, team} or query.service not in {None, service}:
                continue
            if level is Level.TEAM and reach.sees_all({team}):
                groups[team].add(worker)
            elif level is Level.SERVICE and service is not None:
                groups[service].add(worker)
    if level is Level.SERVICE:
        return {s: who for s, who in groups.items() if reach.sees_all(_teams_in(s, staff))}
    return groups


def _teams_in(service: str, staff: Staff) -> list[str]:
    return [team for team, of in staff.service_of.items() if of == service]


def _row(
    level: Level, code: str, as_at: date, version: int, workers: set[str], staff: Staff
) -> ComplianceRow:
    standings = [staff.standings[worker] for worker in workers]
    asked = [standing for standing in standings if standing.required > 0]
    done = [standing.done for standing in standings]
    return ComplianceRow(
        level=level,
        code=code or None,
        as_at=as_at,
        period=_shared_period(standings),
        workers=len(standings),
        exempt=sum(standing.exempt for standing in standings),
        done=sum(done),
        required=sum(standing.required for standing in standings),
        remaining=sum(standing.remaining for standing in standings),
        completed=_share(sum(standing.met for standing in asked), len(asked), _COMPLETED),
        on_pace=_share(sum(standing.on_pace for standing in asked), len(asked), _ON_PACE),
        with_none=sum(number == 0 for number in done),
        with_one=sum(number == 1 for number in done),
        with_two_or_more=sum(number >= 2 for number in done),
        policy_version=version,
        rows=_rows_behind(level, code, as_at, standings),
        explanation=_explanation(level, standings),
    )


def _share(numerator: int, denominator: int, counts: str) -> ComplianceFigure:
    return ComplianceFigure(
        numerator=numerator,
        denominator=denominator,
        numerator_counts=counts,
        denominator_counts=_ASKED,
    )


def _shared_period(standings: list[ObservationStanding]) -> CompliancePeriod | None:
    periods = {standing.period for standing in standings}
    return CompliancePeriod.model_validate(periods.pop()) if len(periods) == 1 else None


def _explanation(level: Level, standings: list[ObservationStanding]) -> ExplanationOut | None:
    if level is not Level.WORKER:
        return None
    return ExplanationOut.of(standings[0].explanation)


def _rows_behind(level: Level, code: str, as_at: date, standings: list[ObservationStanding]) -> str:
    if level is Level.WORKER:
        period, after = standings[0].period, date.fromordinal(as_at.toordinal() + 1)
        query = {
            "worker": code,
            "date_from": period.starts_on,
            "date_to": after,
            "withdrawn": "false",
        }
        return f"/v1/practice-observations?{urlencode(query)}"
    of = {} if level is Level.AUTHORITY else {level.value: code}
    return f"/v1/observation-compliance?{urlencode({'level': 'worker', 'as_at': as_at, **of})}"


def _all_on_pace(row: ComplianceRow) -> bool:
    return row.on_pace.numerator == row.on_pace.denominator
