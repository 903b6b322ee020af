"""Keeping the directory: each entry is created or replaced as a whole, on the version it was read.

What contradicts itself or names what is not there is refused with every place of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.attributes import flag_modified

from qa_api import problems
from qa_api.directory.schemas import (
    Absent,
    AuditorGroupIn,
    CaseSystemIn,
    Dated,
    InPost,
    InService,
    InTeam,
    ServiceIn,
    TeamIn,
    WorkerIn,
)
from qa_api.events import ConfigurationChanged
from qa_api.http.etags import Precondition
from qa_api.models.base import Base, new_id
from qa_api.models.directory import (
    Absence,
    AuditorGroup,
    AuditorGroupMembership,
    Post,
    Service,
    Supervision,
    Team,
    TeamMembership,
    TeamService,
    Worker,
)
from qa_api.models.subjects import CaseSystem
from qa_api.problems import InputError
from qa_api.work import Work

Entry = TypeVar("Entry", Service, Team, Worker, AuditorGroup, CaseSystem)
Relations = Sequence[Dated]
CLAUSE: Final = "The directory"


async def put_service(
    work: Work, code: str, given: ServiceIn, expected: Precondition | None = None
) -> None:
    """Create or replace a service; one head at a time."""
    await _refuse_unless_sound(work, given, alone=("heads",))
    await _put(work, Service, code, expected, name=given.name)
    await _replace(work, Post, {"kind": "head", "service": code, "team": None}, given.heads)
    await _record(work, "service", code)


async def put_team(
    work: Work, code: str, given: TeamIn, expected: Precondition | None = None
) -> None:
    """Create or replace a team; one service, one manager and one deputy at a time."""
    await _refuse_unless_sound(work, given, alone=("services", "managers", "deputies"))
    await _put(work, Team, code, expected, name=given.name, locality=given.locality)
    await _replace(work, TeamService, {"team": code}, given.services)
    for kind, posts in (("manager", given.managers), ("deputy", given.deputies)):
        await _replace(work, Post, {"kind": kind, "team": code, "service": None}, posts)
    await _record(work, "team", code)


async def put_worker(
    work: Work, code: str, given: WorkerIn, expected: Precondition | None = None
) -> None:
    """Create or replace a worker; one supervisor at a time, once in each team on a day."""
    faults = _own_supervisor(code, given) + _left_before_starting(given)
    await _refuse_unless_sound(work, given, faults, alone=("supervisors", "absences"))
    await _put(
        work,
        Worker,
        code,
        expected,
        starts_on=given.starts_on,
        leaves_on=given.leaves_on,
        observations_required=given.observations_required,
    )
    await _replace(work, TeamMembership, {"worker": code}, given.teams)
    await _replace(work, Supervision, {"worker": code}, given.supervisors, worker="supervisor")
    await _replace(work, Absence, {"worker": code}, given.absences)
    await _record(work, "worker", code)


async def put_auditor_group(
    work: Work, code: str, given: AuditorGroupIn, expected: Precondition | None = None
) -> None:
    """Create or replace an auditor group; a team is in one group at a time (§4.4)."""
    await _refuse_unless_sound(work, given, await _in_another_group(work, code, given))
    await _put(work, AuditorGroup, code, expected, name=given.name)
    await _replace(work, AuditorGroupMembership, {"group": code}, given.teams)
    await _record(work, "auditor_group", code)


async def put_case_system(
    work: Work, code: str, given: CaseSystemIn, expected: Precondition | None = None
) -> None:
    """Register a case system, or change what its events call it."""
    taken = select(CaseSystem.code).where(
        CaseSystem.source == given.source, CaseSystem.code != code
    )
    if await work.session.scalar(taken) is not None:
        refuse([InputError.at(["source"], "taken", "Another case system has this source.")])
    await _put(work, CaseSystem, code, expected, source=given.source, name=given.name)
    await _record(work, "case_system", code)


async def _put(
    work: Work, table: type[Entry], code: str, expected: Precondition | None, **values: Any
) -> None:
    """The entry itself; a replaced one has a new version even where only its relations changed."""
    row = await work.session.get(table, code, with_for_update=True)
    check(expected, row)
    if row is None:
        work.session.add(table(code=code, **values))
    else:
        for name, value in values.items():
            setattr(row, name, value)
            flag_modified(row, name)
    await work.session.flush()


async def _replace(
    work: Work, table: type[Base], own: Mapping[str, str | None], given: Relations, **renamed: str
) -> None:
    """The relations of an entry as they are given now, in place of those it had."""
    await work.session.execute(delete(table).filter_by(**own))
    rows = [
        {**own, **{renamed.get(name, name): value for name, value in _named(one).items()}}
        | {"valid": Range(one.from_, one.to, bounds="[)")}
        for one in given
    ]
    if rows:
        await work.session.execute(insert(table), rows)


def _named(relation: Dated) -> dict[str, str]:
    return relation.model_dump(exclude={"from_", "to"})


async def _record(work: Work, what: str, code: str) -> None:
    await work.record(ConfigurationChanged(about=new_id(), what=what, code=code))


# --- what is refused ---


def check(expected: Precondition | None, row: Any) -> None:
    """Refuse a change that is based on another version than the stored row, or none (412)."""
    if expected is not None:
        current = None if row is None else row.version
        expected.check(current, None if current is None else f'"{current}.{"0" * 16}"')


def refuse(faults: Sequence[InputError]) -> None:
    """Refuse an entry with everything that is wrong with it; nothing wrong is no refusal."""
    if faults:
        detail = "The directory cannot hold this as it is: see each error."
        raise problems.business_rule(CLAUSE, detail, faults[:100])


async def _refuse_unless_sound(
    work: Work,
    given: ServiceIn | TeamIn | WorkerIn | AuditorGroupIn,
    faults: Sequence[InputError] = (),
    *,
    alone: Iterable[str] = (),
) -> None:
    """Refuse relations that end before they begin, overlap, or name what is not known.

    In the lists of `alone` only one relation holds on a day, in the others one with each code.
    """
    found = list(faults)
    for name in type(given).model_fields:
        relations = getattr(given, name)
        if isinstance(relations, list):
            found += _backwards(name, relations)
            found += _overlaps(name, relations, alone=name in alone)
            found += await _unknown(work, name, relations)
    refuse(found)


def _backwards(name: str, relations: Relations) -> list[InputError]:
    detail = "Must be later than the first day: it is the day on which it no longer holds."
    return [
        InputError.at([name, at, "to"], "order", detail)
        for at, one in enumerate(relations)
        if one.to is not None and one.to <= one.from_
    ]


def _overlaps(name: str, relations: Relations, *, alone: bool) -> list[InputError]:
    of_one: dict[Any, list[int]] = defaultdict(list)
    for at, one in enumerate(relations):
        of_one[None if alone else tuple(_named(one).values())].append(at)
    found = []
    for places in of_one.values():
        places.sort(key=lambda at: relations[at].from_)
        held_until: date | None = date.min
        for at in places:
            if held_until is None or relations[at].from_ < held_until:
                detail = "Begins before another one of this list has ended."
                found.append(InputError.at([name, at, "from"], "overlap", detail))
            held_until = _later(held_until, relations[at].to)
    return found


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


_CODES: Final[Mapping[type[Dated], tuple[str, InstrumentedAttribute[str]]]] = {
    InService: ("service", Service.code),
    InTeam: ("team", Team.code),
    InPost: ("worker", Worker.code),
}


async def _unknown(work: Work, name: str, relations: Relations) -> list[InputError]:
    if not relations or isinstance(relations[0], Absent):
        return []
    field, column = _CODES[type(relations[0])]
    named = [getattr(one, field) for one in relations]
    known = set(await work.session.scalars(select(column).where(column.in_(named))))
    return [
        InputError.at([name, at, field], "unknown-code", f"There is no {field} of this code.")
        for at, code in enumerate(named)
        if code not in known
    ]


def _own_supervisor(code: str, given: WorkerIn) -> list[InputError]:
    return [
        InputError.at(["supervisors", at, "worker"], "oneself", "Nobody supervises themselves.")
        for at, one in enumerate(given.supervisors)
        if one.worker == code
    ]


def _left_before_starting(given: WorkerIn) -> list[InputError]:
    if given.starts_on and given.leaves_on and given.leaves_on < given.starts_on:
        return [InputError.at(["leaves_on"], "order", "Nobody leaves before they start.")]
    return []


async def _in_another_group(work: Work, code: str, given: AuditorGroupIn) -> list[InputError]:
    held = await work.session.execute(
        select(AuditorGroupMembership.team, AuditorGroupMembership.valid).where(
            AuditorGroupMembership.group != code,
            AuditorGroupMembership.team.in_([one.team for one in given.teams]),
        )
    )
    elsewhere: dict[str, list[Range[date]]] = defaultdict(list)
    for row in held:
        elsewhere[row.team].append(row.valid)
    return [
        InputError.at(["teams", at, "from"], "overlap", "The team is in another group then.")
        for at, one in enumerate(given.teams)
        if any(_shares_a_day(one, valid) for valid in elsewhere[one.team])
    ]


def _shares_a_day(one: Dated, valid: Range[date]) -> bool:
    begins_before_its_end = valid.upper is None or one.from_ < valid.upper
    ends_after_its_begin = one.to is None or valid.lower is None or one.to > valid.lower
    return begins_before_its_end and ends_after_its_begin
