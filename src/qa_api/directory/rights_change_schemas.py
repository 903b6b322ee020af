"""What goes into and comes out of the routes by which two people change somebody's rights (X3)."""

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, JsonValue

from qa_api.auth.roles import Role
from qa_api.calendars.policy_schemas import ConfirmedPolicy, PolicyChange
from qa_api.directory.rights_schemas import IssuerName, RoleIn, SubjectName
from qa_api.rules.policy_values import RightsConfirmer
from qa_api.rules.states import RightsChangeState
from qa_api.values.fields import (
    Choice,
    Code,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    Many,
    Output,
    Text,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery

What = Literal[
    "principal",
    "role_assignment",
    "policy",
    "service",
    "team",
    "worker",
    "auditor_group",
    "case_system",
    "webhook_endpoint",
    "webhook_delivery",
    "working_calendar",
    "audit_type",
    "audit_tool",
    "group_role",
]

_ROLE: Final[dict[str, JsonValue]] = {
    "principal_id": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90",
    "role": "team_manager",
    "service": None,
    "team": "boston-fast",
    "from": "2026-09-01",
    "to": None,
}
_GROUP: Final = "0197a3f4-0c1d-7a55-8f02-9b1d2e3f4a51"
_WHY: Final = "She manages the team from September."


class PrincipalChange(Input):
    """Who is let in by the token: a worker, a case system, or another client.

    `id` is that of a principal that is there, which is let in again where it was disabled; left
    out, a new one is made. One that has acted keeps its worker.
    """

    id: Uuid | None = None
    issuer: IssuerName
    subject: SubjectName
    worker: Code | None = None
    system: Code | None = None


class RoleChange(RoleIn):
    """A role that a principal shall hold; `id` as for a principal."""

    id: Uuid | None = None
    principal_id: Uuid


class GroupRoleChange(Input):
    """A role that everybody in a group of the identity provider shall be given, over what.

    `administrator`, `case_system` and `identity_provider` are given by no group.
    """

    group_id: Uuid
    role: Choice[Role]
    service: Code | None = None
    team: Code | None = None


class RightsChangeIn(Input):
    """One change: of a principal, a role assignment, the policy or a group's role, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "role_assignment": {
                        "principal_id": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90",
                        "role": "team_manager",
                        "team": "boston-fast",
                        "from": "2026-09-01",
                    },
                    "reason": _WHY,
                },
                {
                    "principal": {
                        "issuer": "https://login.example.gov.uk",
                        "subject": "3f0c1a52",
                        "worker": "sw1-boston-fast",
                    },
                    "reason": "He joined the team.",
                },
                {
                    "principal": {
                        "id": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e91",
                        "issuer": "https://login.example.gov.uk",
                        "subject": "mosaic-client",
                        "system": "mosaic",
                    },
                    "reason": "The case system has a new account.",
                },
                {
                    "role_assignment": {
                        "id": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e92",
                        "principal_id": "0197a3f0-5d1c-7e4b-9b60-3a2f6c1d8e90",
                        "role": "head_of_service",
                        "service": "fast",
                        "from": "2026-09-01",
                        "to": "2027-04-01",
                    },
                    "reason": "She heads the service until the post is filled.",
                },
                {
                    "policy": {
                        "effective_from": "2027-01-04",
                        "changes": [{"key": "restriction_grant_days", "value": 21}],
                    },
                    "reason": "Decided by the Quality Assurance Board in November 2026.",
                },
                {
                    "group_role": {"group_id": _GROUP, "role": "auditor"},
                    "reason": "The group has the auditors whom the Board appointed.",
                },
                {
                    "group_role": {
                        "group_id": _GROUP,
                        "role": "head_of_service",
                        "service": "fast",
                    },
                    "reason": "The group has whoever heads the service.",
                },
                {
                    "group_role": {
                        "group_id": _GROUP,
                        "role": "team_manager",
                        "team": "boston-fast",
                    },
                    "reason": "The group has the managers of the team.",
                },
            ]
        }
    )

    principal: PrincipalChange | None = None
    role_assignment: RoleChange | None = None
    policy: ConfirmedPolicy | None = None
    group_role: GroupRoleChange | None = None
    reason: Text


class RightsRefusal(Input):
    """Why a proposed change is refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "She has not started."}]})

    reason: Text


class PrincipalRight(Output):
    """Who is let in by the token, before or after the change."""

    issuer: IssuerName
    subject: SubjectName
    worker: Code | None
    system: Code | None
    disabled: bool


class RoleRight(Output):
    """A role, as it was or is to be."""

    principal_id: Uuid
    role: Role
    service: Code | None
    team: Code | None
    from_: IsoDate = Field(alias="from")
    to: IsoDate | None


class GroupRoleRight(Output):
    """A role that everybody in a group is given, before or after the change."""

    group_id: Uuid
    role: Role
    service: Code | None
    team: Code | None
    ended: bool


class PolicyRight(Output):
    """What a version of the policy says, as far as it is changed, and from when."""

    effective_from: IsoDate
    changes: Annotated[list[PolicyChange], Field(max_length=100)]


class RelatedOut(Output):
    """One thing that decides whom somebody reaches, or who is told, and on which days.

    Of a directory entry a relation: `service`, `team`, `manager`, `deputy`, `head`, `supervisor`,
    `absence`, `in_service`, `observations_required`, `reference`, `source`. Of a webhook endpoint
    its `url`, `system`, each `event_type`, its `state` or `secret`; of a delivery the `message`
    that is not sent. Of the working calendar a `bank_holiday`, and what is `known`. Of an audit
    type or tool what decides who is asked: `cadence`, `may_audit`, `may_start`, `escalates` and so
    on. Of a principal the `external_id` by which the identity provider finds whose it is.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"relation": "service", "value": "fast", "from": "2026-09-01", "to": None}]
        }
    )

    relation: Key
    value: Annotated[str, Field(max_length=1_000)]
    from_: IsoDate | None = Field(alias="from")
    to: IsoDate | None


class Reach(Output):
    """What is different about one thing: `was` has what is gone, `becomes` what is new."""

    code: Annotated[str, Field(max_length=60)]
    """Its code, or its id if it has no code."""
    relations: Annotated[list[RelatedOut], Field(max_length=1_000)]


class Right(Output):
    """A principal, a role assignment, what a group gives, the policy, or what else changes whom
    somebody reaches.

    Only that which is changed is not null.
    """

    principal: PrincipalRight | None
    role_assignment: RoleRight | None
    policy: PolicyRight | None
    reach: Reach | None
    group_role: GroupRoleRight | None


class RightsChangeOut(Output):
    """A change of somebody's rights, who proposed it, and who confirmed or refused it.

    `ended` only took a right away. `done` was done at once by whoever is named as its proposer: it
    changed whom somebody reaches or who is told of what; or the identity provider told of somebody
    new, who is let in without a role; or a group gave a role that two people had mapped it to.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0199d1f0-7c1b-7000-8000-0000000000d1",
                    "what": "role_assignment",
                    "target_id": "0197a3f2-11aa-7c3d-8e21-5b6f7a8c9d01",
                    "state": "proposed",
                    "was": None,
                    "becomes": {
                        "principal": None,
                        "role_assignment": _ROLE,
                        "policy": None,
                        "reach": None,
                        "group_role": None,
                    },
                    "workers": ["tm-boston-fast"],
                    "reason": _WHY,
                    "confirmer": "either",
                    "policy_version": 1,
                    "proposed_by": "admin-1",
                    "proposed_at": "2026-08-24T09:30:00.000000Z",
                    "decided_by": None,
                    "decided_at": None,
                    "refusal": None,
                    "version": 1,
                    "allowed_actions": ["confirm", "refuse"],
                }
            ]
        }
    )

    id: Uuid
    what: What
    target_id: Uuid
    """The principal, role assignment or group role; a new one gets this id when it is confirmed.
    For other changes, the id under which the event log records them."""
    state: RightsChangeState
    was: Right | None
    becomes: Right
    workers: Many[Code]
    """Whose rights or reach it changes. None of them takes part in it."""
    reason: Text
    confirmer: RightsConfirmer
    policy_version: Version
    proposed_by: Code | None
    proposed_at: Instant
    decided_by: Code | None
    decided_at: Instant | None
    refusal: Text | None
    version: Version
    allowed_actions: Few[Annotated[str, Field(max_length=60)]]


class RightsChangeQuery(PageQuery):
    """The filters of the list of changes of rights."""

    state: Choice[RightsChangeState] | None = None
    """Only in this state."""
    worker: Code | None = None
    """Only what changes the rights of this worker, by code."""
    principal: Uuid | None = None
    """Only of this principal."""
