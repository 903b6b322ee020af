"""The directory routes: staff read, administrators write; roles are the administrators' alone."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import Permission
from qa_api.directory import changes, entries, group_roles, queries, references, rights
from qa_api.directory.group_role_schemas import GroupRoleOut, GroupRoleQuery, IdentityGroupOut
from qa_api.directory.reference_schemas import (
    CaseSystemReferenceOut,
    CaseSystemReferenceQuery,
    ReferenceClaim,
)
from qa_api.directory.rights_change_schemas import (
    RightsChangeIn,
    RightsChangeOut,
    RightsChangeQuery,
    RightsRefusal,
)
from qa_api.directory.rights_schemas import (
    PrincipalOut,
    PrincipalQuery,
    RoleAssignmentOut,
    RoleAssignmentQuery,
    RoleEnd,
)
from qa_api.directory.schemas import (
    AuditorGroupIn,
    AuditorGroupOut,
    CaseSystemIn,
    CaseSystemOut,
    ServiceIn,
    ServiceOut,
    TeamIn,
    TeamOut,
    TeamQuery,
    WorkerIn,
    WorkerOut,
    WorkerQuery,
)
from qa_api.http.access import secured
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.values.fields import Code, Uuid
from qa_api.values.pages import PageQuery, page_of

router = APIRouter(prefix="/v1", tags=["directory"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.DIRECTORY_READ)]
ReadingRights = Annotated[Reader, secured(Reader.of, Permission.DIRECTORY_WRITE)]
Changing = Annotated[Change, secured(Change.of, Permission.DIRECTORY_WRITE)]
Putting = Annotated[Change, secured(Change.putting, Permission.DIRECTORY_WRITE)]
ReadingReferences = Annotated[Reader, secured(Reader.of, Permission.REFERENCE_CLAIM)]
ReadingChanges = Annotated[Reader, secured(Reader.of, Permission.RIGHTS_DECIDE)]
Proposing = Annotated[Change, secured(Change.creating, Permission.RIGHTS_PROPOSE)]
Deciding = Annotated[Change, secured(Change.of, Permission.RIGHTS_DECIDE)]
Claiming = Annotated[Change, secured(Change.of, Permission.REFERENCE_CLAIM)]


@router.get("/services", response_model=page_of(ServiceOut))
async def list_services(query: Annotated[PageQuery, Query()], reading: Reading) -> Response:
    """The services of the authority, by code."""
    return await reading.page(queries.SERVICES, query)


@router.get("/services/{code}", response_model=ServiceOut)
async def get_service(code: Code, reading: Reading) -> Response:
    """One service and who headed it when."""
    return await reading.document(queries.SERVICE, code=code)


@router.put("/services/{code}", response_model=ServiceOut)
async def put_service(code: Code, body: ServiceIn, changing: Putting) -> Response:
    """Create a service, or replace the whole entry."""
    await changing.do(entries.put_service, code, body, changing.precondition)
    return await changing.document(queries.SERVICE, code=code)


@router.get("/teams", response_model=page_of(TeamOut))
async def list_teams(query: Annotated[TeamQuery, Query()], reading: Reading) -> Response:
    """The teams, by code; `service`: those that belong to it today."""
    return await reading.page(queries.TEAMS, query)


@router.get("/teams/{code}", response_model=TeamOut)
async def get_team(code: Code, reading: Reading) -> Response:
    """One team, its service, managers and deputies."""
    return await reading.document(queries.TEAM, code=code)


@router.put("/teams/{code}", response_model=TeamOut)
async def put_team(code: Code, body: TeamIn, changing: Putting) -> Response:
    """Create a team, or replace the whole entry. Cases reported for its code become its own."""
    await changing.do(entries.put_team, code, body, changing.precondition)
    return await changing.document(queries.TEAM, code=code)


@router.get("/workers", response_model=page_of(WorkerOut))
async def list_workers(query: Annotated[WorkerQuery, Query()], reading: Reading) -> Response:
    """The workers, by code; the filters are as of today."""
    return await reading.page(queries.WORKERS, query)


@router.get("/workers/{code}", response_model=WorkerOut)
async def get_worker(code: Code, reading: Reading) -> Response:
    """One worker: teams, supervisors, absences."""
    return await reading.document(queries.WORKER, code=code)


@router.put("/workers/{code}", response_model=WorkerOut)
async def put_worker(code: Code, body: WorkerIn, changing: Putting) -> Response:
    """Create a worker, or replace the whole entry. Cases reported for the code become theirs."""
    await changing.do(entries.put_worker, code, body, changing.precondition)
    return await changing.document(queries.WORKER, code=code)


@router.get("/auditor-groups", response_model=page_of(AuditorGroupOut))
async def list_auditor_groups(query: Annotated[PageQuery, Query()], reading: Reading) -> Response:
    """The auditor groups, by code (§4.4)."""
    return await reading.page(queries.AUDITOR_GROUPS, query)


@router.get("/auditor-groups/{code}", response_model=AuditorGroupOut)
async def get_auditor_group(code: Code, reading: Reading) -> Response:
    """One auditor group and its teams."""
    return await reading.document(queries.AUDITOR_GROUP, code=code)


@router.put("/auditor-groups/{code}", response_model=AuditorGroupOut)
async def put_auditor_group(code: Code, body: AuditorGroupIn, changing: Putting) -> Response:
    """Create an auditor group, or replace the whole entry."""
    await changing.do(entries.put_auditor_group, code, body, changing.precondition)
    return await changing.document(queries.AUDITOR_GROUP, code=code)


@router.get("/case-systems", response_model=page_of(CaseSystemOut))
async def list_case_systems(query: Annotated[PageQuery, Query()], reading: Reading) -> Response:
    """The case systems that send events, by code."""
    return await reading.page(queries.CASE_SYSTEMS, query)


@router.get("/case-systems/{code}", response_model=CaseSystemOut)
async def get_case_system(code: Code, reading: Reading) -> Response:
    """One case system."""
    return await reading.document(queries.CASE_SYSTEM, code=code)


@router.put("/case-systems/{code}", response_model=CaseSystemOut)
async def put_case_system(code: Code, body: CaseSystemIn, changing: Putting) -> Response:
    """Register a case system, or replace its entry."""
    await changing.do(entries.put_case_system, code, body, changing.precondition)
    return await changing.document(queries.CASE_SYSTEM, code=code)


@router.get("/case-system-references", response_model=page_of(CaseSystemReferenceOut))
async def list_case_system_references(
    query: Annotated[CaseSystemReferenceQuery, Query()], reading: ReadingReferences
) -> Response:
    """What case systems call workers and teams, newest first.

    `claimed=false`: what events named and nobody has claimed yet. Until somebody does, the cases
    that wait for it are the Quality & Standards team's.
    """
    return await reading.page(queries.CASE_SYSTEM_REFERENCES, query)


@router.get("/case-system-references/{reference_id}", response_model=CaseSystemReferenceOut)
async def get_case_system_reference(reference_id: Uuid, reading: ReadingReferences) -> Response:
    """One reference of a case system."""
    return await reading.document(queries.CASE_SYSTEM_REFERENCE, id=reference_id)


@router.post("/case-system-references/{reference_id}/claim", response_model=CaseSystemReferenceOut)
async def claim_case_system_reference(
    reference_id: Uuid, body: ReferenceClaim, claiming: Claiming
) -> Response:
    """Say whom the case system means. Every case that waited for it becomes theirs at once.

    What is claimed already is changed in the entry of the worker or team that has it.
    """
    return await claiming.step(
        queries.CASE_SYSTEM_REFERENCE, references.claim, reference_id, body=body
    )


@router.get("/principals", response_model=page_of(PrincipalOut))
async def list_principals(
    query: Annotated[PrincipalQuery, Query()], reading: ReadingRights
) -> Response:
    """The principals: accounts of people and systems, newest first."""
    return await reading.page(queries.PRINCIPALS, query)


@router.get("/principals/{principal_id}", response_model=PrincipalOut)
async def get_principal(principal_id: Uuid, reading: ReadingRights) -> Response:
    """One principal."""
    return await reading.document(queries.PRINCIPAL, id=principal_id)


@router.post("/principals/{principal_id}/disable", response_model=PrincipalOut)
async def disable_principal(principal_id: Uuid, changing: Changing) -> Response:
    """Shut somebody out, from their next request on. One person can do it, at once.

    Their token may name another principal from then on. To let them in again, propose it.
    """
    return await changing.step(queries.PRINCIPAL, rights.disable, principal_id)


@router.get("/role-assignments", response_model=page_of(RoleAssignmentOut))
async def list_role_assignments(
    query: Annotated[RoleAssignmentQuery, Query()], reading: ReadingRights
) -> Response:
    """Who holds, held and will hold which role, newest first."""
    return await reading.page(queries.ROLE_ASSIGNMENTS, query)


@router.get("/role-assignments/{assignment_id}", response_model=RoleAssignmentOut)
async def get_role_assignment(assignment_id: Uuid, reading: ReadingRights) -> Response:
    """One role assignment."""
    return await reading.document(queries.ROLE_ASSIGNMENT, id=assignment_id)


@router.post("/role-assignments/{assignment_id}/end", response_model=RoleAssignmentOut)
async def end_role_assignment(assignment_id: Uuid, body: RoleEnd, changing: Changing) -> Response:
    """End a role, today or from a later day on. One person can do it, at once."""
    return await changing.step(queries.ROLE_ASSIGNMENT, rights.end_role, assignment_id, body)


@router.get("/identity-groups", response_model=page_of(IdentityGroupOut))
async def list_identity_groups(
    query: Annotated[PageQuery, Query()], reading: ReadingChanges
) -> Response:
    """The groups that the identity provider has told of, newest first."""
    return await reading.page(queries.IDENTITY_GROUPS, query)


@router.get("/identity-groups/{group_id}", response_model=IdentityGroupOut)
async def get_identity_group(group_id: Uuid, reading: ReadingChanges) -> Response:
    """One group of the identity provider, and how many belong to it."""
    return await reading.document(queries.IDENTITY_GROUP, id=group_id)


@router.get("/group-roles", response_model=page_of(GroupRoleOut))
async def list_group_roles(
    query: Annotated[GroupRoleQuery, Query()], reading: ReadingChanges
) -> Response:
    """Which roles groups give and gave, newest first. Two people make one: `POST /rights-changes`.

    Whoever joins the group is given the role at once, and whoever leaves it holds it no more; a
    role that began today ends tonight.
    """
    return await reading.page(queries.GROUP_ROLES, query)


@router.get("/group-roles/{group_role_id}", response_model=GroupRoleOut)
async def get_group_role(group_role_id: Uuid, reading: ReadingChanges) -> Response:
    """One role that a group gives."""
    return await reading.document(queries.GROUP_ROLE, id=group_role_id)


@router.post("/group-roles/{group_role_id}/end", response_model=GroupRoleOut)
async def end_group_role(group_role_id: Uuid, changing: Changing) -> Response:
    """End what a group gives, for everybody who holds the role by it. One person can do it."""
    return await changing.step(queries.GROUP_ROLE, group_roles.end, group_role_id)


@router.get("/rights-changes", response_model=page_of(RightsChangeOut))
async def list_rights_changes(
    query: Annotated[RightsChangeQuery, Query()], reading: ReadingChanges
) -> Response:
    """What was proposed, confirmed, refused and ended of people's rights, newest first (X3).

    `done`: what an administrator did at once that changes whom somebody reaches, or who is told.
    """
    return await reading.page(changes.CHANGES, query)


@router.get("/rights-changes/{change_id}", response_model=RightsChangeOut)
async def get_rights_change(change_id: Uuid, reading: ReadingChanges) -> Response:
    """One change of somebody's rights: what was, what becomes of it, and by whom."""
    return await reading.document(changes.CHANGE, id=change_id)


@router.post("/rights-changes", response_model=RightsChangeOut, status_code=201)
async def propose_rights_change(body: RightsChangeIn, proposing: Proposing) -> Response:
    """Propose whom a token shall name, a role for somebody or a group, or a change of the policy.

    Nothing is changed before a second person confirms it: another administrator or Quality &
    Standards, as the policy says (`rights_confirmed_by`). Nobody proposes or confirms a right of
    their own. Taking a right away needs no second person: `disable` and `end` do it at once.
    """
    await proposing.do(rights.propose, proposing.id, body)
    return await proposing.created(changes.CHANGE, f"/v1/rights-changes/{proposing.id}")


@router.post("/rights-changes/{change_id}/confirm", response_model=RightsChangeOut)
async def confirm_rights_change(change_id: Uuid, deciding: Deciding) -> Response:
    """Confirm a proposed change as a second person. It counts from the next request on.

    Quality & Standards are told. A policy counts from the day that it names, or from today if that
    day has passed.
    """
    return await deciding.step(changes.CHANGE, rights.confirm, change_id)


@router.post("/rights-changes/{change_id}/refuse", response_model=RightsChangeOut)
async def refuse_rights_change(
    change_id: Uuid, body: RightsRefusal, deciding: Deciding
) -> Response:
    """Refuse a proposed change, and say why. Whoever proposed it withdraws it this way."""
    return await deciding.step(changes.CHANGE, rights.refuse_change, change_id, body)
