"""What goes into and comes out of the routes that say who is let in, and with which roles."""

from typing import Annotated

from pydantic import ConfigDict, Field

from qa_api.auth.roles import Role
from qa_api.directory.dated_schemas import DatedOut
from qa_api.values.fields import (
    Choice,
    Code,
    Input,
    Instant,
    IsoDate,
    Output,
    QueryFlag,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery
from qa_api.values.text import Formed

IssuerName = Annotated[
    str,
    Formed(
        r"^[!-~]{1,300}$",
        "Has letters, digits and signs of the keyboard without spaces, 300 at most, exactly as"
        " the tokens' `iss`.",
        most=300,
    ),
]
"""The issuer (`iss`) of somebody's tokens."""

Scope = Annotated[
    str,
    Formed(
        r"^(authority|service|team)$",
        "`authority`, `service` or `team`.",
        most=9,
    ),
]

SubjectName = Annotated[
    str,
    Formed(
        r"^[!-~]{1,200}$",
        "Has letters, digits and signs of the keyboard without spaces, 200 at most, exactly as"
        " the tokens' `sub`.",
        most=200,
    ),
]
"""Whom a token names (`sub`)."""


class PrincipalOut(Output):
    """A principal as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90",
                    "issuer": "https://login.example.gov.uk",
                    "subject": "3f0c1a52",
                    "worker": "sw1-boston-fast",
                    "system": None,
                    "disabled_at": None,
                    "version": 1,
                }
            ]
        }
    )

    id: Uuid
    issuer: IssuerName
    subject: SubjectName
    worker: Code | None
    system: Code | None
    disabled_at: Instant | None
    version: Version


class PrincipalQuery(PageQuery):
    """The filters of the list of principals."""

    worker: Code | None = None
    """Only of this worker, by code."""
    system: Code | None = None
    """Only of this case system, by the code it is registered with."""


class RoleIn(Input):
    """A role over a service, a team, or neither, which is the authority, and when."""

    role: Choice[Role]
    service: Code | None = None
    team: Code | None = None
    from_: IsoDate = Field(alias="from")
    to: IsoDate | None = None


class RoleEnd(Input):
    """The first day on which a role is held no more, from today on; left out, today.

    A role is held for a day at least: one that begins today holds until tonight.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "2026-12-01"}]})

    to: IsoDate | None = None


class RoleAssignmentOut(DatedOut):
    """A role of a principal, over what and when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "from": "2026-04-01",
                    "to": None,
                    "id": "0197a3f2-11aa-7c3d-8e21-5b6f7a8c9d01",
                    "principal_id": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90",
                    "role": "team_manager",
                    "scope": "team",
                    "service": None,
                    "team": "boston-fast",
                    "group_role_id": None,
                    "version": 1,
                }
            ]
        }
    )

    id: Uuid
    principal_id: Uuid
    role: Role
    scope: Scope
    service: Code | None
    team: Code | None
    group_role_id: Uuid | None
    """By which group role they hold it; null where it was given to them alone."""
    version: Version


class RoleAssignmentQuery(PageQuery):
    """The filters of the list of role assignments; `current`: holds today."""

    principal: Uuid | None = None
    """Only of this principal."""
    worker: Code | None = None
    """Only of this worker, by code."""
    role: Choice[Role] | None = None
    """Only of this role."""
    service: Code | None = None
    """Only roles held for this service, by code."""
    team: Code | None = None
    """Only roles held for this team, by code."""
    current: QueryFlag | None = None
    """`true`: only what holds today; `false`: only what does not."""
