"""Keeping the directory: each entry is created or replaced as a whole, on the version it was read.

What contradicts itself or names what is not there is refused with every place of it.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from itertools import chain
from typing import Any, Final, TypeVar

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.attributes import flag_modified

from qa_api import problems
from qa_api.directory.consistency import (
    FIELDS,
    faults_of_group,
    faults_of_service,
    faults_of_team,
    faults_of_worker,
    named,
    relations_of,
)
from qa_api.directory.dated_schemas import Dated
from qa_api.directory.reaching import telling_of
from qa_api.directory.reference_faults import faults_of_references, held_by_others
from qa_api.directory.references import (
    Kind,
    put_references,
    take_turn_to_change,
    tell_of_change,
)
from qa_api.directory.schemas import (
    AuditorGroupIn,
    CaseSystemIn,
    ServiceIn,
    TeamIn,
    WorkerIn,
)
from qa_api.models.base import Base
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
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

Entry = TypeVar("Entry", Service, Team, Worker, AuditorGroup, CaseSystem)
Relations = Sequence[Dated]
CLAUSE: Final = "The directory"


async def put_service(
    work: Work, code: str, given: ServiceIn, expected: Precondition | None = None
) -> None:
    """Create or replace a service; one head at a time."""
    refuse(faults_of_service(given, await _known_to(work, given)))
    async with _changing(work, Service, "service", code):
        await _put(work, Service, code, expected, name=given.name)
        await _replace(work, Post, {"kind": "head", "service": code, "team": None}, given.heads)


async def put_team(
    work: Work, code: str, given: TeamIn, expected: Precondition | None = None
) -> None:
    """Create or replace a team; one service, one manager and one deputy at a time."""
    if given.references is not None:
        await take_turn_to_change(work)
    faults = faults_of_team(given, await _known_to(work, given))
    refuse(faults + await _faults_of_called(work, "team", code, given))
    async with _changing(work, Team, "team", code):
        await _put(work, Team, code, expected, name=given.name, locality=given.locality)
        await _replace(work, TeamService, {"team": code}, given.services)
        for kind, posts in (("manager", given.managers), ("deputy", given.deputies)):
            await _replace(work, Post, {"kind": kind, "team": code, "service": None}, posts)
        moved = await put_references(work, "team", {code: given.references})
    await tell_of_change(work, "team", moved)


async def put_worker(
    work: Work, code: str, given: WorkerIn, expected: Precondition | None = None
) -> None:
    """Create or replace a worker; one supervisor at a time, once in each team on a day."""
    if given.references is not None:
        await take_turn_to_change(work)
    faults = faults_of_worker(code, given, await _known_to(work, given))
    refuse(faults + await _faults_of_called(work, "worker", code, given))
    async with _changing(work, Worker, "worker", code):
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
        moved = await put_references(work, "worker", {code: given.references})
    await tell_of_change(work, "worker", moved)


async def put_auditor_group(
    work: Work, code: str, given: AuditorGroupIn, expected: Precondition | None = None
) -> None:
    """Create or replace an auditor group; a team is in one group at a time (§4.4)."""
    elsewhere = await _in_other_groups(work, code, given)
    refuse(faults_of_group(given, await _known_to(work, given), elsewhere))
    async with _changing(work, AuditorGroup, "auditor_group", code):
        await _put(work, AuditorGroup, code, expected, name=given.name)
        await _replace(work, AuditorGroupMembership, {"group": code}, given.teams)


async def put_case_system(
    work: Work, code: str, given: CaseSystemIn, expected: Precondition | None = None
) -> None:
    """Register a case system, or change what its events call it."""
    taken = select(CaseSystem.code).where(
        CaseSystem.source == given.source, CaseSystem.code != code
    )
    if await work.session.scalar(taken) is not None:
        refuse([InputError.at(["source"], "taken", "Another case system has this source.")])
    async with _changing(work, CaseSystem, "case_system", code):
        await _put(work, CaseSystem, code, expected, source=given.source, name=given.name)


@asynccontextmanager
async def _changing(work: Work, table: type[Entry], what: str, code: str) -> AsyncIterator[None]:
    """Change an entry under a lock; report it if it changes whom somebody reaches (X3)."""
    await work.session.get(table, code, with_for_update=True)
    async with telling_of(work, what, code):
        yield


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
        {**own, **{renamed.get(name, name): value for name, value in named(one).items()}}
        | {"valid": Range(one.from_, one.to, bounds="[)")}
        for one in given
    ]
    if rows:
        await work.session.execute(insert(table), rows)


# --- what is refused ---


def check(expected: Precondition | None, row: Any) -> None:
    """Refuse a change that is based on another version than the stored row, or none (412)."""
    if expected is not None:
        current = None if row is None else row.version
        expected.check(current)


def refuse(faults: Sequence[InputError]) -> None:
    """Refuse an entry with everything that is wrong with it; nothing wrong is no refusal."""
    if faults:
        detail = "The directory cannot hold this as it is: see each error."
        raise problems.business_rule(CLAUSE, detail, faults[:100])


async def _faults_of_called(
    work: Work, kind: Kind, code: str, given: TeamIn | WorkerIn
) -> list[InputError]:
    if not given.references:
        return []
    systems = set(await work.session.scalars(select(CaseSystem.code)))
    held = await held_by_others(work, kind, [code])
    return faults_of_references(kind, given, systems, held)


_CODES: Final[Mapping[str, InstrumentedAttribute[str]]] = {
    "service": Service.code,
    "team": Team.code,
    "worker": Worker.code,
}


async def _known_to(
    work: Work, given: ServiceIn | TeamIn | WorkerIn | AuditorGroupIn
) -> dict[str, set[str]]:
    """Which of the codes that an entry names there are, by field."""
    asked: dict[str, set[str]] = {field: set() for field in _CODES}
    for one in chain.from_iterable(relations_of(given).values()):
        if field := FIELDS.get(type(one)):
            asked[field].add(getattr(one, field))
    return {
        field: set(await work.session.scalars(select(column).where(column.in_(asked[field]))))
        if asked[field]
        else set()
        for field, column in _CODES.items()
    }


async def _in_other_groups(
    work: Work, code: str, given: AuditorGroupIn
) -> dict[str, list[Range[date]]]:
    held = await work.session.execute(
        select(AuditorGroupMembership.team, AuditorGroupMembership.valid).where(
            AuditorGroupMembership.group != code,
            AuditorGroupMembership.team.in_([one.team for one in given.teams]),
        )
    )
    elsewhere: dict[str, list[Range[date]]] = defaultdict(list)
    for row in held:
        elsewhere[row.team].append(row.valid)
    return elsewhere
