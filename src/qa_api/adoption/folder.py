"""An authority as a folder of JSON files: what it must look like, and reading it (X7).

    authority.json    its name, its policy and the bank holidays that it adds
    scales.json       a list of judgement scales, in the order in which they were introduced
    tools/CODE.json   an audit tool each
    audit-types.json  audit types by code
    directory.json    the document that `qa-api import directory` takes

Every file but authority.json may be missing. Nothing is looked up here: what is wrong with the form
of any file is found without a database.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.resources.abc import Traversable
from typing import Any, Final

from pydantic import Field

from qa_api.calendars.policy_schemas import PolicyValue
from qa_api.calendars.schemas import NewBankHoliday
from qa_api.catalogue.schemas import AuditTypeIn, NewScale, ToolDraft
from qa_api.directory.file import DirectoryFile
from qa_api.directory.importing import (
    DirectoryRead,
    faults_of_form,
    read_directory,
    written_place,
)
from qa_api.problems import InputError
from qa_api.rules.unchanging import Unchanging
from qa_api.values.fields import Code, Input, IsoDate, Key, ShortText, Text
from qa_api.values.form_checks import Fitted, fit
from qa_api.values.json_file import Path, Written
from qa_api.values.json_file import read as read_file

_STAND_INS: Final[Mapping[str, Any]] = {
    "name": "-",
    "label": "-",
    "text": "-",
    "title": "-",
    "reason": "-",
    "clause": "§1",
    "subject_kind": "child",
    "owner": "quality_standards",
    "cadence": "as_required",
    "may_audit": "any_auditor",
}
"""What stands in for a value that must be there and cannot be read, while the rest is checked."""
_RESTS_ON: Final[Mapping[Path, tuple[str, ...]]] = {
    ("interval_months",): ("cadence",),
    ("start_teams",): ("may_start",),
}
"""What can be wrong with a field only because of another one, in audit types."""

AUTHORITY: Final = "authority.json"
SCALES: Final = "scales.json"
TOOLS: Final = "tools"
AUDIT_TYPES: Final = "audit-types.json"
DIRECTORY: Final = "directory.json"


class PolicyIn(Input):
    """The authority's own values, from a London day on; what is not named is the procedure's."""

    effective_from: IsoDate
    reason: Text
    values: dict[Key, PolicyValue] = Field(default_factory=dict)


class AuthorityIn(Input):
    """What an authority is called, and what it decided."""

    name: ShortText
    policy: PolicyIn
    bank_holidays: list[NewBankHoliday] = Field(default_factory=list)


class FileFault(Unchanging):
    """What is wrong, in which file of the folder, and where in it (RFC 6901)."""

    file: str
    place: str
    detail: str
    at: tuple[int, int] | None = None
    """Its line and column, from 1."""

    def __str__(self) -> str:
        return f"{self.file} {self.place}: {written_place(self.at)}{self.detail}"


class FolderRefused(Exception):
    """The folder was not imported; nothing of it was kept."""

    def __init__(self, faults: Sequence[FileFault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)


class Folder(Unchanging):
    """An authority's folder, as far as it is of its form, and what is not."""

    decided: AuthorityIn | None
    """What authority.json says, where that can be read."""
    scales: Sequence[NewScale]
    tools: Sequence[tuple[str, ToolDraft]]
    """Each with the name of its file."""
    audit_types: dict[str, AuditTypeIn]
    people: DirectoryRead
    """What directory.json says, as far as it can be read."""
    documents: Mapping[str, "Document"]
    faults: Sequence[FileFault]
    withheld: frozenset[str] = frozenset()
    """The codes of tools and scales whose entries have faults: they are in it all the same."""

    def issued_by(self, issuer: str | None) -> "Folder":
        """The same folder, with this issuer for principals that name none; None changes nothing."""
        if issuer is None:
            return self
        file = self.people.file.model_copy(update={"issuer": issuer})
        return replace(self, people=replace(self.people, file=file))

    @property
    def authority(self) -> AuthorityIn:
        """What the authority decided. Raises `FolderRefused` where that cannot be read."""
        if self.decided is None:
            raise FolderRefused(self.faults)
        return self.decided

    @property
    def directory(self) -> DirectoryFile:
        """Its directory."""
        return self.people.file

    def fault(self, file: str, path: Path, pointer: str, detail: str) -> FileFault | None:
        """A fault in what a file says, with its line and column.

        None if it concerns a value that cannot be read: that fault is reported already.
        """
        document = self.documents.get(file)
        if document is None:
            return FileFault(file, pointer_of(path) + pointer, detail)
        path = document.fitted.original(path)
        about = (*path, *parts(pointer))
        told = [about, *((*path, each) for each in _RESTS_ON.get(about[len(path) :][:1], ()))]
        if not all(document.fitted.knows(each) for each in told):
            return None
        return FileFault(
            file,
            pointer_of(path) + pointer,
            detail,
            document.written.place((*path, *parts(pointer))),
        )


class Document(Unchanging):
    """One file of the folder: what is written, and what of it is of its form."""

    written: Written
    fitted: Fitted[Any]


def pointer_of(path: Path) -> str:
    """A place in a document (RFC 6901)."""
    return InputError.at(path, "place", "").pointer or ""


def parts(pointer: str) -> Path:
    """The parts of a place in a document: the reverse of `pointer_of`."""
    words = (word.replace("~1", "/").replace("~0", "~") for word in pointer.split("/")[1:])
    return tuple(int(word) if word.isdigit() else word for word in words)


def read_folder(place: Traversable) -> Folder:
    """The folder's content. Raises `FolderRefused` with every fault of every file's form."""
    folder = look_through(place)
    if folder.faults:
        raise FolderRefused(folder.faults)
    return folder


def look_through(place: Traversable) -> Folder:
    """The folder's content as far as it is of its form, with every fault of every file."""
    faults: list[FileFault] = list(_unread(place))
    documents: dict[str, Document] = {}

    def read(name: str, form: Any, missing: Any, entry: Callable[[Path], Path | None]) -> Any:
        try:
            content = _content(place, name)
        except FileNotFoundError:
            if missing is None:
                faults.append(FileFault(name, "", "There is no such file in the folder."))
            return missing
        written = read_file(content)
        faults.extend(FileFault(name, "", at.detail, (at.line, at.column)) for at in written.faults)
        if not written.is_whole:
            return missing
        fitted = fit(form, written.value, entry, _STAND_INS)
        documents[name] = Document(written, fitted)
        found = faults_of_form(written, fitted)
        faults.extend(FileFault(name, fault.place, fault.detail, fault.at) for fault in found)
        return missing if fitted.value is None else fitted.value

    authority = read(AUTHORITY, AuthorityIn, None, _entry_of_authority)
    scales = read(SCALES, list[NewScale], [], lambda path: path[:1] or None)
    tools = [
        (name, draft)
        for name in _names_of_tools(place)
        if (draft := read(name, ToolDraft, _LEFT_OUT, lambda _: None)) is not _LEFT_OUT
    ]
    types = read(AUDIT_TYPES, dict[Code, AuditTypeIn], {}, lambda path: path[:1] or None)
    directory = _directory(place)
    faults.extend(FileFault(DIRECTORY, at.place, at.detail, at.at) for at in directory.faults)
    folder = Folder(
        authority,
        scales,
        tools,
        types,
        replace(directory, faults=()),
        documents,
        (),
        frozenset(_withheld(documents)),
    )
    faults.extend(_repeated(folder))
    return replace(folder, faults=tuple(faults))


_LEFT_OUT: Final = object()


def _entry_of_authority(path: Path) -> Path | None:
    """A policy value and a bank holiday are entries; without the rest there is no authority."""
    if path[:2] == ("policy", "values") and len(path) > 2:
        return path[:3]
    return path[:2] if path[:1] == ("bank_holidays",) and len(path) > 1 else None


def _directory(place: Traversable) -> DirectoryRead:
    try:
        return read_directory(_content(place, DIRECTORY))
    except FileNotFoundError:
        return DirectoryRead(DirectoryFile())


def _content(place: Traversable, name: str) -> bytes:
    file = place
    for part in name.split("/"):
        file = file / part
    return file.read_bytes()


def _names_of_tools(place: Traversable) -> Iterator[str]:
    tools = place / TOOLS
    if tools.is_dir():
        names = sorted(file.name for file in tools.iterdir())
        yield from (f"{TOOLS}/{name}" for name in names if name.endswith(".json"))


def _unread(place: Traversable) -> Iterator[FileFault]:
    """Files that look like a part of the folder, but that no import reads."""
    known = {AUTHORITY, SCALES, AUDIT_TYPES, DIRECTORY}
    for file in sorted(place.iterdir(), key=lambda file: file.name):
        if file.name.lower().endswith(".json") and file.name not in known:
            detail = (
                f"Nothing reads this file: beside {TOOLS} there are {', '.join(sorted(known))}."
            )
            yield FileFault(file.name, "", detail)
    if (place / TOOLS).is_dir():
        for file in sorted((place / TOOLS).iterdir(), key=lambda file: file.name):
            if not file.name.startswith(".") and not file.name.endswith(".json"):
                detail = "Nothing reads this file: a tool's name ends in .json."
                yield FileFault(f"{TOOLS}/{file.name}", "", detail)


def _withheld(documents: Mapping[str, Document]) -> Iterator[str]:
    for name, document in documents.items():
        value, out = document.written.value, document.fitted.left_out
        entries = [value] if name.startswith(TOOLS) and document.fitted.value is None else []
        if name == SCALES and isinstance(value, list):
            numbers = {path[0] for path in out if len(path) == 1}
            whole = document.fitted.value is not None
            entries = [one for at, one in enumerate(value) if not whole or at in numbers]
        codes = (entry.get("code") for entry in entries if isinstance(entry, dict))
        yield from (code for code in codes if isinstance(code, str))


def _repeated(folder: Folder) -> Iterator[FileFault]:
    """Entries that are in the folder twice, of which only one could be kept."""

    def told(file: str, path: Path, detail: str) -> Iterator[FileFault]:
        fault = folder.fault(file, path, "", detail)
        yield from (fault,) if fault is not None else ()

    seen: set[str] = set()
    for name, draft in folder.tools:
        if draft.code in seen:
            detail = "Another file defines a tool of this code."
            yield from told(name, ("code",), detail)
        seen.add(draft.code)
    for at, scale in enumerate(folder.scales):
        if scale in folder.scales[:at]:
            yield from told(SCALES, (at,), "This scale is in the file twice.")
    days: set[date] = set()
    for at, holiday in enumerate(folder.decided.bank_holidays if folder.decided else ()):
        if holiday.date in days:
            detail = "This day is in the file twice."
            yield from told(AUTHORITY, ("bank_holidays", at, "date"), detail)
        days.add(holiday.date)
