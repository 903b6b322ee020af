"""The subject routes: children and carer households as the case systems name them."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.subjects import panel, queries, registering
from qa_api.subjects.schemas import (
    PanelDateIn,
    PanelDateOut,
    RestrictionGrantIn,
    RestrictionGrantOut,
    RestrictionGrantQuery,
    SubjectIn,
    SubjectRecord,
    WaitingWorkGrantIn,
)
from qa_api.values.fields import Code, KeptReference, Reference, Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1", tags=["subjects"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.SUBJECT_READ)]
Registering = Annotated[Change, secured(Change.putting, Permission.SUBJECT_REGISTER)]
SettingPanelDate = Annotated[Change, secured(Change.putting, Permission.PANEL_DATE_SET)]
ReadingGrants = Annotated[Reader, secured(Reader.of, Permission.RESTRICTION_GRANT)]
Granting = Annotated[Change, secured(Change.creating, Permission.RESTRICTION_GRANT)]


@router.get("/subjects/{system}/{ref}", response_model=SubjectRecord)
async def get_subject(system: Code, ref: Reference, reading: Reading) -> Response:
    """One subject and who holds the case now; reading it is logged."""
    return await reading.document(queries.SUBJECT, system=system, ref=ref)


@router.put("/subjects/{system}/{ref}", response_model=SubjectRecord)
async def put_subject(
    system: Code, ref: KeptReference, body: SubjectIn, changing: Registering
) -> Response:
    """Register a subject, or correct what is known about it.

    If the record of the reference is hidden from you, you register a stand-in for it. All answers
    are like those about an unknown reference, so that the restriction does not show. When the
    record is no longer restricted, the two become one.
    """
    expected = changing.precondition
    await changing.do(registering.put_subject, changing.id, system, ref, body, expected)
    return await changing.document(queries.SUBJECT, system=system, ref=ref)


@router.get("/carer-households/{system}/{ref}/panel-date", response_model=PanelDateOut)
async def get_panel_date(system: Code, ref: Reference, reading: Reading) -> Response:
    """When a carer household was first presented at Panel, with every earlier value."""
    return await reading.document(queries.PANEL_DATE, system=system, ref=ref)


@router.put(
    "/carer-households/{system}/{ref}/panel-date",
    response_model=PanelDateOut,
    responses={201: {"model": PanelDateOut}},
)
async def put_panel_date(
    system: Code, ref: KeptReference, body: PanelDateIn, setting: SettingPanelDate
) -> Response:
    """Record from when a household's audits fall due (`If-None-Match: *`), or correct it.

    A correction (`If-Match`) needs a reason. Audits that are there already belong to the nearest
    due date.
    """
    expected = setting.precondition
    await setting.do(panel.put_panel_date, system, ref, body, expected)
    status = 201 if expected.must_not_exist else 200
    return await setting.document(queries.PANEL_DATE, status=status, system=system, ref=ref)


@router.post(
    "/subjects/{system}/{ref}/restriction-grants",
    response_model=RestrictionGrantOut,
    status_code=201,
)
async def grant_restricted_access(
    system: Code, ref: Reference, body: RestrictionGrantIn, granting: Granting
) -> Response:
    """Give somebody else access to a restricted record until an instant; never yourself."""
    await granting.do(registering.grant_restricted_access, granting.id, system, ref, body)
    return await granting.created(
        queries.RESTRICTION_GRANT, f"/v1/restriction-grants/{granting.id}"
    )


@router.post("/restriction-grants", response_model=RestrictionGrantOut, status_code=201)
async def grant_access_to_waiting_work(body: WaitingWorkGrantIn, granting: Granting) -> Response:
    """Give somebody else access to the restricted record on which something waits, by its id alone.

    Only people with access can work on a restricted record. If none of them can, the work list
    (`GET /v1/me/work`) shows Quality & Standards the id of what waits. Nobody gives access to
    themselves.
    """
    await granting.do(registering.grant_for_waiting_work, granting.id, body)
    return await granting.created(
        queries.RESTRICTION_GRANT, f"/v1/restriction-grants/{granting.id}"
    )


@router.get("/restriction-grants", response_model=page_of(RestrictionGrantOut))
async def list_restriction_grants(
    query: Annotated[RestrictionGrantQuery, Query()], reading: ReadingGrants
) -> Response:
    """Who was given access to which restricted record, newest first."""
    return await reading.page(queries.RESTRICTION_GRANTS, query)


@router.get("/restriction-grants/{grant_id}", response_model=RestrictionGrantOut)
async def get_restriction_grant(grant_id: Uuid, reading: ReadingGrants) -> Response:
    """One grant."""
    return await reading.document(queries.RESTRICTION_GRANT, id=grant_id)
