"""What the other domains ask the directory: who does what for whom on a given day.

Every answer is as of a London date, today's by default. Somebody who has left, has not started or
is on a long absence is in no post: whoever stands next in line acts for them.
"""

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Text, and_, exists, literal, or_, select

from qa_api.auth.duty import holds
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.db import Prepared, parameter
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.aliases import aliased
from qa_api.models.directory import (
    Absence,
    Post,
    Supervision,
    Team,
    TeamMembership,
    TeamService,
    Worker,
)
from qa_api.rules.audits import AuditorFacts
from qa_api.rules.routing import TeamLeads
from qa_api.work import Work


async def known_team(work: Work, code: str) -> bool:
    """Whether the directory has this team, of whatever dates."""
    return await work.session.scalar(select(Team.code).where(Team.code == code)) is not None


async def known_worker(work: Work, code: str) -> bool:
    """Whether the directory has this worker, in service or not."""
    return await work.session.scalar(select(Worker.code).where(Worker.code == code)) is not None


async def does_actions(work: Work, worker: str) -> bool:
    """Whether they hold a role today in which they can say that an action of theirs is done."""
    doers = sorted(roles_with(Permission.ACTION_COMPLETE))
    found = select(holds(literal(worker, Text), *doers, even_away=True))
    return bool(await work.session.scalar(found))


async def is_in_service(work: Work, worker: str, on: date | None = None) -> bool:
    """Whether a known worker has started and has not left on the day (an absence is no leaving)."""
    return bool(await work.run(_in_service(), worker=worker, day=on or work.today))


@cache
def _in_service() -> Prepared:
    day = parameter("day", Date())
    found = select(Worker.code).where(Worker.code == parameter("worker", Text()))
    return Prepared.of(found.where(in_service(Worker, day)))


async def teams_of_worker(work: Work, worker: str, on: date | None = None) -> frozenset[str]:
    """The teams that the worker belongs to on the day."""
    found = select(TeamMembership.team).where(
        TeamMembership.worker == worker, TeamMembership.valid.contains(on or work.today)
    )
    return frozenset(await work.session.scalars(found))


async def service_of_team(work: Work, team: str, on: date | None = None) -> str | None:
    """The service that the team belongs to on the day."""
    code: str | None = await work.session.scalar(_service_of(team, on or work.today))
    return code


async def supervisor_of(work: Work, worker: str, on: date | None = None) -> str | None:
    """Who supervises the worker on the day."""
    found = select(Supervision.supervisor).where(
        Supervision.worker == worker, Supervision.valid.contains(on or work.today)
    )
    supervisor: str | None = await work.session.scalar(found)
    return supervisor


async def team_leads(work: Work, team: str | None, on: date | None = None) -> TeamLeads:
    """Who manages the team, deputises and heads its service on the day; None is a vacancy."""
    if team is None:
        return TeamLeads(None, None, None)
    found = await work.run(_in_post(), team=team, day=on or work.today)
    in_post = {row.kind: row.worker for row in found}
    return TeamLeads(in_post.get("manager"), in_post.get("deputy"), in_post.get("head"))


@cache
def _in_post() -> Prepared:
    team, day = parameter("team", Text()), parameter("day", Date())
    service = select(TeamService.service).where(
        TeamService.team == team, TeamService.valid.contains(day)
    )
    return Prepared.of(
        select(Post.kind, Post.worker)
        .join(Worker, Worker.code == Post.worker)
        .where(
            Post.valid.contains(day),
            available(Worker, day),
            or_(Post.team == team, Post.service == service.scalar_subquery()),
        )
    )


async def auditor_facts(
    work: Work, auditor: str, worker: str | None, team: str | None, on: date | None = None
) -> AuditorFacts:
    """What decides whether `auditor` may audit the work of `worker` in `team` (R4.1.8)."""
    day = on or work.today
    supervisors = (await work.session.execute(_practice_supervisors(day))).all()
    leads = await team_leads(work, team, day)
    supervisor = await supervisor_of(work, worker, day) if worker is not None else None
    manage = {leads.manager, leads.deputy} - {None} or {leads.head_of_service}
    return AuditorFacts(
        auditor=auditor,
        worker=worker,
        supervised_by=without_none(supervisor),
        team_supervisors=frozenset(code for code, of in supervisors if of == team),
        team_leads=without_none(*manage),
        other_supervisors=frozenset(code for code, of in supervisors if of != team),
    )


def in_service(worker: Any, day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Started, and not left: `leaves_on` is the last day in service."""
    return and_(
        or_(worker.starts_on.is_(None), worker.starts_on <= day),
        or_(worker.leaves_on.is_(None), worker.leaves_on >= day),
    )


def available(worker: Any, day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """In service and not on a long absence."""
    absence = aliased(Absence)
    absent = exists().where(absence.worker == worker.code, absence.valid.contains(day))
    return and_(in_service(worker, day), ~absent)


def _service_of(team: str, day: date) -> Select[str]:
    return select(TeamService.service).where(
        TeamService.team == team, TeamService.valid.contains(day)
    )


def _practice_supervisors(day: date) -> Select[str, str]:
    """Each available practice supervisor with a team of theirs: it is a role, not a post."""
    return (
        select(Worker.code, Team.code)
        .join(Principal, Principal.worker == Worker.code)
        .join(RoleAssignment, RoleAssignment.principal_id == Principal.id)
        .join(Team, Team.code == RoleAssignment.team)
        .where(
            RoleAssignment.role == Role.PRACTICE_SUPERVISOR,
            RoleAssignment.valid.contains(day),
            Principal.disabled_at.is_(None),
            available(Worker, day),
        )
    )


def without_none(*codes: str | None) -> frozenset[str]:
    """The codes of those who are there."""
    return frozenset(code for code in codes if code is not None)
