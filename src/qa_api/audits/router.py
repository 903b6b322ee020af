"""The audit routes (§4.1)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.audits import queries, service
from qa_api.audits.schemas import AuditOut, AuditPlan, AuditQuery, AuditRow
from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.changing import Change
from qa_api.http.fields import Page, Uuid
from qa_api.http.reading import Reader
from qa_api.http.route import StrictRoute

router = APIRouter(prefix="/v1/audits", tags=["audits"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.AUDIT_READ)]
Planning = Annotated[Change, secured(Change.creating, Permission.AUDIT_PLAN)]


@router.get("", response_model=Page[AuditRow])
async def list_audits(query: Annotated[AuditQuery, Query()], reading: Reading) -> Response:
    """The audits that you may know of, newest first."""
    return await reading.page(queries.AUDITS, query)


@router.get("/{audit_id}", response_model=AuditOut)
async def get_audit(audit_id: Uuid, reading: Reading) -> Response:
    """One audit, as far as you may see it."""
    return await reading.document(queries.AUDIT, id=audit_id)


@router.post("", response_model=AuditOut, status_code=201)
async def plan_audit(body: AuditPlan, planning: Planning) -> Response:
    """Open an audit. With answers or actions recorded elsewhere it begins at once."""
    await planning.do(service.plan_audit, planning.id, body)
    return await planning.created(queries.AUDIT, f"/v1/audits/{planning.id}")
