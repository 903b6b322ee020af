"""An authority's whole directory from one file: all of it, or nothing and every fault (X7)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from qa_api.directory import bulk_writing
from qa_api.directory.consistency import (
    Known,
    faults_of_group,
    faults_of_principal,
    faults_of_role,
    faults_of_service,
    faults_of_team,
    faults_of_worker,
)
from qa_api.directory.file import DirectoryFile
from qa_api.directory.reference_faults import (
    faults_of_references,
    held_by_others,
    referring,
)
from qa_api.events import ConfigurationChanged
from qa_api.models.base import new_id
from qa_api.models.directory import AuditorGroupMembership, Service, Team, Worker
from qa_api.models.subjects import CaseSystem
from qa_api.problems import InputError
from qa_api.rules.unchanging import Unchanging
from qa_api.values.form_checks import Fitted, fit_loosely, is_read
from qa_api.values.json_file import Written, read
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


class Fault(Unchanging):
    """What is wrong with one entry: where it stands in the file, and why."""

    place: str
    detail: str
    at: tuple[int, int] | None = None
    """Its line and column, from 1."""

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"{place}{written_place(self.at)}{self.detail}"


def written_place(at: tuple[int, int] | None) -> str:
    """Line and column before a fault, where they are known."""
    return f"line {at[0]}, column {at[1]}: " if at else ""


class DirectoryRefused(Exception):
    """The file was not imported; nothing of it was kept."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)


class DirectoryRead(Unchanging):
    """A directory's file as far as it is of its form, and what is not.

    With faults it is for checking alone: a value that is not of its form is `Unread` in it.
    """

    file: DirectoryFile
    faults: tuple[Fault, ...] = ()
    written: Written | None = None
    fitted: Fitted[DirectoryFile] | None = None

    def can_be_read(self, section: str) -> bool:
        """Whether a section of the file says which entries it has."""
        return self.fitted is None or self.fitted.knows([section])

    def located(self, entry: Sequence[str | int], pointer: str, detail: str) -> Fault | None:
        """A fault at an entry of the file, with its line and column where they are known.

        None where the value it is about cannot be read: that has been told.
        """
        whole = (InputError.at(entry, "entry", "").pointer or "") + pointer
        parts = [part.replace("~1", "/").replace("~0", "~") for part in whole.split("/")[1:]]
        where = (*entry, *(int(part) if part.isdigit() else part for part in parts[len(entry) :]))
        if self.fitted and not self.fitted.knows(where):
            return None
        return Fault(whole, detail, self.written.place(where) if self.written else None)


def read_directory(content: bytes) -> DirectoryRead:
    """What a file says, with every fault of its writing and of its form."""
    written = read(content)
    faults = [Fault("", fault.detail, (fault.line, fault.column)) for fault in written.faults]
    if not written.is_whole:
        return DirectoryRead(DirectoryFile(), tuple(faults), written)
    fitted = fit_loosely(DirectoryFile, written.value)
    faults += faults_of_form(written, fitted)
    return DirectoryRead(fitted.value or DirectoryFile(), tuple(faults), written, fitted)


def faults_of_form(written: Written, fitted: Fitted[Any]) -> list[Fault]:
    """Where a document is not of its form, without what stands there."""
    return [
        Fault(InputError.at(path, "form", detail).pointer or "", detail, written.place(path))
        for path, detail in fitted.faults
    ]


async def import_directory(work: Work, read: DirectoryRead, tell: Tell) -> None:
    """Put everything in the file: what it names is created or replaced as a whole.

    Importing the same file again changes nothing but versions. Raises `DirectoryRefused` with
    every fault of every kind of every entry, before anything is written.
    """
    file = read.file
    if faults := [*read.faults, *await faults_of_directory(work, read)]:
        raise DirectoryRefused(faults)
    await bulk_writing.put_case_systems(work, file.case_systems)
    await bulk_writing.put_directory(
        work, file.services, file.teams, file.workers, file.auditor_groups
    )
    for section, what in WHAT.items():
        entries = getattr(file, section)
        for code in entries:
            await work.record(ConfigurationChanged(about=new_id(), what=what, code=code))
        tell(section, len(entries))
    people = [(file.issuer_of(person), person) for person in file.principals]
    await bulk_writing.let_in(work, people)
    tell("principals", len(people))


async def faults_of_directory(work: Work, read: DirectoryRead) -> list[Fault]:
    """Everything in the file that the directory, with it, could not hold."""
    file = read.file
    known = await _known_with(work, read)
    sources = await _sources_without(work, file)
    elsewhere = await _groups_without(work, file)
    found: list[Fault] = []

    def say(place: Sequence[str | int], faults: Sequence[InputError]) -> None:
        told = (read.located(place, at.pointer or "", at.detail) for at in faults)
        found.extend(fault for fault in told if fault is not None)

    for code, system in file.case_systems.items():
        say(["case_systems", code], _taken(sources, system.source, "source"))
    for code, service in file.services.items():
        say(["services", code], faults_of_service(service, known))
    called = await held_by_others(work, "team", referring(file.teams))
    for code, team in file.teams.items():
        say(["teams", code], faults_of_team(team, known))
        say(["teams", code], faults_of_references("team", team, known["system"], called))
    called |= await held_by_others(work, "worker", referring(file.workers))
    for code, worker in file.workers.items():
        say(["workers", code], faults_of_worker(code, worker, known))
        say(["workers", code], faults_of_references("worker", worker, known["system"], called))
    for code, group in file.auditor_groups.items():
        say(["auditor_groups", code], faults_of_group(group, known, elsewhere))
        for one in group.teams:
            if is_read(one):
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
        given = defaultdict[tuple[object, ...], list[Range[date]]](list)
        for number, held in enumerate(person.roles):
            yield [at, "roles", number], faults_of_role(held, known)
            if not is_read(held):
                continue
            valid = Range(held.from_, held.to, bounds="[)")
            others = given[held.role, held.service, held.team]
            if any(valid.overlaps(other) for other in others):
                detail = "This role is in the file twice."
                yield [at, "roles", number], [InputError.at([], "taken", detail)]
            others.append(valid)


def _taken(names: Counter[T], name: T, field: str) -> list[InputError]:
    """A name that only one entry may have; the entry takes it."""
    names[name] += 1
    if names[name] == 1:
        return []
    return [InputError.at([field], "taken", f"Another one has this {field}.")]


class _AnyCode(Collection[str]):
    """The codes of a section that cannot be read: each may be in it."""

    def __contains__(self, code: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


async def _known_with(work: Work, read: DirectoryRead) -> dict[str, Collection[str]]:
    session, file = work.session, read.file
    known: dict[str, Collection[str]] = {
        "service": {*file.services, *await session.scalars(select(Service.code))},
        "team": {*file.teams, *await session.scalars(select(Team.code))},
        "worker": {*file.workers, *await session.scalars(select(Worker.code))},
        "system": {*file.case_systems, *await session.scalars(select(CaseSystem.code))},
    }
    sections = {"service": "services", "team": "teams", "worker": "workers"}
    for field, section in {**sections, "system": "case_systems"}.items():
        if not read.can_be_read(section):
            known[field] = _AnyCode()
    return known


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
