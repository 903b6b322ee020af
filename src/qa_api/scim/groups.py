"""What the identity provider says of groups: who belongs to them. A role is given by a mapping."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from qa_api import problems
from qa_api.directory import group_grants, group_roles
from qa_api.events import ConfigurationChanged
from qa_api.models.base import new_id
from qa_api.models.provisioning import GroupRole, ScimGroup, ScimMember, ScimUser
from qa_api.rules.unchanging import Unchanging
from qa_api.scim.refusals import not_unique, refused
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

WHAT = "identity_group"


class Told(Unchanging):
    """What the provider says of a group."""

    display_name: str
    external_id: str | None
    members: frozenset[UUID]
    """The ids of users."""


async def found(
    work: Work, issuer: str, *where: ColumnElement[bool], offset: int = 0, limit: int = 200
) -> tuple[int, Sequence[ScimGroup]]:
    """How many there are, and some of them, in the order in which they came."""
    of_issuer = (ScimGroup.issuer == issuer, ScimGroup.deleted_at.is_(None), *where)
    counted = select(func.count()).select_from(ScimGroup).where(*of_issuer)
    listed = select(ScimGroup).where(*of_issuer).order_by(ScimGroup.created_at, ScimGroup.id)
    rows = await work.session.scalars(listed.offset(offset).limit(limit))
    return await work.session.scalar(counted) or 0, rows.all()


async def one(work: Work, issuer: str, group_id: UUID, *, to_change: bool = False) -> ScimGroup:
    """The group of this id; 404 where the provider has none."""
    statement = select(ScimGroup).where(
        ScimGroup.id == group_id, ScimGroup.issuer == issuer, ScimGroup.deleted_at.is_(None)
    )
    if to_change:
        await group_grants.take_turn(work)
        statement = statement.with_for_update()
    row: ScimGroup | None = await work.session.scalar(statement)
    if row is None:
        raise problems.not_found()
    return row


async def members_of(work: Work, ids: Collection[UUID]) -> Mapping[UUID, list[UUID]]:
    """The users who belong to each of these groups, in the order of their ids."""
    listed: dict[UUID, list[UUID]] = {each: [] for each in ids}
    asked = (
        select(ScimMember.group_id, ScimMember.user_id)
        .where(ScimMember.group_id.in_(ids))
        .order_by(ScimMember.user_id)
    )
    for group_id, user_id in (await work.session.execute(asked)).all():
        listed[group_id].append(user_id)
    return listed


async def create(work: Work, issuer: str, told: Told) -> UUID:
    """A group of which the provider tells for the first time. It gives nothing."""
    await group_grants.take_turn(work)
    await _refuse_name_of_another(work, issuer, told.display_name)
    row = ScimGroup(
        id=new_id(),
        issuer=issuer,
        display_name=told.display_name,
        external_id=told.external_id,
        created_at=work.now,
        changed_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await _set_members(work, row, told.members)
    await work.record(ConfigurationChanged(about=row.id, what=WHAT, code=str(row.id)))
    return row.id


async def change(work: Work, row: ScimGroup, told: Told) -> None:
    """Keep what is said now. Who joins is given what the group gives, who leaves loses it.

    What is said again, as after an answer that was lost, is no change.
    """
    await _refuse_name_of_another(work, row.issuer, told.display_name, row.id)
    said = told.display_name, told.external_id
    is_new = said != (row.display_name, row.external_id)
    if await _set_members(work, row, told.members) or is_new:
        row.display_name, row.external_id = said
        row.changed_at = work.now
        await work.record(ConfigurationChanged(about=row.id, what=WHAT, code=str(row.id)))
    await group_grants.settle(work)


async def remove(work: Work, row: ScimGroup) -> None:
    """The group is there no more, and gives nothing more: what two people mapped it to ends."""
    mappings = select(GroupRole.id).where(
        GroupRole.group_id == row.id, GroupRole.ended_at.is_(None)
    )
    for mapping in (await work.session.scalars(mappings.order_by(GroupRole.id))).all():
        await group_roles.end(work, mapping, Precondition(any_version=True))
    await _set_members(work, row, frozenset())
    row.deleted_at = work.now
    await work.record(ConfigurationChanged(about=row.id, what=WHAT, code=str(row.id)))
    await group_grants.settle(work)


async def _refuse_name_of_another(
    work: Work, issuer: str, name: str, own: UUID | None = None
) -> None:
    """By its name two people know a group when they map it: no two groups have one."""
    others = select(ScimGroup.id).where(
        ScimGroup.issuer == issuer,
        ScimGroup.deleted_at.is_(None),
        func.lower(ScimGroup.display_name) == func.lower(name),
    )
    if own is not None:
        others = others.where(ScimGroup.id != own)
    if await work.session.scalar(others.limit(1)) is not None:
        raise not_unique("Another group has this `displayName`.")


async def _set_members(work: Work, row: ScimGroup, wanted: frozenset[UUID]) -> bool:
    """Have these belong to it and nobody else; whether it was otherwise."""
    rows = await work.session.scalars(select(ScimMember).where(ScimMember.group_id == row.id))
    belongs = {member.user_id: member for member in rows.all()}
    joins = wanted - belongs.keys()
    if joins:
        known = select(ScimUser.id).where(
            ScimUser.id.in_(joins), ScimUser.issuer == row.issuer, ScimUser.deleted_at.is_(None)
        )
        if set(await work.session.scalars(known)) != joins:
            raise refused("invalidValue", "A member is not the `id` of a user of this provider.")
    for user_id in belongs.keys() - wanted:
        await work.session.delete(belongs[user_id])
    for user_id in sorted(joins):
        work.session.add(ScimMember(group_id=row.id, user_id=user_id, since=work.now))
    await work.session.flush()
    return wanted != belongs.keys()
