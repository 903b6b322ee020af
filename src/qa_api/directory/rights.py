"""Who is let in, and which roles they hold: an administrator's to say, but not about themselves."""

from typing import Final
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import Range

from qa_api import problems
from qa_api.directory.entries import check, refuse
from qa_api.directory.rights_schemas import PrincipalIn, RoleAssignmentIn
from qa_api.directory.soundness import faults_of_principal, faults_of_role, scope_of
from qa_api.events import ConfigurationChanged
from qa_api.http.etags import Precondition
from qa_api.models.access import AccessLog, Principal, RoleAssignment
from qa_api.models.directory import Service, Team, Worker
from qa_api.models.events import LoggedEvent
from qa_api.models.subjects import CaseSystem
from qa_api.problems import InputError
from qa_api.work import Work

_CODES: Final = {
    "worker": Worker.code,
    "system": CaseSystem.code,
    "service": Service.code,
    "team": Team.code,
}


async def put_principal(
    work: Work, principal_id: UUID, given: PrincipalIn, expected: Precondition | None = None
) -> None:
    """Let somebody in by the issuer and subject of their tokens, or change or disable them (X3).

    Nobody does so for themselves: not their own account, not another one of theirs, and no account
    is made theirs. One that has acted keeps its worker, or history would tell of somebody else.
    """
    before = await work.session.get(Principal, principal_id)
    whom = {given.worker, before.worker if before is not None else None}
    if not _ends(before, given):
        await _refuse_oneself(work, whom, {principal_id})
    known = await _known_to(work, worker=given.worker, system=given.system)
    faults = faults_of_principal(given.worker, given.system, known)
    taken = select(Principal.id).where(
        Principal.issuer == given.issuer,
        Principal.subject == given.subject,
        Principal.id != principal_id,
        Principal.disabled_at.is_(None),
    )
    if not given.disabled and await work.session.scalar(taken) is not None:
        detail = "Another principal has this issuer and subject."
        faults.append(InputError.at(["subject"], "taken", detail))
    refuse(faults)
    row = await work.session.get(Principal, principal_id, with_for_update=True)
    check(expected, row)
    await _refuse_another_person(work, row, given)
    if row is None:
        row = Principal(id=principal_id)
        work.session.add(row)
    row.issuer, row.subject = given.issuer, given.subject
    row.worker, row.system = given.worker, given.system
    row.disabled_at = (row.disabled_at or work.now) if given.disabled else None
    await work.record(
        ConfigurationChanged(about=principal_id, what="principal", code=str(principal_id))
    )


async def put_role_assignment(
    work: Work, assignment_id: UUID, given: RoleAssignmentIn, expected: Precondition | None = None
) -> None:
    """Give a principal a role over the authority, a service or a team, or change or end it (X3).

    Nobody gives a role to themselves, nor changes one of theirs, under whatever principal of
    theirs it is.
    """
    row = await work.session.get(RoleAssignment, assignment_id, with_for_update=True)
    check(expected, row)
    concerned = {given.principal_id} | ({row.principal_id} if row is not None else set())
    await _refuse_oneself(work, await _behind(work, concerned), concerned)
    refuse(await _faults_of(work, given))
    if row is None:
        row = RoleAssignment(id=assignment_id)
        work.session.add(row)
    row.principal_id, row.role, row.scope = given.principal_id, given.role, scope_of(given)
    row.service, row.team = given.service, given.team
    row.valid = Range(given.from_, given.to, bounds="[)")
    await work.record(
        ConfigurationChanged(about=assignment_id, what="role_assignment", code=given.role)
    )


async def _behind(work: Work, principals: set[UUID]) -> set[str | None]:
    """The workers whom these principals let in."""
    found = select(Principal.worker).where(Principal.id.in_(principals))
    return set(await work.session.scalars(found))


async def _refuse_oneself(work: Work, workers: set[str | None], principals: set[UUID]) -> None:
    """Nobody changes their own rights, under whatever account."""
    actor = work.actor
    if actor.principal_id in principals or (actor.worker and actor.worker in workers):
        detail = "Nobody gives a right to themselves, nor changes their own; another person does."
        raise problems.business_rule("X3", detail)


def _ends(row: Principal | None, given: PrincipalIn) -> bool:
    """Whether nothing is asked but that somebody is let in no more."""
    return row is not None and given.disabled and _named(row) == _named(given)


def _named(principal: Principal | PrincipalIn) -> tuple[str | None, ...]:
    return (principal.issuer, principal.subject, principal.worker, principal.system)


async def _refuse_another_person(work: Work, row: Principal | None, given: PrincipalIn) -> None:
    """Refuse to make what somebody did under an account the doing of somebody else."""
    if row is None or (row.worker, row.system) == (given.worker, given.system):
        return
    did = exists().where(LoggedEvent.principal_id == row.id)
    looked = exists().where(AccessLog.principal_id == row.id)
    if await work.session.scalar(select(or_(did, looked))):
        detail = (
            "This principal has acted already, and what it did would be told of another. Disable"
            " it, and let the other in under a principal of their own."
        )
        raise problems.business_rule("X3", detail)


async def _faults_of(work: Work, given: RoleAssignmentIn) -> list[InputError]:
    known = await _known_to(work, service=given.service, team=given.team)
    faults = faults_of_role(given, known)
    if await work.session.get(Principal, given.principal_id) is None:
        detail = "There is no principal of this id."
        faults.append(InputError.at(["principal_id"], "unknown-id", detail))
    return faults


async def _known_to(work: Work, **codes: str | None) -> dict[str, set[str]]:
    """Which of the codes there are, by field."""
    return {
        field: set(await work.session.scalars(select(_CODES[field]).where(_CODES[field] == code)))
        if code is not None
        else set()
        for field, code in codes.items()
    }
