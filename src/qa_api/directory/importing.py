"""An authority's whole directory from one file: all of it, or nothing and every fault (X7)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Final, TypeVar
from uuid import UUID, uuid5

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import select

from qa_api.auth.roles import Role
from qa_api.directory.entries import (
    put_auditor_group,
    put_case_system,
    put_service,
    put_team,
    put_worker,
)
from qa_api.directory.rights import put_principal, put_role_assignment
from qa_api.directory.rights_schemas import PrincipalIn, RoleAssignmentIn
from qa_api.directory.schemas import AuditorGroupIn, CaseSystemIn, ServiceIn, TeamIn, WorkerIn
from qa_api.http.fields import Choice, Code, Input, IsoDate
from qa_api.models.directory import Worker
from qa_api.problems import Problem
from qa_api.work import Work

T = TypeVar("T")
Entries = dict[Code, T]

_IDS: Final = UUID("5b0c0a3e-6a55-4d57-9f39-0f4d6b1f7c11")
"""Names the ids of what has no code, so that a file imported again meets what it made before."""


class RoleIn(Input):
    """A role of somebody in the file."""

    role: Choice[Role]
    service: Code | None = None
    team: Code | None = None
    from_: IsoDate = Field(alias="from")
    to: IsoDate | None = None


class PersonIn(PrincipalIn):
    """Whom a token names, with the roles they hold."""

    roles: list[RoleIn] = Field(default_factory=list)


class DirectoryFile(Input):
    """The file: each section by code, relations inside the entry they belong to."""

    model_config = ConfigDict(title="An authority's directory")

    case_systems: Entries[CaseSystemIn] = Field(default_factory=dict)
    services: Entries[ServiceIn] = Field(default_factory=dict)
    teams: Entries[TeamIn] = Field(default_factory=dict)
    workers: Entries[WorkerIn] = Field(default_factory=dict)
    auditor_groups: Entries[AuditorGroupIn] = Field(default_factory=dict)
    principals: list[PersonIn] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one entry: where it stands in the file, and why."""

    place: str
    detail: str


class DirectoryRefused(Exception):
    """The file was not imported; nothing of it was kept."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)


def read_directory(document: object) -> DirectoryFile:
    """The file's content, checked for form. Raises `DirectoryRefused` with every fault."""
    try:
        return TypeAdapter(DirectoryFile).validate_python(document)
    except ValidationError as wrong:
        raise DirectoryRefused(
            [
                Fault("/" + "/".join(map(str, error["loc"])), error["msg"])
                for error in wrong.errors(include_input=False, include_url=False)
            ]
        ) from None


async def import_directory(
    work: Work, file: DirectoryFile, tell: Callable[[str, int, int], None]
) -> None:
    """Put everything in the file, in an order in which each entry finds what it names.

    `tell` hears the section, how many entries are done and how many there are. Importing the same
    file again changes nothing but versions. Raises `DirectoryRefused` with every entry's faults.
    """
    faults: list[Fault] = []
    for section, steps in await _sections(work, file):
        for done, (place, put) in enumerate(steps, start=1):
            try:
                await put()
            except Problem as refused:
                faults.extend(_faults_of(f"/{section}/{place}", refused))
            tell(section, done, len(steps))
    if faults:
        raise DirectoryRefused(faults)


Step = tuple[str, Callable[[], Awaitable[None]]]


async def _sections(work: Work, file: DirectoryFile) -> list[tuple[str, list[Step]]]:
    known = set(await work.session.scalars(select(Worker.code)))
    bare = {
        code: WorkerIn(starts_on=worker.starts_on, leaves_on=worker.leaves_on)
        for code, worker in file.workers.items()
        if code not in known
    }

    def each(put: Callable[..., Awaitable[None]], entries: Mapping[str, Any]) -> list[Step]:
        return [(code, partial(put, work, code, entry)) for code, entry in entries.items()]

    return [
        ("case_systems", each(put_case_system, file.case_systems)),
        ("workers", each(put_worker, bare)),  # a team names its manager, and a worker their team
        ("services", each(put_service, file.services)),
        ("teams", each(put_team, file.teams)),
        ("workers", each(put_worker, file.workers)),
        ("auditor_groups", each(put_auditor_group, file.auditor_groups)),
        ("principals", list(chain.from_iterable(_let_in(work, p) for p in _numbered(file)))),
    ]


def _numbered(file: DirectoryFile) -> list[tuple[int, PersonIn]]:
    return list(enumerate(file.principals))


def _let_in(work: Work, person: tuple[int, PersonIn]) -> list[Step]:
    number, given = person
    id_ = uuid5(_IDS, f"{given.issuer}\n{given.subject}")
    principal = PrincipalIn(**given.model_dump(exclude={"roles"}))
    steps: list[Step] = [(str(number), partial(put_principal, work, id_, principal))]
    for place, held in enumerate(given.roles):
        fields = held.model_dump(by_alias=True)
        assignment = RoleAssignmentIn(principal_id=id_, **fields)
        key = uuid5(id_, "\n".join(str(fields[name]) for name in sorted(fields) if name != "to"))
        steps.append(
            (
                f"{number}/roles/{place}",
                partial(put_role_assignment, work, key, assignment),
            )
        )
    return steps


def _faults_of(place: str, refused: Problem) -> list[Fault]:
    if not refused.errors:
        return [Fault(place, refused.detail)]
    return [Fault(place + (error.pointer or ""), error.detail) for error in refused.errors]
