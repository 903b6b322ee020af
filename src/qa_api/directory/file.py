"""The form of an authority's directory in one file (X7)."""

from typing import TypeVar

from pydantic import ConfigDict, Field

from qa_api.directory.rights_schemas import IssuerName, RoleIn, SubjectName
from qa_api.directory.schemas import AuditorGroupIn, CaseSystemIn, ServiceIn, TeamIn, WorkerIn
from qa_api.values.fields import Code, Input, ShortText

T = TypeVar("T")
Entries = dict[Code, T]


class PersonIn(Input):
    """Somebody who is let in by a token, with their roles; an issuer here wins over the file's."""

    issuer: IssuerName | None = None
    subject: SubjectName
    worker: Code | None = None
    system: Code | None = None
    disabled: bool = False
    roles: list[RoleIn] = Field(default_factory=list)


class NamedWorkerIn(WorkerIn):
    """A worker as the file has them: with what they are called on printed pages."""

    display_name: ShortText | None = None
    """Shown beside the code on printed pages, and nowhere else; without it they show the code."""


class DirectoryFile(Input):
    """The file: each section by code, relations inside the entry they belong to."""

    model_config = ConfigDict(title="An authority's directory")

    issuer: IssuerName | None = None
    """Who issues the tokens of the principals that name no issuer of their own."""
    case_systems: Entries[CaseSystemIn] = Field(default_factory=dict)
    services: Entries[ServiceIn] = Field(default_factory=dict)
    teams: Entries[TeamIn] = Field(default_factory=dict)
    workers: Entries[NamedWorkerIn] = Field(default_factory=dict)
    auditor_groups: Entries[AuditorGroupIn] = Field(default_factory=dict)
    principals: list[PersonIn] = Field(default_factory=list)

    def issuer_of(self, person: PersonIn) -> str:
        """The issuer of somebody's tokens; a sound file names one."""
        return person.issuer or self.issuer or ""
