"""What groups give: whoever belongs to a group holds the roles that two people mapped it to (X3).

Nobody proposes these roles one by one. Each that is given or ended is kept as a change of rights
all the same, and told to Quality & Standards at once. The database gives none without a mapping in
force and a member (see `refuse_right_of_nobodys`).
"""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, text
from sqlalchemy.dialects.postgresql import Range

from qa_api.changed_rights import keep, record_and_alert
from qa_api.directory.rights_written import as_json, right_of
from qa_api.directory.service import without_none
from qa_api.events import ConfigurationChanged
from qa_api.models.access import Principal, RightsChange, RoleAssignment
from qa_api.models.aliases import aliased
from qa_api.models.base import new_id
from qa_api.models.provisioning import GroupRole, ScimGroup, ScimMember, ScimUser
from qa_api.rules.transitions import next_state
from qa_api.work import Work

GIVEN: Final = "A group of the identity provider gives it."
TAKEN: Final = "The group gives it no more, or they have left it."
_TURN: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('groups', 0))")


async def take_turn(work: Work) -> None:
    """One after the other: what groups give is compared with what is held, and then written."""
    await work.session.execute(_TURN)


async def settle(work: Work) -> None:
    """Give what groups give and nobody holds yet; end what they give no more.

    Called after whatever changes groups, members, mappings or principals, under `take_turn`.
    """
    await work.flush()
    for assignment in (await work.session.scalars(_unfounded(work))).all():
        await _end(work, assignment)
    for principal, mapping in (await work.session.execute(_owed())).all():
        await _give(work, principal, mapping)


# --- whom a mapping reaches ---


def _is_whose(user: Any) -> ColumnElement[bool]:
    """That a principal has the token of a user whom the provider has not removed."""
    return and_(
        user.deleted_at.is_(None),
        user.issuer == Principal.issuer,
        user.subject == Principal.subject,
    )


def _same_right(held: Any, mapping: Any) -> ColumnElement[bool]:
    return and_(
        held.role == mapping.role,
        held.service.is_not_distinct_from(mapping.service),
        held.team.is_not_distinct_from(mapping.team),
    )


def _owed() -> Select[Principal, GroupRole]:
    """Each principal and mapping of whose role they hold nothing that goes on."""
    member, held = aliased(ScimMember), aliased(RoleAssignment)
    goes_on = exists().where(
        held.principal_id == Principal.id,
        _same_right(held, GroupRole),
        func.upper(held.valid).is_(None),
    )
    return (
        select(Principal, GroupRole)
        .select_from(GroupRole)
        .join(ScimGroup, ScimGroup.id == GroupRole.group_id)
        .join(member, member.group_id == GroupRole.group_id)
        .join(ScimUser, ScimUser.id == member.user_id)
        .join(Principal, _is_whose(ScimUser))
        .where(
            GroupRole.ended_at.is_(None),
            ScimGroup.deleted_at.is_(None),
            Principal.disabled_at.is_(None),
            ~goes_on.correlate_except(held),
            ~_ended_by_a_person(member),
        )
        .order_by(Principal.id, GroupRole.id)
    )


def _ended_by_a_person(member: Any) -> ColumnElement[bool]:
    """Whether somebody ended the role after this membership had given it: then it stays ended."""
    held, change, account = aliased(RoleAssignment), aliased(RightsChange), aliased(Principal)
    return (
        exists()
        .where(
            account.issuer == Principal.issuer,
            account.subject == Principal.subject,
            held.principal_id == account.id,
            held.group_role_id == GroupRole.id,
            func.upper(held.valid).is_not(None),
            change.target_id == held.id,
            change.state == "done",
            change.proposed_at >= member.since,
        )
        .correlate_except(held, change, account)
    )


def _unfounded(work: Work) -> Select[RoleAssignment]:
    """What a group gave and gives no more, as far as it can still be ended."""
    member, user, group = aliased(ScimMember), aliased(ScimUser), aliased(ScimGroup)
    belongs = exists().where(
        member.group_id == GroupRole.group_id,
        group.id == member.group_id,
        group.deleted_at.is_(None),
        user.id == member.user_id,
        _is_whose(user),
        GroupRole.ended_at.is_(None),
    )
    ends = func.upper(RoleAssignment.valid)
    first = func.greatest(work.today, func.lower(RoleAssignment.valid) + 1)
    return (
        select(RoleAssignment)
        .join(GroupRole, GroupRole.id == RoleAssignment.group_role_id)
        .join(Principal, Principal.id == RoleAssignment.principal_id)
        .where(~belongs.correlate_except(member, user, group), or_(ends.is_(None), ends > first))
        .order_by(RoleAssignment.id)
        .with_for_update(of=RoleAssignment)
    )


# --- giving and ending ---


async def _give(work: Work, principal: Principal, mapping: GroupRole) -> None:
    """From today on, or from the day on which what they hold of it now ends.

    Somebody for whom the role is agreed from a later day has it from then.
    """
    of_it = select(RoleAssignment).where(
        RoleAssignment.principal_id == principal.id, _same_right(RoleAssignment, mapping)
    )
    begins, again = work.today, None
    held = (await work.session.scalars(of_it.order_by(func.lower(RoleAssignment.valid)))).all()
    for one in held:
        if one.valid.upper is None or (one.valid.lower and one.valid.lower > begins):
            return
        if one.valid.upper >= begins:
            begins, again = one.valid.upper, one
    if again is not None and again.group_role_id == mapping.id:
        was = as_json(right_of(again))
        again.valid = Range(again.valid.lower, None, bounds="[)")
        await _kept(work, again, principal, was, "make", GIVEN)
        return
    given = RoleAssignment(
        id=new_id(),
        principal_id=principal.id,
        role=mapping.role,
        scope=mapping.scope,
        service=mapping.service,
        team=mapping.team,
        valid=Range(begins, None, bounds="[)"),
        group_role_id=mapping.id,
    )
    work.session.add(given)
    await _kept(work, given, principal, None, "make", GIVEN)


async def _end(work: Work, assignment: RoleAssignment) -> None:
    """Today; what began today ends tonight, as when a person ends it."""
    was = as_json(right_of(assignment))
    begins = assignment.valid.lower or work.today
    assignment.valid = Range(
        assignment.valid.lower, max(work.today, begins + timedelta(days=1)), bounds="[)"
    )
    principal = await work.session.get_one(Principal, assignment.principal_id)
    await _kept(work, assignment, principal, was, "end", TAKEN)


async def _kept(
    work: Work,
    assignment: RoleAssignment,
    principal: Principal,
    was: dict[str, Any] | None,
    step: str,
    reason: str,
) -> None:
    change = await keep(
        work,
        new_id(),
        "role_assignment",
        assignment.id,
        was,
        as_json(right_of(assignment)),
        based_on=None if was is None else assignment.version,
        workers=without_none(principal.worker),
        reason=reason,
    )
    change.state = next_state("rights_change", change.state, step)
    await work.record(
        ConfigurationChanged(about=assignment.id, what="role_assignment", code=assignment.role)
    )
    await record_and_alert(work, change)
