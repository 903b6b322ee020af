"""Caseloads as they go in and come out (R4.4.4)."""

from typing import Annotated

from pydantic import ConfigDict, Field, WithJsonSchema

from qa_api.values.fields import (
    Code,
    Count,
    Input,
    Instant,
    IsoDate,
    KeptReference,
    Key,
    Output,
    QueryCount,
    QueryFlag,
    Reference,
    Sha256,
    StaffReference,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery

Strata = Annotated[
    dict[Key, Code],
    Field(max_length=10),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": 10,
            "propertyNames": {
                "type": "string",
                "pattern": "^[a-z0-9_]{1,60}$",
                "minLength": 1,
                "maxLength": 60,
            },
            "additionalProperties": {
                "type": "string",
                "pattern": "^[a-z0-9-]{1,40}$",
                "minLength": 1,
                "maxLength": 40,
                "description": "Only small letters, digits and hyphens, 40 at most.",
            },
        }
    ),
]
"""What the authority chooses to tell apart by: a name, and a code of its own."""


class ChildIn(Input):
    """An open case of the day, by the case system's own names."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ref": "C-1001",
                    "team": "lincoln-fast",
                    "worker": "sw1-lincoln-fast",
                    "status": "child-in-need",
                    "open_since": "2026-02-03",
                    "strata": {"age": "5-9", "placement": "home"},
                }
            ]
        }
    )

    ref: KeptReference
    team: StaffReference
    """Our code of the team, or what the case system calls it."""
    worker: StaffReference | None = None
    """Our code of the worker, or what the case system calls them; whom nobody knows is nobody."""
    status: Code
    """How the case stands, by the authority's own codes."""
    open_since: IsoDate | None = None
    """The London day since when the case is open, not after the day of the caseload: who waits
    longest stands first."""
    strata: Strata = Field(default_factory=dict)
    """What else the authority tells children apart by: names, each with a code of its own."""


class CaseloadIn(Input):
    """Everybody whose case is open on the day. Lines of NDJSON or CSV say the same."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "children": [
                        {
                            "ref": "C-1001",
                            "team": "lincoln-fast",
                            "worker": "sw1-lincoln-fast",
                            "status": "child-in-need",
                            "open_since": "2026-02-03",
                            "strata": {"age": "5-9"},
                        },
                        {"ref": "C-1002", "team": "lac-north", "status": "looked-after"},
                    ]
                }
            ]
        }
    )

    children: Annotated[list[ChildIn], Field(max_length=10_000)]
    """Everybody whose case is open on the day; left empty where the body is a file."""


class CaseloadRow(Output):
    """A caseload that was taken whole. Whoever neither sent it nor may see all of it is told no
    number of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "019311c0-5f00-7000-8000-000000000001",
                    "system": "mosaic",
                    "taken_on": "2026-11-23",
                    "children": 1204,
                    "rows_hash": "0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0",
                    "taken_at": "2026-11-24T01:10:00Z",
                    "taken_by": None,
                    "version": 1,
                }
            ]
        }
    )

    id: Uuid
    system: Code
    taken_on: IsoDate
    """The London day whose open cases these are."""
    children: Count | None
    """How many children there are; null for whoever neither sent them nor may see every one."""
    rows_hash: Sha256 | None
    """SHA-256 of the rows' digests, sorted and written one behind the other; null as `children`."""
    taken_at: Instant
    """When it was taken."""
    taken_by: Code | None
    """Who sent it, by worker code; null where a case system did."""
    version: Version
    """The version of the day's caseload; the first is 1."""


class CaseloadChildRow(Output):
    """An open case of a caseload, and when it was last looked at."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "system": "mosaic",
                    "ref": "C-1001",
                    "team": "lincoln-fast",
                    "worker": "sw1-lincoln-fast",
                    "status": "child-in-need",
                    "open_since": "2026-02-03",
                    "known_here": True,
                    "last_audited_on": None,
                    "digest": "0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0",
                }
            ]
        }
    )

    system: Code
    ref: Reference
    team: Code
    worker: Code | None
    status: Code
    """How the case stands, by the authority's own codes."""
    open_since: IsoDate | None
    """The London day since when the case is open; null where the case system did not say."""
    known_here: bool
    """Whether this service knows the child: where not, no event of theirs ever came."""
    last_audited_on: IsoDate | None
    """When an audit was last completed, up to the day of the caseload; null: never."""
    digest: Sha256
    """SHA-256 of the row behind a salt of its own: it stays when the child goes."""


class MissingChildRow(Output):
    """A child whose case is open here and who is not in the caseload."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "019311c0-5f00-7000-8000-000000000001",
                    "system": "mosaic",
                    "ref": "C-1003",
                    "team": "lincoln-fast",
                    "worker": None,
                    "allocated_at": "2026-03-02T09:00:00Z",
                }
            ]
        }
    )

    id: Uuid
    system: Code
    ref: Reference
    team: Code | None
    worker: Code | None
    allocated_at: Instant | None


class CaseloadOf(Input):
    """Whose caseload of the day is meant."""

    system: Code | None = None
    """The case system whose caseload it is; it may be left out where there is only one."""


class CaseloadSent(CaseloadOf):
    """Whose caseload is sent, and how many children are to be in it."""

    count: QueryCount | None = None
    """How many children are to be in it: with more or fewer it is refused, for it was cut."""


class CaseloadQuery(PageQuery):
    """The filters of the list of caseloads."""

    system: Code | None = None
    """Only of this case system."""
    taken_on: IsoDate | None = None
    """Only of this London day."""


class CaseloadChildQuery(PageQuery):
    """The filters of the list of a caseload's children."""

    system: Code | None = None
    """Only of this case system."""
    team: Code | None = None
    """Only of this team, as the caseload has it."""
    worker: Code | None = None
    """Only of this worker, as the caseload has it."""
    status: Code | None = None
    """Only in this status."""
    never_audited: QueryFlag | None = None
    """`true`: only whom no audit had been completed of by that day; `false`: only the others."""
    known_here: QueryFlag | None = None
    """`false`: only whom this service does not know, since no event of theirs came."""


class ChildrenOfDay(CaseloadChildQuery):
    """The same, of the caseloads of a day."""

    day: IsoDate
    """The day of the caseload."""


class MissingChildQuery(PageQuery):
    """The filters of the list of who is open here and not in the caseload."""

    system: Code | None = None
    """Only of this case system."""
    team: Code | None = None
    """Only of this team, as it holds the case now."""


class MissingOfDay(MissingChildQuery):
    """The same, of the caseloads of a day."""

    day: IsoDate
    """The day of the caseload."""


class VerifiedOut(Output):
    """Whether what is kept of a caseload still says what it said when it was taken."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "019311c0-5f00-7000-8000-000000000001",
                    "children": 1204,
                    "removed": 3,
                    "rows_hash": "0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0b5c6a1de0",
                    "same_count": True,
                    "same_hash": True,
                    "same_rows": True,
                }
            ]
        }
    )

    id: Uuid
    children: Count | None
    """How many rows there are now; null for whoever may not see every one of them."""
    removed: Count | None
    """How many rows are a digest alone, since the child's time has come; null as `children`."""
    rows_hash: Sha256 | None
    """SHA-256 of the rows' digests as they are now; null as `children`."""
    same_count: bool
    """Whether there are as many rows as were taken."""
    same_hash: bool
    """Whether the rows have the hash that was kept."""
    same_rows: bool
    """Whether each row that is there has the digest that was kept of it."""
