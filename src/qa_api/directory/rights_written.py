"""Rights as changes of rights keep them: what was, and what becomes of it (X3)."""

from typing import Any

from qa_api.auth.roles import Role
from qa_api.directory.rights_change_schemas import GroupRoleRight, PrincipalRight, Right, RoleRight
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.provisioning import GroupRole
from qa_api.reads.kept import with_nulls


def right_of(row: Principal | RoleAssignment | GroupRole) -> Right:
    """A right as it stands."""
    if isinstance(row, Principal):
        named = PrincipalRight(
            issuer=row.issuer,
            subject=row.subject,
            worker=row.worker,
            system=row.system,
            disabled=row.disabled_at is not None,
        )
        return right_with(principal=named)
    if isinstance(row, GroupRole):
        given = GroupRoleRight(
            group_id=row.group_id,
            role=Role(row.role),
            service=row.service,
            team=row.team,
            ended=row.ended_at is not None,
        )
        return right_with(group_role=given)
    held = {
        "principal_id": row.principal_id,
        "role": Role(row.role),
        "service": row.service,
        "team": row.team,
        "from": row.valid.lower,
        "to": row.valid.upper,
    }
    return right_with(role_assignment=RoleRight.model_validate(held))


def right_with(**right: PrincipalRight | RoleRight | GroupRoleRight) -> Right:
    """A right of one kind; the other kinds are null."""
    return Right.model_validate(with_nulls(right, Right))


def as_json(right: Right) -> dict[str, Any]:
    """As it is kept and shown."""
    return right.model_dump(mode="json", by_alias=True)
