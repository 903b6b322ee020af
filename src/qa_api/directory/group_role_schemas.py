"""What goes into and comes out of the routes about groups and the roles that they give (X3)."""

from pydantic import ConfigDict

from qa_api.auth.roles import Role
from qa_api.directory.rights_schemas import IssuerName, Scope
from qa_api.values.fields import (
    Choice,
    Code,
    Count,
    Instant,
    Output,
    QueryFlag,
    ShortText,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery


class IdentityGroupOut(Output):
    """A group that the identity provider has told of; it gives nothing but by a group role."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0197a3f4-0c1d-7a55-8f02-9b1d2e3f4a51",
                    "display_name": "QA auditors",
                    "issuer": "https://login.example.gov.uk",
                    "members": 12,
                    "deleted_at": None,
                    "version": 3,
                }
            ]
        }
    )

    id: Uuid
    display_name: ShortText
    """As the provider calls it."""
    issuer: IssuerName
    members: Count
    """How many people belong to it."""
    deleted_at: Instant | None
    """When the provider removed it."""
    version: Version


class GroupRoleOut(Output):
    """A role that everybody in a group is given, until one person ends it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0197a3f5-2b3c-7d11-9c44-1a2b3c4d5e61",
                    "group_id": "0197a3f4-0c1d-7a55-8f02-9b1d2e3f4a51",
                    "role": "auditor",
                    "scope": "authority",
                    "service": None,
                    "team": None,
                    "ended_at": None,
                    "version": 1,
                }
            ]
        }
    )

    id: Uuid
    group_id: Uuid
    role: Role
    scope: Scope
    service: Code | None
    team: Code | None
    ended_at: Instant | None
    version: Version


class GroupRoleQuery(PageQuery):
    """The filters of the list of roles that groups give."""

    group: Uuid | None = None
    """Only of this group."""
    role: Choice[Role] | None = None
    """Only of this role."""
    ended: QueryFlag | None = None
    """`true`: only what has ended; `false`: only what is in force."""
