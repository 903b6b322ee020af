"""An authority's whole directory from one file: all of it, or nothing and every fault (X7)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from qa_api.directory import writing
from qa_api.directory.file import DirectoryFile
from qa_api.directory.soundness import (
    Known,
    faults_of_group,
    faults_of_principal,
    faults_of_role,
    faults_of_service,
    faults_of_team,
    faults_of_worker,
)
from qa_api.events import ConfigurationChanged
from qa_api.models.base import new_id
from qa_api.models.directory import AuditorGroupMembership, Service, Team, Worker
from qa_api.models.subjects import CaseSystem
from qa_api.problems import InputError
from qa_api.work import Work

T = TypeVar("T")
Tell = Callable[[str, int], None]
"""Hears the name of a section and how many entries it has, once they are in."""

WHAT: Final[Mapping[str, str]] = {
    "case_systems": "case_system",
    "services": "service",
    "teams": "team",
    "workers": "worker",
    "auditor_groups": "auditor_group",
}
"""What an entry of each section is called in the event log."""


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
        raise DirectoryRefused(faults_of_form(wrong)) from None


def faults_of_form(wrong: ValidationError) -> list[Fault]:
    """Where a document is not of its form, without what stands there."""
    return [
        Fault(InputError.at(error["loc"], error["type"], error["msg"]).pointer or "", error["msg"])
        for error in wrong.errors(include_input=False, include_url=False)
    ]


async def import_directory(work: Work, file: DirectoryFile, tell: Tell) -> None:
    """Put everything in the file: what it names is created or replaced as a whole.

    Importing the same file again changes nothing but versions. Raises `DirectoryRefused` with
    every fault of every entry, before anything is written.
    """
    if faults := await faults_of_directory(work, file):
        raise DirectoryRefused(faults)
    await writing.put_case_systems(work, file.case_systems)
    await writing.put_directory(work, file.services, file.teams, file.workers, file.auditor_groups)
    for section, what in WHAT.items():
        entries = getattr(file, section)
        for code in entries:
            await work.record(ConfigurationChanged(about=new_id(), what=what, code=code))
        tell(section, len(entries))
    people = [(file.issuer_of(person), person) for person in file.principals]
    for about in await writing.let_in(work, people):
        await work.record(ConfigurationChanged(about=about, what="principal", code=str(about)))
    tell("principals", len(people))


async def faults_of_directory(work: Work, file: DirectoryFile) -> list[Fault]:
    """Everything in the file that the directory, with it, could not hold."""
    known = await _known_with(work, file)
    sources = await _sources_without(work, file)
    elsewhere = await _groups_without(work, file)
    found: list[Fault] = []

    def say(place: Sequence[str | int], faults: Sequence[InputError]) -> None:
        root = InputError.at(place, "entry", "").pointer or ""
        found.extend(Fault(root + (at.pointer or ""), at.detail) for at in faults)

    for code, system in file.case_systems.items():
        say(["case_systems", code], _taken(sources, system.source, "source"))
    for code, service in file.services.items():
        say(["services", code], faults_of_service(service, known))
    for code, team in file.teams.items():
        say(["teams", code], faults_of_team(team, known))
    for code, worker in file.workers.items():
        say(["workers", code], faults_of_worker(code, worker, known))
    for code, group in file.auditor_groups.items():
        say(["auditor_groups", code], faults_of_group(group, known, elsewhere))
        for one in group.teams:
            elsewhere[one.team].append(Range(one.from_, one.to, bounds="[)"))
    for place, faults in _faults_of_principals(file, known):
        say(["principals", *place], faults)
    return found


def _faults_of_principals(
    file: DirectoryFile, known: Known
) -> Iterator[tuple[list[str | int], list[InputError]]]:
    let_in: Counter[tuple[str, str]] = Counter()
    for at, person in enumerate(file.principals):
        yield [at], faults_of_principal(person.worker, person.system, known)
        if not (issuer := file.issuer_of(person)):
            detail = "Neither the principal nor the file names an issuer."
            yield [at], [InputError.at(["issuer"], "missing", detail)]
        yield [at], _taken(let_in, (issuer, person.subject), "subject")
        for number, held in enumerate(person.roles):
            yield [at, "roles", number], faults_of_role(held, known)


def _taken(names: Counter[T], name: T, field: str) -> list[InputError]:
    """A name that only one entry may have; the entry takes it."""
    names[name] += 1
    if names[name] == 1:
        return []
    return [InputError.at([field], "taken", f"Another one has this {field}.")]


async def _known_with(work: Work, file: DirectoryFile) -> dict[str, set[str]]:
    session = work.session
    return {
        "service": {*file.services, *await session.scalars(select(Service.code))},
        "team": {*file.teams, *await session.scalars(select(Team.code))},
        "worker": {*file.workers, *await session.scalars(select(Worker.code))},
        "system": {*file.case_systems, *await session.scalars(select(CaseSystem.code))},
    }


async def _sources_without(work: Work, file: DirectoryFile) -> Counter[str]:
    held = await work.session.execute(select(CaseSystem.code, CaseSystem.source))
    return Counter(row.source for row in held if row.code not in file.case_systems)


async def _groups_without(work: Work, file: DirectoryFile) -> defaultdict[str, list[Range[date]]]:
    held = await work.session.execute(
        select(
            AuditorGroupMembership.group,
            AuditorGroupMembership.team,
            AuditorGroupMembership.valid,
        )
    )
    elsewhere: defaultdict[str, list[Range[date]]] = defaultdict(list)
    for row in held:
        if row.group not in file.auditor_groups:
            elsewhere[row.team].append(row.valid)
    return elsewhere
