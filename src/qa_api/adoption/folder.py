"""An authority as a folder of JSON files: what it must look like, and reading it (X7).

    authority.json    its name, its policy and the bank holidays that it adds
    scales.json       a list of judgement scales, in the order in which they were introduced
    tools/CODE.json   an audit tool each
    audit-types.json  audit types by code
    directory.json    the document that `qa-api import directory` takes

Every file but authority.json may be missing. Nothing is looked up here: what is wrong with the form
of any file is found without a database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from typing import Any, Final, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from qa_api.calendars.schemas import NewBankHoliday, PolicyValue
from qa_api.catalogue.schemas import AuditTypeIn, NewScale, ToolDraft
from qa_api.directory.file import DirectoryFile
from qa_api.directory.importing import faults_of_form
from qa_api.http import strict_json
from qa_api.http.fields import Code, Input, IsoDate, Key, ShortText, Text
from qa_api.problems import Problem

T = TypeVar("T")

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


@dataclass(frozen=True, slots=True)
class FileFault:
    """What is wrong, in which file of the folder, and where in it (RFC 6901)."""

    file: str
    place: str
    detail: str


class FolderRefused(Exception):
    """The folder was not imported; nothing of it was kept."""

    def __init__(self, faults: Sequence[FileFault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Folder:
    """An authority's folder, read and sound in form."""

    authority: AuthorityIn
    scales: Sequence[NewScale]
    tools: Sequence[tuple[str, ToolDraft]]
    """Each with the name of its file."""
    audit_types: dict[str, AuditTypeIn]
    directory: DirectoryFile

    def issued_by(self, issuer: str | None) -> "Folder":
        """The same, with an issuer for the principals that name none; None changes nothing."""
        if issuer is None:
            return self
        return replace(self, directory=self.directory.model_copy(update={"issuer": issuer}))


def read_folder(place: Traversable) -> Folder:
    """The folder's content. Raises `FolderRefused` with every fault of every file."""
    faults: list[FileFault] = []

    def read(name: str, form: type[T], missing: T | None = None) -> T | None:
        try:
            document = _parsed(place, name)
        except FileNotFoundError:
            if missing is None:
                faults.append(FileFault(name, "", "There is no such file in the folder."))
            return missing
        except Problem as refused:
            faults.append(FileFault(name, "", refused.detail))
            return None
        try:
            return TypeAdapter(form).validate_python(document)
        except ValidationError as wrong:
            found = faults_of_form(wrong)
            faults.extend(FileFault(name, fault.place, fault.detail) for fault in found)
            return None

    authority = read(AUTHORITY, AuthorityIn)
    scales = read(SCALES, list[NewScale], [])
    tools = [(name, read(name, ToolDraft)) for name in _names_of_tools(place)]
    audit_types = read(AUDIT_TYPES, dict[Code, AuditTypeIn], {})
    directory = read(DIRECTORY, DirectoryFile, DirectoryFile())
    faults.extend(_repeated(tools))
    if faults or authority is None or scales is None or audit_types is None or directory is None:
        raise FolderRefused(faults)
    drafts = [(name, draft) for name, draft in tools if draft is not None]
    return Folder(authority, scales, drafts, audit_types, directory)


def _parsed(place: Traversable, name: str) -> Any:
    file = place
    for part in name.split("/"):
        file = file / part
    return strict_json.parse(file.read_bytes())


def _names_of_tools(place: Traversable) -> Iterator[str]:
    tools = place / TOOLS
    if tools.is_dir():
        names = sorted(file.name for file in tools.iterdir())
        yield from (f"{TOOLS}/{name}" for name in names if name.endswith(".json"))


def _repeated(tools: Sequence[tuple[str, ToolDraft | None]]) -> Iterator[FileFault]:
    seen: set[str] = set()
    for name, draft in tools:
        if draft is not None:
            if draft.code in seen:
                yield FileFault(name, "/code", "Another file has the tool of this code.")
            seen.add(draft.code)
