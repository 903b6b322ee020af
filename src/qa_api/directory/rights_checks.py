"""What is refused of a change of rights: about oneself, unsound, or another person's doing (X3)."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import Range

from qa_api import problems
from qa_api.directory.consistency import faults_of_principal, faults_of_role
from qa_api.directory.entries import refuse
from qa_api.directory.rights_change_schemas import PrincipalRight, Right, RoleRight
from qa_api.models.access import AccessLog, Principal, RoleAssignment
from qa_api.models.directory import Service, Team, Worker
from qa_api.models.events import LoggedEvent
from qa_api.models.subjects import CaseSystem
from qa_api.problems import InputError
from qa_api.work import Work

CLAUSE: Final = "X3"
_CODES: Final = {
    "worker": Worker.code,
    "system": CaseSystem.code,
    "service": Service.code,
    "team": Team.code,
}


async def check(
    work: Work,
    row: Principal | RoleAssignment | None,
    becomes: Right,
    at: str = "",
) -> None:
    """Refuse what is about the one who acts, contradicts itself, or changes who did something."""
    await _refuse_oneself(work, row, becomes)
    if becomes.principal is not None:
        faults = await _faults_of_principal(work, row, becomes.principal)
    else:
        faults = await _faults_of_role(work, row, becomes.role_assignment)
    refuse([replace(one, pointer=f"{at}{one.pointer}") for one in faults])
    if isinstance(row, Principal) and becomes.principal is not None:
        await _refuse_another_person(work, row, becomes.principal)


async def _refuse_oneself(
    work: Work, row: Principal | RoleAssignment | None, becomes: Right
) -> None:
    """Nobody takes part in a change of their own rights, under whatever account."""
    accounts = _accounts(row, becomes)
    if work.actor.principal_id in accounts or work.actor.worker in await workers_of(
        work, row, becomes
    ):
        detail = "Nobody can give themselves a right or change their own; somebody else can."
        raise problems.business_rule(CLAUSE, detail)


def _accounts(row: Principal | RoleAssignment | None, becomes: Right) -> set[UUID]:
    accounts = {becomes.role_assignment.principal_id} if becomes.role_assignment else set()
    if row is not None:
        accounts.add(row.id if isinstance(row, Principal) else row.principal_id)
    return accounts


async def workers_of(
    work: Work, row: Principal | RoleAssignment | None, becomes: Right
) -> set[str]:
    """The person whose rights a change is about."""
    behind = select(Principal.worker).where(Principal.id.in_(_accounts(row, becomes)))
    workers = set(await work.session.scalars(behind))
    workers |= {becomes.principal.worker} if becomes.principal else set()
    return {worker for worker in workers if worker is not None}


async def _refuse_another_person(work: Work, row: Principal, becomes: PrincipalRight) -> None:
    """Refuse to make what somebody did under an account the doing of somebody else."""
    if (row.worker, row.system) == (becomes.worker, becomes.system):
        return
    did = exists().where(LoggedEvent.principal_id == row.id)
    looked = exists().where(AccessLog.principal_id == row.id)
    if await work.session.scalar(select(or_(did, looked))):
        detail = (
            "This principal has acted already, and its actions would then be another person's."
            " Disable it, and let the other in under a principal of their own."
        )
        raise problems.business_rule(CLAUSE, detail)


async def _faults_of_principal(
    work: Work, row: Principal | RoleAssignment | None, given: PrincipalRight
) -> list[InputError]:
    known = await known_to(work, worker=given.worker, system=given.system)
    faults = faults_of_principal(given.worker, given.system, known)
    taken = select(Principal.id).where(
        Principal.issuer == given.issuer,
        Principal.subject == given.subject,
        Principal.disabled_at.is_(None),
    )
    if await work.session.scalar(taken) not in {None, None if row is None else row.id}:
        detail = "Another principal has this issuer and subject."
        faults.append(InputError.at(["subject"], "taken", detail))
    return faults


async def _faults_of_role(
    work: Work, row: Principal | RoleAssignment | None, given: RoleRight | None
) -> list[InputError]:
    if given is None:
        return []
    known = await known_to(work, service=given.service, team=given.team)
    faults = faults_of_role(given, known)
    if await work.session.get(Principal, given.principal_id) is None:
        detail = "There is no principal of this id."
        faults.append(InputError.at(["principal_id"], "unknown-id", detail))
    if not faults and await _is_held_then(work, row, given):
        detail = (
            "They hold this role over the same service or team on some of these days. Change"
            " that one."
        )
        faults.append(InputError.at(["from"], "overlap", detail))
    return faults


async def _is_held_then(
    work: Work, row: Principal | RoleAssignment | None, given: RoleRight
) -> bool:
    """Whether somebody holds the role already, over the same, on one of the days."""
    others = select(RoleAssignment.id).where(
        RoleAssignment.principal_id == given.principal_id,
        RoleAssignment.role == given.role.value,
        RoleAssignment.service.is_not_distinct_from(given.service),
        RoleAssignment.team.is_not_distinct_from(given.team),
        RoleAssignment.valid.overlaps(Range(given.from_, given.to, bounds="[)")),
    )
    if row is not None:
        others = others.where(RoleAssignment.id != row.id)
    return await work.session.scalar(others.limit(1)) is not None


async def known_to(work: Work, **codes: str | None) -> dict[str, set[str]]:
    """Which of the codes there are, by field."""
    return {
        field: set(await work.session.scalars(select(_CODES[field]).where(_CODES[field] == code)))
        if code is not None
        else set()
        for field, code in codes.items()
    }
