"""The caller's own routes (X6)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import ROLE_PERMISSIONS, Permission, Role
from qa_api.http.access import secured
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.me import queries, service
from qa_api.me.schemas import AlertsSeen, Me, SeenAlerts, SeenItem, WorkItem, WorkQuery
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1/me", tags=["me"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.SELF_READ)]
SeeingEach = Annotated[Change, secured(Change.acting, Permission.SELF_READ)]
Seeing = Annotated[Change, secured(Change.repeating, Permission.SELF_READ)]


@router.get("", response_model=Me)
async def get_me(reading: Reading) -> Response:
    """Who you are here, the roles you hold today and the teams they reach."""
    who = await reading.who()
    roles = sorted(Role(role) for role in who["roles"])
    held = {permission for role in roles for permission in ROLE_PERMISSIONS[role]}
    me = Me(
        principal_id=who["principal_id"],
        worker=who["worker"],
        system=who["system"],
        roles=roles,
        permissions=sorted(held),
        supervised_teams=sorted(who["supervised_teams"]),
        managed_teams=sorted(who["managed_teams"]),
        headed_teams=sorted(who["headed_teams"]),
    )
    return reading.computed(me, version=1)


@router.get("/work", response_model=page_of(WorkItem))
async def list_my_work(query: Annotated[WorkQuery, Query()], reading: Reading) -> Response:
    """Everything that waits for you: one list for every role you hold.

    What is to be done comes first, soonest first; what is only to be known (`told`) after it.
    """
    who = await reading.who()
    return await reading.page(queries.work_for(who["roles"], query.kind), query)


@router.post("/alerts/seen", status_code=204)
async def see_alerts(body: SeenAlerts, seeing: Seeing) -> Response:
    """Mark many alerts as seen. If one of them is not yours, none is marked."""
    await seeing.do(service.see_alerts, body.alerts)
    return Response(status_code=204)


@router.post("/alerts/seen-each", response_model=AlertsSeen)
async def see_each_alert(body: SeenAlerts, seeing: SeeingEach) -> AlertsSeen:
    """Mark many alerts as seen, each by itself: one that is not yours stops none of the others."""
    outcomes = await service.see_each_alert(seeing.work, body.alerts)
    seen = zip(body.alerts, outcomes, strict=True)
    return AlertsSeen(items=[SeenItem(alert_id=id_, outcome=outcome) for id_, outcome in seen])


@router.post("/alerts/{alert_id}/seen", status_code=204)
async def see_alert(alert_id: Uuid, seeing: Seeing) -> Response:
    """Mark an alert as seen, so that it leaves your list. It stays on record."""
    await seeing.do(service.see_alerts, [alert_id])
    return Response(status_code=204)
