"""Which role a group of the identity provider gives: proposed by one, confirmed by another (X3).

It is ended by one. Nobody who belongs to the group takes part in either.
"""

from uuid import UUID

import orjson
from sqlalchemy import select

from qa_api import problems
from qa_api.auth.roles import NEVER_BY_GROUP
from qa_api.changed_rights import keep, record_and_alert
from qa_api.directory import group_grants
from qa_api.directory.consistency import faults_of_role
from qa_api.directory.entries import refuse
from qa_api.directory.rights_change_schemas import GroupRoleChange, GroupRoleRight, RoleRight
from qa_api.directory.rights_checks import CLAUSE, known_to
from qa_api.directory.rights_written import as_json, right_of, right_with
from qa_api.events import ConfigurationChanged
from qa_api.models.access import Principal, RightsChange
from qa_api.models.base import new_id
from qa_api.models.provisioning import GroupRole, ScimGroup, ScimMember, ScimUser
from qa_api.problems import InputError
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

WHAT = "group_role"


async def propose(work: Work, change_id: UUID, asked: GroupRoleChange, reason: str) -> RightsChange:
    """Keep which role a group shall give."""
    becomes = GroupRoleRight.model_validate({**asked.model_dump(), "ended": False})
    workers = await _check(work, becomes)
    return await keep(
        work,
        change_id,
        WHAT,
        new_id(),
        None,
        as_json(right_with(group_role=becomes)),
        based_on=None,
        workers=workers,
        reason=reason,
    )


async def check(work: Work, change: RightsChange) -> GroupRoleRight:
    """Refuse what cannot be confirmed as things stand now."""
    becomes = GroupRoleRight.model_validate_json(_json(change))
    await _check(work, becomes)
    return becomes


async def apply(work: Work, change: RightsChange, becomes: GroupRoleRight) -> None:
    """Make the mapping; whoever belongs to the group has the role from now on."""
    work.session.add(
        GroupRole(
            id=change.target_id,
            group_id=becomes.group_id,
            role=becomes.role.value,
            scope=_scope_of(becomes),
            service=becomes.service,
            team=becomes.team,
        )
    )
    await work.record(
        ConfigurationChanged(about=change.target_id, what=WHAT, code=becomes.role.value)
    )
    await group_grants.take_turn(work)
    await group_grants.settle(work)


async def end(work: Work, mapping_id: UUID, expected: Precondition) -> None:
    """End what a group gives. Everybody who held the role by it holds it no more."""
    await group_grants.take_turn(work)
    row = await work.find(select(GroupRole).where(GroupRole.id == mapping_id).with_for_update())
    expected.check(row.version)
    if row.ended_at is not None:
        return
    was, based_on = as_json(right_of(row)), row.version
    row.ended_at = work.now
    change = await keep(
        work,
        new_id(),
        WHAT,
        row.id,
        was,
        as_json(right_of(row)),
        based_on=based_on,
        workers=await _workers_in(work, row.group_id),
        reason="The group gives the role no more.",
    )
    change.state = next_state("rights_change", change.state, "end")
    await work.record(ConfigurationChanged(about=row.id, what=WHAT, code=row.role))
    await record_and_alert(work, change)
    await group_grants.settle(work)


async def _check(work: Work, becomes: GroupRoleRight) -> set[str]:
    """Refuse what is unsound or about oneself; the workers who belong to the group."""
    workers = await _workers_in(work, becomes.group_id)
    if work.actor.worker in workers:
        detail = "Nobody decides what a group gives that they belong to; somebody else can."
        raise problems.business_rule(CLAUSE, detail)
    refuse(await _faults(work, becomes))
    return workers


async def _faults(work: Work, becomes: GroupRoleRight) -> list[InputError]:
    if becomes.role in NEVER_BY_GROUP:
        detail = "No group gives this role; two people give it to each principal."
        return [InputError.at([WHAT, "role"], "not-by-group", detail)]
    held = RoleRight.model_validate(
        {
            "principal_id": becomes.group_id,
            "role": becomes.role,
            "service": becomes.service,
            "team": becomes.team,
            "from": work.today,
            "to": None,
        }
    )
    known = await known_to(work, service=becomes.service, team=becomes.team)
    faults = [
        InputError(detail=one.detail, code=one.code, pointer=f"/{WHAT}{one.pointer}")
        for one in faults_of_role(held, known)
    ]
    group = await work.session.get(ScimGroup, becomes.group_id)
    if group is None or group.deleted_at is not None:
        detail = "The identity provider has told of no group of this id, or removed it."
        faults.append(InputError.at([WHAT, "group_id"], "unknown-id", detail))
    in_force = select(GroupRole.id).where(
        GroupRole.group_id == becomes.group_id,
        GroupRole.role == becomes.role.value,
        GroupRole.scope == _scope_of(becomes),
        GroupRole.service.is_not_distinct_from(becomes.service),
        GroupRole.team.is_not_distinct_from(becomes.team),
        GroupRole.ended_at.is_(None),
    )
    if not faults and await work.session.scalar(in_force) is not None:
        faults.append(InputError.at([WHAT, "role"], "taken", "The group gives this role already."))
    return faults


async def _workers_in(work: Work, group_id: UUID) -> set[str]:
    """The workers who belong to a group today."""
    found = (
        select(Principal.worker)
        .join(
            ScimUser,
            (ScimUser.issuer == Principal.issuer) & (ScimUser.subject == Principal.subject),
        )
        .join(ScimMember, ScimMember.user_id == ScimUser.id)
        .where(
            ScimMember.group_id == group_id,
            Principal.worker.is_not(None),
            Principal.disabled_at.is_(None),
        )
    )
    return {worker for worker in await work.session.scalars(found) if worker is not None}


def _scope_of(becomes: GroupRoleRight) -> str:
    return "team" if becomes.team else "service" if becomes.service else "authority"


def _json(change: RightsChange) -> bytes:
    return orjson.dumps(change.becomes[WHAT])
