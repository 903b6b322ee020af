"""Changes of the directory by which somebody reaches others: reported, never for oneself (X3).

Nobody changes whom they reach themselves: their own entry, a team or a service that they lead, a
team that they belong to, who stands above them in one, or who gets the cases that a case system
sends under their code. Another administrator does that.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import DATERANGE, Range

from qa_api import problems
from qa_api.changed_rights import Related, reach_changed
from qa_api.events import ConfigurationChanged
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.base import new_id
from qa_api.models.directory import (
    Absence,
    AuditorGroupMembership,
    CaseSystemReference,
    Post,
    Supervision,
    TeamMembership,
    TeamService,
    Worker,
)
from qa_api.models.subjects import CaseSystem
from qa_api.rules.references import fold
from qa_api.rules.unchanging import Unchanging
from qa_api.work import SERVICE, Work

CLAUSE: Final = "X3"
REASON: Final = "Changed in the directory."
_AWAY: Final = frozenset({"absence", "in_service"})
_PERSONS: Final = frozenset({"head", "manager", "deputy", "supervisor"})
_AS: Final = ": "
"""Between a case system and what it calls somebody."""


@asynccontextmanager
async def telling_of(work: Work, what: str, code: str) -> AsyncIterator[None]:
    """Record that an entry is changed inside; tell of it where it changes whom somebody reaches."""
    before = await related_to(work, what, code)
    yield
    await tell_of_reach(work, what, code, before)


async def tell_of_reach(
    work: Work, what: str, code: str, before: frozenset[Related], about: UUID | None = None
) -> None:
    """As `telling_of`, for an entry that has been changed; refuses a change of one's own reach."""
    after = await related_to(work, what, code)
    if before != after and work.actor is not SERVICE:
        await _refuse_own(work, what, code, before ^ after, before | after)
    about = about or new_id()
    await work.record(ConfigurationChanged(about=about, what=what, code=code))
    workers = {code} if what == "worker" else set()
    workers |= _values(before ^ after, *_PERSONS)
    workers |= await _workers_called(work, what, _called_in(before ^ after))
    await reach_changed(
        work, what, code, about, before=before, after=after, workers=workers, reason=REASON
    )


async def related_to(work: Work, what: str, code: str) -> frozenset[Related]:
    """Everything about an entry that decides whom somebody reaches, or whose a case is."""
    found = await work.session.execute(union_all(*_RELATIONS[what](code)))
    return frozenset(_related(row.relation, row.value, row.valid) for row in found)


def _related(relation: str, value: str, valid: Range[date] | None) -> Related:
    if valid is None:
        return Related(relation, value)
    return Related(relation, value, valid.lower, valid.upper)


# --- what an entry says of whom ---


def _relations(relation: str, value: Any, valid: Any, *where: ColumnElement[bool]) -> Select[Any]:
    """Relations of one kind, as rows."""
    named = cast(literal(relation), Text).label("relation")
    valid = cast(valid, DATERANGE).label("valid")
    return select(named, cast(value, Text).label("value"), valid).where(*where)


def _of_service(code: str) -> Iterator[Select[Any]]:
    yield _relations("head", Post.worker, Post.valid, Post.kind == "head", Post.service == code)


def _of_team(code: str) -> Iterator[Select[Any]]:
    yield _relations("service", TeamService.service, TeamService.valid, TeamService.team == code)
    for kind in ("manager", "deputy"):
        yield _relations(kind, Post.worker, Post.valid, Post.kind == kind, Post.team == code)
    yield _called(CaseSystemReference.team == code)


def _of_worker(code: str) -> Iterator[Select[Any]]:
    yield _relations(
        "team", TeamMembership.team, TeamMembership.valid, TeamMembership.worker == code
    )
    yield _relations(
        "supervisor", Supervision.supervisor, Supervision.valid, Supervision.worker == code
    )
    # Why they are away concerns nobody who reads this.
    yield _relations("absence", literal("away"), Absence.valid, Absence.worker == code)
    days = func.daterange(Worker.starts_on, Worker.leaves_on, "[]")
    dated = or_(Worker.starts_on.is_not(None), Worker.leaves_on.is_not(None))
    yield _relations("in_service", Worker.code, days, Worker.code == code, dated)
    # How often they are observed protects the children that they work with.
    fewer = Worker.observations_required
    yield _relations(
        "observations_required", fewer, null(), Worker.code == code, fewer.is_not(None)
    )
    yield _called(CaseSystemReference.worker == code)


def _called(whose: ColumnElement[bool]) -> Select[Any]:
    name = CaseSystemReference.system + _AS + CaseSystemReference.reference
    return _relations("reference", name, CaseSystemReference.valid, whose)


def _called_in(relations: frozenset[Related]) -> frozenset[str]:
    """The references among relations, as they are compared."""
    return frozenset(fold(one.partition(_AS)[2]) for one in _values(relations, "reference"))


async def _workers_called(work: Work, what: str, references: frozenset[str]) -> set[str]:
    """The workers whose code one of these is: an unclaimed reference means that worker."""
    if what != "worker" or not references:
        return set()
    codes = select(Worker.code).where(Worker.code.in_(references))
    return set(await work.session.scalars(codes))


def _of_auditor_group(code: str) -> Iterator[Select[Any]]:
    group = AuditorGroupMembership
    yield _relations("team", group.team, group.valid, group.group == code)


def _of_case_system(code: str) -> Iterator[Select[Any]]:
    yield _relations("source", CaseSystem.source, null(), CaseSystem.code == code)


_RELATIONS: Final[Mapping[str, Callable[[str], Iterator[Select[Any]]]]] = {
    "service": _of_service,
    "team": _of_team,
    "worker": _of_worker,
    "auditor_group": _of_auditor_group,
    "case_system": _of_case_system,
}


# --- never one's own ---


class _Place(Unchanging):
    """What somebody leads or belongs to, from today on."""

    teams: frozenset[str]
    """Those that they lead, by a post or by a role."""
    services: frozenset[str]
    belongs: frozenset[str]


async def _refuse_own(
    work: Work,
    what: str,
    code: str,
    changed: frozenset[Related],
    all_of_it: frozenset[Related],
) -> None:
    person = work.person()
    if await _concerns(work, person, what, code, changed, all_of_it):
        detail = (
            "Nobody changes for themselves whom they reach or how often they are observed: their"
            " own entry, a team or a service that they lead, a team that they belong to, a"
            " reference that is their own code. Another administrator can."
        )
        raise problems.business_rule(CLAUSE, detail)


async def _concerns(
    work: Work,
    person: str,
    what: str,
    code: str,
    changed: frozenset[Related],
    all_of_it: frozenset[Related],
) -> bool:
    """Whether a change of an entry changes whom the person reaches, or who acts beside them."""
    mine = await _place_of(work, person)
    everywhere = mine.teams | mine.belongs
    called = _called_in(changed)
    if what == "worker":
        concerns = code == person or person in called or await _moves(work, code, mine, changed)
    elif what == "team":
        services = _values(changed, "service")
        if called:
            services |= await _services_of(work, called | {code})
        concerns = not (
            everywhere.isdisjoint(called | {code}) and mine.services.isdisjoint(services)
        )
    elif what == "service":
        concerns = code in mine.services
    else:
        # A group's teams moderate each other; a case system has none.
        concerns = not everywhere.isdisjoint(_values(all_of_it, "team"))
    return concerns or person in _values(changed, *_PERSONS)


def _values(relations: frozenset[Related], *names: str) -> set[str]:
    return {one.value for one in relations if one.relation in names}


async def _moves(work: Work, code: str, mine: _Place, changed: frozenset[Related]) -> bool:
    """Whether somebody joins or leaves a team of theirs, or comes or goes above or below them."""
    joined = _values(changed, "team")
    if any(one.relation in _AWAY for one in changed):
        return await _stands_above(work, code, mine, joined)
    return not mine.teams.isdisjoint(joined)


async def _stands_above(work: Work, code: str, mine: _Place, joined: set[str]) -> bool:
    """Whether the caller acts for the one who is away, or back, or they for the caller."""
    theirs = await _place_of(work, code)
    services = theirs.services | await _services_of(work, theirs.teams)
    return not (
        mine.teams.isdisjoint(theirs.teams | joined)
        and mine.services.isdisjoint(services)
        and (await _services_of(work, mine.teams)).isdisjoint(theirs.services)
    )


async def _place_of(work: Work, person: str) -> _Place:
    role = (
        select(RoleAssignment.team, RoleAssignment.service)
        .join(Principal, Principal.id == RoleAssignment.principal_id)
        .where(Principal.worker == person, _not_over(RoleAssignment.valid, work.today))
    )
    post = select(Post.team, Post.service).where(
        Post.worker == person, _not_over(Post.valid, work.today)
    )
    led = (await work.session.execute(union_all(role, post))).all()
    belongs = await work.session.scalars(
        select(TeamMembership.team).where(
            TeamMembership.worker == person, _not_over(TeamMembership.valid, work.today)
        )
    )
    return _Place(
        frozenset(row.team for row in led if row.team is not None),
        frozenset(row.service for row in led if row.service is not None),
        frozenset(belongs),
    )


async def _services_of(work: Work, teams: frozenset[str]) -> frozenset[str]:
    found = select(TeamService.service).where(
        TeamService.team.in_(teams), _not_over(TeamService.valid, work.today)
    )
    return frozenset(await work.session.scalars(found))


def _not_over(valid: Any, today: date) -> ColumnElement[bool]:
    """On one of today's days or of those to come."""
    ends = func.upper(valid)
    return or_(ends.is_(None), ends > today)
