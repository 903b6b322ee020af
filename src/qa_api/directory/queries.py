"""Reading the directory: who may read it is the routes' permission; it holds codes, no names."""

from typing import Any

from sqlalchemy import ColumnElement, Uuid, case, func, literal, or_, select, true

from qa_api.auth.actor import Me
from qa_api.auth.reach import led_now
from qa_api.auth.roles import Permission, Role, roles_with
from qa_api.directory.group_role_schemas import GroupRoleOut, IdentityGroupOut
from qa_api.directory.reference_schemas import CaseSystemReferenceOut
from qa_api.directory.references import Kind
from qa_api.directory.rights_schemas import PrincipalOut, RoleAssignmentOut
from qa_api.directory.schemas import AuditorGroupOut, CaseSystemOut, ServiceOut, TeamOut, WorkerOut
from qa_api.directory.service import in_service
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.aliases import aliased
from qa_api.models.base import Base
from qa_api.models.directory import (
    Absence,
    AuditorGroup,
    AuditorGroupMembership,
    CaseSystemReference,
    Post,
    Service,
    Supervision,
    Team,
    TeamMembership,
    TeamService,
    Worker,
)
from qa_api.models.inner import there_is, value_of, values_of
from qa_api.models.provisioning import GroupRole, ScimGroup, ScimMember
from qa_api.models.subjects import CaseSystem
from qa_api.reads.documents import Document
from qa_api.reads.filters import equals, flag, holds_today, is_set
from qa_api.reads.listings import Filter, Listing
from qa_api.reads.shapes import Expression, Shape


def visible_to(_row: Any, _me: Me) -> ColumnElement[bool]:
    """Whoever holds the routes' permission sees all of it."""
    return true()


def dated(
    table: type[Base], own: str, shown: str, name: str | None = None, **where: str
) -> Expression:
    """The relations of an entry, oldest first: whom `shown` names, from when, until when.

    `own` is the column that holds the entry's code, `where` tells apart relations of one table.
    """

    def relations(row: Any, _: Me) -> ColumnElement[Any]:
        relation = aliased(table)
        other = getattr(relation, shown)
        since = func.lower(relation.valid)
        fields = func.json_build_object(
            *(literal(name or shown), other),
            *(literal("from"), since, literal("to"), func.upper(relation.valid)),
        )
        of_entry = (
            getattr(relation, own) == row.code,
            *(getattr(relation, column) == value for column, value in where.items()),
        )
        return values_of(relation, fields, *of_entry, order=(since, other))

    return relations


def _absences(row: Any, me: Me) -> ColumnElement[Any]:
    """When a worker was away for long; why only for whom it concerns, since it is of their health.

    Those are the worker, who leads their team, Quality & Standards and who writes the directory.
    """
    absence = aliased(Absence)
    concerned = or_(
        me.holds(Role.QUALITY_STANDARDS, *roles_with(Permission.DIRECTORY_WRITE)),
        row.code == me.worker,
        led_now(row.code, me),
    )
    since = func.lower(absence.valid)
    fields = func.json_build_object(
        *(literal("reason_code"), case((concerned, absence.reason_code))),
        *(literal("from"), since, literal("to"), func.upper(absence.valid)),
    )
    order = (since, absence.reason_code)
    return values_of(absence, fields, absence.worker == row.code, order=order)


def called(kind: Kind) -> Expression:
    """What case systems call an entry, by system and first day."""

    def references(row: Any, _: Me) -> ColumnElement[Any]:
        reference = aliased(CaseSystemReference)
        fields = func.json_build_object(
            *(literal("system"), reference.system, literal("reference"), reference.reference),
            *(literal("from"), func.lower(reference.valid)),
            *(literal("to"), func.upper(reference.valid)),
        )
        order = (reference.system, func.lower(reference.valid).nulls_first(), reference.folded)
        return values_of(reference, fields, getattr(reference, kind) == row.code, order=order)

    return references


def _related(table: type[Base], own: str, other: str) -> Filter:
    """The rows that stand in a relation to a given code today."""

    def keeps(row: Any, value: Any, me: Me) -> ColumnElement[bool]:
        relation = aliased(table)
        return there_is(
            relation,
            getattr(relation, own) == row.code,
            getattr(relation, other) == value,
            relation.valid.contains(me.today),
        )

    return Filter(keeps)


def _by_code(row: Any, _: Me) -> ColumnElement[Any]:
    code: ColumnElement[Any] = row.code
    return code


def _entry(shape: Shape) -> Document:
    return Document(shape, visible=visible_to, key=("code",))


def _entries(name: str, shape: Shape, **filters: Filter) -> Listing:
    """A list by code."""
    return Listing(name, shape, visible_to, filters, order=(_by_code,), descending=False)


_SERVICE = Shape(ServiceOut, Service, {"heads": dated(Post, "service", "worker", kind="head")})
SERVICE = _entry(_SERVICE)
SERVICES = _entries("services", _SERVICE)

_TEAM = Shape(
    TeamOut,
    Team,
    {
        "services": dated(TeamService, "team", "service"),
        "managers": dated(Post, "team", "worker", kind="manager"),
        "deputies": dated(Post, "team", "worker", kind="deputy"),
        "references": called("team"),
    },
)
TEAM = _entry(_TEAM)
TEAMS = _entries("teams", _TEAM, service=_related(TeamService, "team", "service"))

_WORKER = Shape(
    WorkerOut,
    Worker,
    {
        "teams": dated(TeamMembership, "worker", "team"),
        "supervisors": dated(Supervision, "worker", "supervisor", "worker"),
        "absences": _absences,
        "references": called("worker"),
    },
)
WORKER = _entry(_WORKER)
WORKERS = _entries(
    "workers",
    _WORKER,
    team=_related(TeamMembership, "worker", "team"),
    supervisor=_related(Supervision, "worker", "supervisor"),
    in_service=flag(lambda row, me: in_service(row, me.today)),
)

_GROUP = Shape(
    AuditorGroupOut, AuditorGroup, {"teams": dated(AuditorGroupMembership, "group", "team")}
)
AUDITOR_GROUP = _entry(_GROUP)
AUDITOR_GROUPS = _entries("auditor-groups", _GROUP)

_CASE_SYSTEM = Shape(CaseSystemOut, CaseSystem)
CASE_SYSTEM = _entry(_CASE_SYSTEM)
CASE_SYSTEMS = _entries("case-systems", _CASE_SYSTEM)

_REFERENCE = Shape(
    CaseSystemReferenceOut,
    CaseSystemReference,
    {
        "from_": lambda row, _: func.lower(row.valid),
        "to": lambda row, _: func.upper(row.valid),
    },
)
CASE_SYSTEM_REFERENCE = Document(_REFERENCE, visible=visible_to)
CASE_SYSTEM_REFERENCES = Listing(
    "case-system-references",
    _REFERENCE,
    visible_to,
    {
        "system": equals("system"),
        "kind": equals("kind"),
        "worker": equals("worker"),
        "team": equals("team"),
        "claimed": Filter(
            lambda row, *_: or_(row.worker.is_not(None), row.team.is_not(None)), None
        ),
    },
)
"""Newest first."""

_PRINCIPAL = Shape(PrincipalOut, Principal)
PRINCIPAL = Document(_PRINCIPAL, visible=visible_to)
PRINCIPALS = Listing(
    "principals",
    _PRINCIPAL,
    visible_to,
    {
        "worker": equals("worker"),
        "system": equals("system"),
    },
)
"""Newest first."""


def _of_worker(row: Any, value: Any, _: Me) -> ColumnElement[bool]:
    principal = aliased(Principal)
    return there_is(principal, principal.id == row.principal_id, principal.worker == value)


_ASSIGNMENT = Shape(
    RoleAssignmentOut,
    RoleAssignment,
    {
        "from_": lambda row, _: func.lower(row.valid),
        "to": lambda row, _: func.upper(row.valid),
    },
)
ROLE_ASSIGNMENT = Document(_ASSIGNMENT, visible=visible_to)
ROLE_ASSIGNMENTS = Listing(
    "role-assignments",
    _ASSIGNMENT,
    visible_to,
    {
        "principal": equals("principal_id", Uuid()),
        "worker": Filter(_of_worker),
        "role": equals("role"),
        "service": equals("service"),
        "team": equals("team"),
        "current": holds_today(),
    },
)
"""Newest first."""


def _members(row: Any, _: Me) -> ColumnElement[Any]:
    member = aliased(ScimMember)
    counted = select(func.count()).select_from(member).where(member.group_id == row.id)
    return value_of(member, counted)


_IDENTITY_GROUP = Shape(IdentityGroupOut, ScimGroup, {"members": _members})
IDENTITY_GROUP = Document(_IDENTITY_GROUP, visible=visible_to)
IDENTITY_GROUPS = Listing("identity-groups", _IDENTITY_GROUP, visible_to, {})
"""Newest first."""

_GROUP_ROLE = Shape(GroupRoleOut, GroupRole)
GROUP_ROLE = Document(_GROUP_ROLE, visible=visible_to)
GROUP_ROLES = Listing(
    "group-roles",
    _GROUP_ROLE,
    visible_to,
    {
        "group": equals("group_id", Uuid()),
        "role": equals("role"),
        "ended": is_set("ended_at"),
    },
)
"""Newest first."""
