"""What goes into and comes out of the subject routes."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from qa_api.values.fields import (
    AboutSubject,
    Code,
    Few,
    Input,
    Instant,
    IsoDate,
    Output,
    QueryFlag,
    Reference,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery

SubjectKind = Literal["child", "carer_household"]

ReportedCode = Annotated[str, Field(max_length=200)]
"""A code as a case system reported it, before the directory knows it."""


class SubjectIn(Input):
    """A child or a carer household. A team or worker not known yet is kept until it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "child",
                    "team": "lincoln-fast",
                    "worker": "sw1-lincoln-fast",
                    "born_on": "2015-09-12",
                },
                {"kind": "child", "born_on": "2015-09-12", "died_on": "2026-10-02"},
            ]
        }
    )

    kind: SubjectKind
    team: Code | None = None
    worker: Code | None = None
    born_on: IsoDate | None = None
    died_on: IsoDate | None = None


class SubjectOut(Output):
    """The subject of a record."""

    id: Uuid
    kind: SubjectKind
    system: Code
    ref: Reference


class SubjectName(Output):
    """A reference by which a case system names the subject."""

    system: Code
    ref: Reference


class SubjectRecord(Output):
    """A subject: how it is named and who holds the case now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0197a3f5-7b21-7d10-9f3c-1c2d3e4f5a6b",
                    "kind": "child",
                    "system": "mosaic",
                    "ref": "C-1001",
                    "names": [{"system": "mosaic", "ref": "C-1001"}],
                    "team": "lincoln-fast",
                    "worker": "sw1-lincoln-fast",
                    "reported_team": None,
                    "reported_worker": None,
                    "allocated_at": "2026-11-02T09:00:00.000000Z",
                    "restricted": False,
                    "restriction_kind": None,
                    "born_on": "2015-09-12",
                    "died_on": None,
                    "first_panel_on": None,
                    "version": 1,
                }
            ]
        }
    )

    id: Uuid
    kind: SubjectKind
    system: Code
    ref: Reference
    names: Few[SubjectName]
    """Every reference of a case system that means this subject."""
    team: Code | None
    worker: Code | None
    reported_team: ReportedCode | None
    """What the case system calls its team, if nobody has claimed that name yet."""
    reported_worker: ReportedCode | None
    """What it calls the worker, if nobody has claimed that name yet; until then the team has the
    case."""
    allocated_at: Instant | None
    restricted: bool
    restriction_kind: Annotated[str, Field(max_length=40)] | None
    born_on: IsoDate | None
    died_on: IsoDate | None
    first_panel_on: IsoDate | None
    """The day of a carer household's first panel, in London; set through its own route, which also
    shows what it was before."""
    version: Version


class PanelDateIn(Input):
    """When a carer household was first presented at Panel, and when its approval ended."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"first_panel_on": "2024-05-10"},
                {
                    "first_panel_on": "2024-05-12",
                    "reason": "The minutes say the 12th.",
                },
                {
                    "first_panel_on": "2024-05-12",
                    "approval_ended_on": "2026-11-30",
                    "reason": "They have retired.",
                },
            ]
        }
    )

    first_panel_on: IsoDate
    approval_ended_on: IsoDate | None = None
    """The last day of the approval: no audit falls due after it."""
    reason: Text | None = None
    """Why it is changed, in words: asked of whoever changes what was set before."""


class PanelDateChangeOut(Output):
    """What was set before a change, and who changed it when and why."""

    first_panel_on: IsoDate
    approval_ended_on: IsoDate | None
    reason: Text
    replaced_at: Instant
    replaced_by: Code | None


class PanelDateOut(Output):
    """From when a carer household's audits fall due, until when, and every earlier value."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject_id": "0197a3f5-7b21-7d10-9f3c-1c2d3e4f5a6c",
                    "system": "mosaic",
                    "ref": "H-2001",
                    "first_panel_on": "2024-05-12",
                    "approval_ended_on": None,
                    "changes": [
                        {
                            "first_panel_on": "2024-05-10",
                            "approval_ended_on": None,
                            "reason": "The minutes say the 12th.",
                            "replaced_at": "2026-11-23T09:30:00.000000Z",
                            "replaced_by": "tm-fostering-north",
                        }
                    ],
                    "version": 3,
                }
            ]
        }
    )

    subject_id: Uuid
    system: Code
    ref: Reference
    first_panel_on: IsoDate
    approval_ended_on: IsoDate | None
    panel_date_changes: Few[PanelDateChangeOut] = Field(alias="changes")
    """What was said before, oldest first."""
    version: Version


class RestrictionGrantIn(Input):
    """Access to a restricted record for somebody else, until an instant."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "principal_id": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90",
                    "reason": "Auditor of the adoption team's sample",
                    "expires_at": "2026-12-31T17:00:00Z",
                }
            ]
        }
    )

    principal_id: Uuid
    reason: Text
    expires_at: Instant


class WaitingWorkGrantIn(Input):
    """Access for somebody else to the restricted record on which something waits.

    `about` is the id in the work list (`grant_access`). Name either the worker or the principal.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "about": "0199d1f0-7c1b-7000-8000-000000000011",
                    "worker": "tm-lincoln-fast",
                    "reason": "Manages the team that holds the case",
                    "expires_at": "2026-12-31T17:00:00Z",
                },
                {
                    "about": "0199d1f0-7c1b-7000-8000-000000000011",
                    "principal_id": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90",
                    "reason": "Acts for the manager this week",
                    "expires_at": "2026-12-04T17:00:00Z",
                },
            ]
        }
    )

    about: Uuid
    worker: Code | None = None
    principal_id: Uuid | None = None
    reason: Text
    expires_at: Instant


class RestrictionGrantOut(Output):
    """Who was given access to a restricted record, by whom, why and until when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0197a3f7-2c44-7a90-8b11-aa22bb33cc44",
                    "subject_id": "0197a3f5-7b21-7d10-9f3c-1c2d3e4f5a6b",
                    "principal_id": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90",
                    "reason": "Auditor of the adoption team's sample",
                    "granted_by": "0197a3f0-6e2d-7f5c-8a71-4b3a7d2e9fa1",
                    "granted_at": "2026-11-23T09:00:00.000000Z",
                    "expires_at": "2026-12-31T17:00:00.000000Z",
                }
            ]
        }
    )

    id: Uuid
    subject_id: Uuid
    principal_id: Uuid
    reason: Text
    granted_by: Uuid
    granted_at: Instant
    expires_at: Instant


class RestrictionGrantQuery(PageQuery):
    """The filters of the list of grants; `current`: not expired."""

    subject: AboutSubject | None = None
    """Only about this subject: our id, or `system/ref`, like `mosaic/C-88121`."""
    principal: Uuid | None = None
    """Only to this principal."""
    current: QueryFlag | None = None
    """`true`: only what has not expired; `false`: only what has."""
