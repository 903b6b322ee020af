"""The routes of the catalogue: audit types, audit tools, judgement scales (§3, §4.1)."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from qa_api.auth.roles import Permission
from qa_api.catalogue import audit_types, queries, service
from qa_api.catalogue.schemas import (
    AuditTypeIn,
    AuditTypeOut,
    AuditTypeQuery,
    NewScale,
    ScaleOut,
    ScaleQuery,
    ToolContent,
    ToolDraft,
    ToolOut,
    ToolQuery,
    ToolRow,
)
from qa_api.http.access import secured
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import Change
from qa_api.values.fields import Code, QueryCount, Uuid
from qa_api.values.pages import page_of

router = APIRouter(prefix="/v1", tags=["catalogue"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.CATALOGUE_READ)]
Changing = Annotated[Change, secured(Change.of, Permission.CATALOGUE_WRITE)]
Putting = Annotated[Change, secured(Change.putting, Permission.CATALOGUE_WRITE)]
Creating = Annotated[Change, secured(Change.creating, Permission.CATALOGUE_WRITE)]


# --- audit types ---


@router.get("/audit-types", response_model=page_of(AuditTypeOut))
async def list_audit_types(query: Annotated[AuditTypeQuery, Query()], reading: Reading) -> Response:
    """The kinds of audit that the authority carries out, by code."""
    return await reading.page(queries.AUDIT_TYPES, query)


@router.get("/audit-types/{code}", response_model=AuditTypeOut)
async def get_audit_type(code: Code, reading: Reading) -> Response:
    """One kind of audit."""
    return await reading.document(queries.AUDIT_TYPE, code=code)


@router.put(
    "/audit-types/{code}", response_model=AuditTypeOut, responses={201: {"model": AuditTypeOut}}
)
async def put_audit_type(code: Code, body: AuditTypeIn, putting: Putting) -> Response:
    """Replace a kind of audit (`If-Match`) or create it (`If-None-Match: *`)."""
    expected = putting.precondition
    await putting.do(audit_types.put_audit_type, code, body, expected)
    status = 201 if expected.must_not_exist else 200
    return await putting.document(queries.AUDIT_TYPE, status=status, code=code)


# --- audit tools ---


@router.get("/audit-tools", response_model=page_of(ToolRow))
async def list_audit_tools(query: Annotated[ToolQuery, Query()], reading: Reading) -> Response:
    """Every version of every tool, by code and number."""
    return await reading.page(queries.AUDIT_TOOLS, query)


@router.post("/audit-tools", response_model=ToolOut, status_code=201)
async def create_audit_tool(body: ToolDraft, creating: Creating) -> Response:
    """Begin the next version of a tool, as a draft."""
    await creating.do(service.create_tool, creating.id, body)
    return await creating.created(queries.AUDIT_TOOL, f"/v1/audit-tools/{creating.id}")


@router.get("/audit-tools/{tool_id}", response_model=ToolOut)
async def get_audit_tool(tool_id: Uuid, reading: Reading) -> Response:
    """One version of a tool with its domains and questions."""
    return await reading.document(queries.AUDIT_TOOL, id=tool_id)


@router.put("/audit-tools/{tool_id}", response_model=ToolOut)
async def rewrite_audit_tool(tool_id: Uuid, body: ToolContent, rewriting: Changing) -> Response:
    """Replace what a draft says."""
    return await rewriting.step(queries.AUDIT_TOOL, service.rewrite_tool, tool_id, body)


@router.post("/audit-tools/{tool_id}/publish", response_model=ToolOut)
async def publish_audit_tool(tool_id: Uuid, publishing: Changing) -> Response:
    """Publish a draft: new audits use this version, and it never changes again."""
    return await publishing.step(queries.AUDIT_TOOL, service.publish_tool, tool_id)


@router.post("/audit-tools/{tool_id}/retire", response_model=ToolOut)
async def retire_audit_tool(tool_id: Uuid, retiring: Changing) -> Response:
    """Retire this version: no new audit uses it. Audits that began with it keep it."""
    return await retiring.step(queries.AUDIT_TOOL, service.retire_tool, tool_id)


# --- judgement scales ---


@router.get("/judgement-scales", response_model=page_of(ScaleOut))
async def list_judgement_scales(
    query: Annotated[ScaleQuery, Query()], reading: Reading
) -> Response:
    """Every number of every scale, by code and number. Scales are never mixed."""
    return await reading.page(queries.SCALES, query)


@router.get("/judgement-scales/{code}/{number}", response_model=ScaleOut)
async def get_judgement_scale(code: Code, number: QueryCount, reading: Reading) -> Response:
    """One number of a scale, the best judgement first."""
    return await reading.document(queries.SCALE, code=code, number=number)


@router.post("/judgement-scales", response_model=ScaleOut, status_code=201)
async def create_judgement_scale(body: NewScale, creating: Creating) -> Response:
    """Make the next number of a scale; the ones before stay as they are."""
    await creating.do(service.create_scale, body, creating.id)
    number = await service.scale_made_as(creating.work, creating.id)
    location = f"/v1/judgement-scales/{body.code}/{number}"
    return await creating.created(queries.SCALE, location, code=body.code, number=number)
