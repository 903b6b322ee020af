"""Who is let in, and which roles they hold: an administrator's to say, but not about themselves."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from qa_api import problems
from qa_api.directory.entries import check, refuse
from qa_api.directory.rights_schemas import PrincipalIn, RoleAssignmentIn
from qa_api.directory.soundness import faults_of_principal, faults_of_role, scope_of
from qa_api.events import ConfigurationChanged
from qa_api.http.etags import Precondition
from qa_api.models.access import Principal, RoleAssignment
from qa_api.models.directory import Service, Team, Worker
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
    """Let somebody in by the issuer and subject of their tokens, or change or disable them."""
    known = await _known_to(work, worker=given.worker, system=given.system)
    faults = faults_of_principal(given.worker, given.system, known)
    taken = select(Principal.id).where(
        Principal.issuer == given.issuer,
        Principal.subject == given.subject,
        Principal.id != principal_id,
    )
    if await work.session.scalar(taken) is not None:
        detail = "Another principal has this issuer and subject."
        faults.append(InputError.at(["subject"], "taken", detail))
    refuse(faults)
    row = await work.session.get(Principal, principal_id, with_for_update=True)
    check(expected, row)
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
    if work.actor.principal_id in concerned or await _belong_to(work, concerned):
        raise problems.business_rule(
            "X3", "Nobody assigns a role to themselves; another administrator does."
        )
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


async def _belong_to(work: Work, principals: set[UUID]) -> bool:
    """Whether one of these principals lets in the person who acts."""
    if work.actor.worker is None:
        return False
    theirs = select(Principal.id).where(
        Principal.id.in_(principals), Principal.worker == work.actor.worker
    )
    return await work.session.scalar(theirs.limit(1)) is not None


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
