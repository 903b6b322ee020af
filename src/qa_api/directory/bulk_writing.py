"""Writing many entries of the directory at once: in a few statements, however many they are.

What is written has been found sound before. An entry that is there already gets a new version,
and the relations that it has now in place of those it had.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Text, any_, delete, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, Range
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import CollectionAggregate

from qa_api.directory.consistency import named, scope_of
from qa_api.directory.dated_schemas import Dated
from qa_api.directory.file import NamedWorkerIn, PersonIn
from qa_api.directory.references import (
    Kind,
    put_references,
    take_turn_to_change,
    tell_of_change,
)
from qa_api.directory.rights_schemas import RoleIn
from qa_api.directory.schemas import (
    AuditorGroupIn,
    CaseSystemIn,
    ServiceIn,
    TeamIn,
    WorkerIn,
)
from qa_api.events import ConfigurationChanged
from qa_api.models.access import Principal, RoleAssignment
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
    WorkerName,
)
from qa_api.models.subjects import CaseSystem
from qa_api.work import Work

Rows = Sequence[Mapping[str, Any]]


async def put_case_systems(work: Work, given: Mapping[str, CaseSystemIn]) -> None:
    """The case systems that send events."""
    await _put(
        work,
        CaseSystem,
        [{"code": code, "source": one.source, "name": one.name} for code, one in given.items()],
    )


async def put_directory(
    work: Work,
    services: Mapping[str, ServiceIn],
    teams: Mapping[str, TeamIn],
    workers: Mapping[str, NamedWorkerIn],
    groups: Mapping[str, AuditorGroupIn],
) -> None:
    """Services, teams, workers and auditor groups, and then their relations to each other."""
    if any(map(_refers, teams.values())) or any(map(_refers, workers.values())):
        await take_turn_to_change(work)
    await _put(work, Service, [{"code": code, "name": s.name} for code, s in services.items()])
    await _put(
        work,
        Team,
        [{"code": code, "name": t.name, "locality": t.locality} for code, t in teams.items()],
    )
    await _put(work, Worker, [_worker(code, one) for code, one in workers.items()])
    await _replace(work, WorkerName, WorkerName.worker == _one_of(workers), _names(workers))
    await _put(work, AuditorGroup, [{"code": code, "name": g.name} for code, g in groups.items()])

    of_services = Post.service == _one_of(services)
    of_teams = Post.team == _one_of(teams)
    posts = chain(
        _related({"kind": "head", "team": None}, "service", services, "heads"),
        _related({"kind": "manager", "service": None}, "team", teams, "managers"),
        _related({"kind": "deputy", "service": None}, "team", teams, "deputies"),
    )
    await _replace(work, Post, of_services | of_teams, posts)
    for table, own, entries, relations in (
        (TeamService, "team", teams, "services"),
        (TeamMembership, "worker", workers, "teams"),
        (Absence, "worker", workers, "absences"),
        (AuditorGroupMembership, "group", groups, "teams"),
    ):
        column: InstrumentedAttribute[str] = getattr(table, own)
        rows = _related({}, own, entries, relations)
        await _replace(work, table, column == _one_of(entries), rows)
    supervisors = _related({}, "worker", workers, "supervisors", renamed="supervisor")
    await _replace(work, Supervision, Supervision.worker == _one_of(workers), supervisors)
    called: dict[Kind, Mapping[str, TeamIn | WorkerIn]] = {"team": teams, "worker": workers}
    moved = {
        kind: await put_references(work, kind, {code: one.references for code, one in of.items()})
        for kind, of in called.items()
    }
    for kind, codes in moved.items():
        await tell_of_change(work, kind, codes)


def _refers(entry: TeamIn | WorkerIn) -> bool:
    return entry.references is not None


async def let_in(work: Work, people: Sequence[tuple[str, PersonIn]]) -> None:
    """Let principals in by issuer and subject, with their roles; known ones keep their ids.

    A role that somebody holds besides those given goes on: it is ended, never taken back. Each is
    recorded on the event log as the service's own doing; without that the database refuses it.
    """
    held = await work.session.execute(
        select(Principal.issuer, Principal.subject, Principal.id)
        # Of several that one token named in turn, the one that is let in; else the newest.
        .order_by(Principal.disabled_at.asc().nulls_last(), Principal.id)
    )
    ids = {(row.issuer, row.subject): row.id for row in held}
    found = [ids.get((issuer, person.subject)) or new_id() for issuer, person in people]
    await _put(
        work,
        Principal,
        [
            {
                "id": id_,
                "issuer": issuer,
                "subject": person.subject,
                "worker": person.worker,
                "system": person.system,
                "disabled_at": work.now if person.disabled else None,
            }
            for id_, (issuer, person) in zip(found, people, strict=True)
        ],
        key="id",
    )
    await _assign(
        work,
        [(id_, role) for id_, (_, who) in zip(found, people, strict=True) for role in who.roles],
    )
    for about in found:
        await work.record(ConfigurationChanged(about=about, what="principal", code=str(about)))


async def _assign(work: Work, given: Iterable[tuple[UUID, RoleIn]]) -> None:
    held = await work.session.execute(
        select(
            RoleAssignment.id,
            RoleAssignment.principal_id,
            RoleAssignment.role,
            RoleAssignment.service,
            RoleAssignment.team,
            RoleAssignment.valid,
        )
    )
    there = defaultdict[_Held, list[tuple[Range[date], UUID]]](list)
    for row in held:
        there[row.principal_id, row.role, row.service, row.team].append((row.valid, row.id))
    rows = {}
    for id_, role in given:
        valid = Range(role.from_, role.to, bounds="[)")
        found = _same_role(there[id_, role.role.value, role.service, role.team], valid)
        rows[id_, role.role.value, role.service, role.team, role.from_] = {
            "id": found or new_id(),
            "principal_id": id_,
            "role": role.role.value,
            "scope": scope_of(role),
            "service": role.service,
            "team": role.team,
            "valid": valid,
        }
    await _put(work, RoleAssignment, list(rows.values()), key="id")


_Held = tuple[UUID, str, str | None, str | None]


def _same_role(held: list[tuple[Range[date], UUID]], valid: Range[date]) -> UUID | None:
    """The assignment that is written anew: of the same first day, else one that it overlaps."""
    for is_it in (lambda other: other.lower == valid.lower, valid.overlaps):
        for number, (other, id_) in enumerate(held):
            if is_it(other):
                del held[number]
                return id_
    return None


def _worker(code: str, given: WorkerIn) -> dict[str, Any]:
    return {
        "code": code,
        "starts_on": given.starts_on,
        "leaves_on": given.leaves_on,
        "observations_required": given.observations_required,
    }


def _names(workers: Mapping[str, NamedWorkerIn]) -> Iterable[dict[str, Any]]:
    for code, one in workers.items():
        if one.display_name is not None:
            yield {"worker": code, "name": one.display_name}


def _one_of(codes: Iterable[str]) -> CollectionAggregate[Any]:
    return any_(literal(list(codes), ARRAY(Text)))


def _related(
    fixed: Mapping[str, Any],
    own: str,
    entries: Mapping[str, Any],
    relations: str,
    renamed: str | None = None,
) -> Iterable[dict[str, Any]]:
    """The rows of one list of relations of all entries; `renamed` is the column of its code."""
    for code, entry in entries.items():
        one: Dated
        for one in getattr(entry, relations):
            said = {renamed or name: value for name, value in named(one).items()}
            valid = Range(one.from_, one.to, bounds="[)")
            yield {"id": new_id(), own: code, **fixed, **said, "valid": valid}


async def _put(work: Work, table: type[Base], rows: Rows, key: str = "code") -> None:
    if not rows:
        return
    columns: Table = table.__table__  # type: ignore[assignment] # a mapped class has a table
    written = insert_or(columns)
    changed = {name: written.excluded[name] for name in rows[0] if name != key}
    version = columns.c.version + 1
    await work.session.execute(
        written.on_conflict_do_update(
            index_elements=[columns.c[key]], set_={**changed, "version": version}
        ),
        rows,
    )


async def _replace(
    work: Work, table: type[Base], whose: ColumnElement[bool], rows: Iterable[Mapping[str, Any]]
) -> None:
    await work.session.execute(delete(table).where(whose))
    if listed := list(rows):
        await work.session.execute(insert(table.__table__), listed)  # type: ignore[arg-type] # as above
