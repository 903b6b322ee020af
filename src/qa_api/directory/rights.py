"""Who is let in, and with which roles: an administrator proposes it, another person confirms (X3).

Nobody takes part in a change of their own rights, under whatever account. What only ends somebody's
access is done at once, by one person. Quality & Standards are told of each change.
"""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from qa_api import problems
from qa_api.auth.roles import Role
from qa_api.calendars.policy_schemas import ConfirmedPolicy
from qa_api.changed_rights import keep, record_and_alert, record_move
from qa_api.directory import group_grants, group_roles, policy_changes
from qa_api.directory.consistency import scope_of
from qa_api.directory.entries import refuse
from qa_api.directory.rights_change_schemas import (
    GroupRoleChange,
    PrincipalChange,
    PrincipalRight,
    Right,
    RightsChangeIn,
    RightsRefusal,
    RoleChange,
    RoleRight,
)
from qa_api.directory.rights_checks import CLAUSE, check, workers_of
from qa_api.directory.rights_schemas import RoleEnd
from qa_api.directory.rights_written import as_json, right_of, right_with
from qa_api.events import ConfigurationChanged
from qa_api.models.access import Principal, RightsChange, RoleAssignment
from qa_api.models.base import new_id
from qa_api.problems import InputError
from qa_api.reads.kept import with_nulls
from qa_api.rules.policy_values import RightsConfirmer
from qa_api.rules.states import RightsChangeState
from qa_api.rules.transitions import next_state
from qa_api.rules.two_people import check_second_person
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

CONFIRMERS: Final = {
    RightsConfirmer.ADMINISTRATOR: frozenset({Role.ADMINISTRATOR}),
    RightsConfirmer.QUALITY_STANDARDS: frozenset({Role.QUALITY_STANDARDS}),
    RightsConfirmer.EITHER: frozenset({Role.ADMINISTRATOR, Role.QUALITY_STANDARDS}),
}
"""The roles in which a change is confirmed, by what the policy says."""

_PRINCIPAL, _ROLE, _POLICY = "principal", "role_assignment", "policy"


# --- by two people ---


async def propose(work: Work, change_id: UUID, given: RightsChangeIn) -> None:
    """Propose a right for somebody. Nothing changes before a second person has confirmed it."""
    work.person()
    asked = _asked(given)
    if isinstance(asked, ConfirmedPolicy):
        change = await policy_changes.propose(work, change_id, asked, given.reason)
        await record_move(work, change)
        return
    if isinstance(asked, GroupRoleChange):
        change = await group_roles.propose(work, change_id, asked, given.reason)
        await record_move(work, change)
        return
    what = _PRINCIPAL if isinstance(asked, PrincipalChange) else _ROLE
    row = await _found(work, what, asked.id) if asked.id else None
    if asked.id and row is None:
        detail = f"There is no {what.replace('_', ' ')} of this id; leave the id out to make one."
        refuse([InputError.at([what, "id"], "unknown-id", detail)])
    becomes = _right(asked)
    await check(work, row, becomes, at=f"/{what}")
    change = await keep(
        work,
        change_id,
        what,
        asked.id or new_id(),
        None if row is None else as_json(right_of(row)),
        as_json(becomes),
        based_on=None if row is None else row.version,
        workers=await workers_of(work, row, becomes),
        reason=given.reason,
    )
    await record_move(work, change)


async def confirm(work: Work, change_id: UUID, expected: Precondition) -> None:
    """Confirm, as a second person, that somebody has the right from now on."""
    change = await _to_decide(work, change_id, expected, "confirm")
    person = work.person()
    if not work.actor.roles & CONFIRMERS[RightsConfirmer(change.confirmer)]:
        who = change.confirmer.replace("_", " ")
        raise problems.forbidden(f"Such a change is confirmed by {who}, as the policy says.")
    proposer = await work.person_behind(change.proposed_by)
    refusal = "A second person has to confirm a change of rights."
    check_second_person(proposer, person, CLAUSE, refusal)
    if change.what == _POLICY:
        await policy_changes.check(work, change)
        await _confirmed(work, change)
        await policy_changes.apply(work, change)
    elif change.what == group_roles.WHAT:
        mapping = await group_roles.check(work, change)
        await _confirmed(work, change)
        await group_roles.apply(work, change, mapping)
    else:
        # As JSON, where a day is a text.
        becomes = Right.model_validate_json(orjson.dumps(with_nulls(change.becomes, Right)))
        row = await _found(work, change.what, change.target_id)
        if (row.version if row is not None else None) != change.based_on:
            raise policy_changes.changed_since()
        await check(work, row, becomes)
        await _confirmed(work, change)
        await _apply(work, change, row, becomes)
    await record_and_alert(work, change)


async def _confirmed(work: Work, change: RightsChange) -> None:
    change.state = RightsChangeState.CONFIRMED
    change.decided_by, change.decided_at = work.actor.principal_id, work.now
    await work.session.flush()


async def refuse_change(
    work: Work, change_id: UUID, expected: Precondition, body: RightsRefusal
) -> None:
    """Refuse a proposed change, and say why; whoever proposed it withdraws it this way."""
    change = await _to_decide(work, change_id, expected, "refuse")
    work.person()
    change.state, change.refusal = RightsChangeState.REFUSED, body.reason
    change.decided_by, change.decided_at = work.actor.principal_id, work.now
    await record_move(work, change)


# --- at once, by one ---


async def disable(
    work: Work, principal_id: UUID, expected: Precondition, reason: str = "Access ended."
) -> None:
    """Shut somebody out, from their next request on."""
    row = await work.find(select(Principal).where(Principal.id == principal_id).with_for_update())
    expected.check(row.version)
    if row.disabled_at is not None:
        return
    was = right_of(row)
    row.disabled_at = work.now
    await _ended(work, _PRINCIPAL, row, was, reason)


async def end_role(work: Work, assignment_id: UUID, expected: Precondition, body: RoleEnd) -> None:
    """End a role from a day on; never later than it would have ended."""
    row = await work.find(
        select(RoleAssignment).where(RoleAssignment.id == assignment_id).with_for_update()
    )
    expected.check(row.version)
    to = body.to or max(work.today, (row.valid.lower or work.today) + timedelta(days=1))
    refuse(_faults_of_end(row.valid, to, work.today))
    was = right_of(row)
    row.valid = Range(row.valid.lower, to, bounds="[)")
    await _ended(work, _ROLE, row, was, "The role ended.")


def _faults_of_end(valid: Range[date], to: date, today: date) -> list[InputError]:
    if to < today:
        detail = "A role cannot end before today: until today the person has acted in it."
        return [InputError.at(["to"], "past", detail)]
    if valid.lower is not None and to <= valid.lower:
        detail = "Must be later than its first day. To shut somebody out, disable their account."
        return [InputError.at(["to"], "order", detail)]
    if valid.upper is not None and to > valid.upper:
        detail = "The role ends before this day. To lengthen it, propose a change of it."
        return [InputError.at(["to"], "later", detail)]
    return []


# --- what is kept of it ---


async def _ended(
    work: Work, what: str, row: Principal | RoleAssignment, was: Right, reason: str
) -> None:
    based_on, becomes = row.version, right_of(row)
    change = await keep(
        work,
        new_id(),
        what,
        row.id,
        as_json(was),
        as_json(becomes),
        based_on=based_on,
        workers=await workers_of(work, row, becomes),
        reason=reason,
    )
    change.state = next_state("rights_change", change.state, "end")
    code = row.role if isinstance(row, RoleAssignment) else str(row.id)
    await work.record(ConfigurationChanged(about=row.id, what=what, code=code))
    await record_and_alert(work, change)


async def _to_decide(
    work: Work, change_id: UUID, expected: Precondition, action: str
) -> RightsChange:
    change = await work.find(
        select(RightsChange).where(RightsChange.id == change_id).with_for_update()
    )
    next_state("rights_change", change.state, action)
    expected.check(change.version)
    return change


async def _apply(
    work: Work, change: RightsChange, row: Principal | RoleAssignment | None, becomes: Right
) -> None:
    if (named := becomes.principal) is not None:
        principal = row if isinstance(row, Principal) else Principal(id=change.target_id)
        principal.issuer, principal.subject = named.issuer, named.subject
        principal.worker, principal.system = named.worker, named.system
        principal.disabled_at = None
        work.session.add(principal)
        code = str(change.target_id)
    elif (held := becomes.role_assignment) is not None:
        kept = row if isinstance(row, RoleAssignment) else RoleAssignment(id=change.target_id)
        kept.principal_id, kept.role, kept.scope = held.principal_id, held.role, scope_of(held)
        kept.service, kept.team = held.service, held.team
        kept.valid = Range(held.from_, held.to, bounds="[)")
        work.session.add(kept)
        code = held.role
    await work.record(ConfigurationChanged(about=change.target_id, what=change.what, code=code))
    if becomes.principal is not None:
        await group_grants.take_turn(work)
        await group_grants.settle(work)


# --- rights as they are written ---


def _asked(
    given: RightsChangeIn,
) -> PrincipalChange | RoleChange | ConfirmedPolicy | GroupRoleChange:
    every = (given.principal, given.role_assignment, given.policy, given.group_role)
    asked = [one for one in every if one is not None]
    if len(asked) != 1:
        detail = (
            "Propose one change: of a principal, a role assignment, the policy or a group's role."
        )
        refuse([InputError.at([_PRINCIPAL], "one", detail)])
    return asked[0]


def _right(asked: PrincipalChange | RoleChange) -> Right:
    said = asked.model_dump(by_alias=True, exclude={"id"})
    if isinstance(asked, PrincipalChange):
        named = PrincipalRight.model_validate({**said, "disabled": False})
        return right_with(principal=named)
    return right_with(role_assignment=RoleRight.model_validate(said))


async def _found(work: Work, what: str, id_: UUID) -> Principal | RoleAssignment | None:
    if what == _PRINCIPAL:
        return await work.session.get(Principal, id_, with_for_update=True)
    return await work.session.get(RoleAssignment, id_, with_for_update=True)
