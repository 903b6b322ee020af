"""The routes of themes and quarter plans (§4.4)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from qa_api.auth.roles import Permission
from qa_api.http.access import secured
from qa_api.http.computed_reads import answered, computed_read
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.writes import JSON, Change
from qa_api.planning import allocating, cases, progress, queries, redrawing, service, themes
from qa_api.planning.case_schemas import (
    AllocationIn,
    AllocationOut,
    CaseListIn,
    CaseListOut,
    CaseRedrawOut,
)
from qa_api.planning.schemas import (
    ExemptionIn,
    ExemptionOut,
    PlanContent,
    ProgressOut,
    QuarterPlanOut,
    QuarterPlanQuery,
    QuarterPlanRow,
    ThemeIn,
    ThemeOut,
    ThemeQuery,
)
from qa_api.values.fields import Code, Uuid
from qa_api.values.pages import page_of
from qa_api.work import Work

router = APIRouter(prefix="/v1", tags=["planning"], route_class=StrictRoute)

Reading = Annotated[Reader, secured(Reader.of, Permission.PLAN_READ)]
Changing = Annotated[Change, secured(Change.of, Permission.PLAN_WRITE)]
Putting = Annotated[Change, secured(Change.putting, Permission.PLAN_WRITE)]
Creating = Annotated[Change, secured(Change.creating, Permission.PLAN_WRITE)]
Following = Annotated[Work, secured(computed_read, Permission.PLAN_FOLLOW)]
Proposing = Annotated[Work, secured(computed_read, Permission.PLAN_ALLOCATE)]
Allocating = Annotated[Change, secured(Change.of, Permission.PLAN_ALLOCATE)]
Choosing = Annotated[Change, secured(Change.creating, Permission.PLAN_ALLOCATE)]
Redrawing = Annotated[Change, secured(Change.looking, Permission.PLAN_ALLOCATE)]
ReadingCases = Annotated[Reader, secured(Reader.of, Permission.PLAN_ALLOCATE)]


# --- themes ---


@router.get("/themes", response_model=page_of(ThemeOut))
async def list_themes(query: Annotated[ThemeQuery, Query()], reading: Reading) -> Response:
    """The themes of themed audits, by code."""
    return await reading.page(queries.THEMES, query)


@router.get("/themes/{code}", response_model=ThemeOut)
async def get_theme(code: Code, reading: Reading) -> Response:
    """One theme."""
    return await reading.document(queries.THEME, code=code)


@router.put("/themes/{code}", response_model=ThemeOut, responses={201: {"model": ThemeOut}})
async def put_theme(code: Code, body: ThemeIn, putting: Putting) -> Response:
    """Replace a theme (`If-Match`) or create it (`If-None-Match: *`)."""
    expected = putting.precondition
    await putting.do(themes.put_theme, code, body, expected)
    status = 201 if expected.must_not_exist else 200
    return await putting.document(queries.THEME, status=status, code=code)


@router.post("/themes/{code}/retire", response_model=ThemeOut)
async def retire_theme(code: Code, retiring: Changing) -> Response:
    """Retire a theme: no new plan can have it. Published plans keep it."""
    await retiring.do(themes.retire_theme, code, retiring.if_match)
    return await retiring.document(queries.THEME, code=code)


# --- plans ---


@router.get("/quarter-plans", response_model=page_of(QuarterPlanRow))
async def list_quarter_plans(
    query: Annotated[QuarterPlanQuery, Query()], reading: Reading
) -> Response:
    """Every version of every quarter's plan, the newest first."""
    return await reading.page(queries.QUARTER_PLANS, query)


@router.post("/quarter-plans", response_model=QuarterPlanOut, status_code=201)
async def draft_quarter_plan(body: PlanContent, creating: Creating) -> Response:
    """Begin the next version of a quarter's plan, as a draft."""
    await creating.do(service.draft_plan, creating.id, body)
    return await creating.created(queries.QUARTER_PLAN, f"/v1/quarter-plans/{creating.id}")


@router.get("/quarter-plans/{plan_id}", response_model=QuarterPlanOut)
async def get_quarter_plan(plan_id: Uuid, reading: Reading) -> Response:
    """One version of a quarter's plan."""
    return await reading.document(queries.QUARTER_PLAN, id=plan_id)


@router.put("/quarter-plans/{plan_id}", response_model=QuarterPlanOut)
async def rewrite_quarter_plan(plan_id: Uuid, body: PlanContent, rewriting: Changing) -> Response:
    """Replace what a draft says. What is published never changes."""
    return await rewriting.step(queries.QUARTER_PLAN, service.rewrite_plan, plan_id, body)


@router.post("/quarter-plans/{plan_id}/publish", response_model=QuarterPlanOut)
async def publish_quarter_plan(plan_id: Uuid, publishing: Changing) -> Response:
    """Publish a draft. It replaces the version before, and its audits are opened."""
    return await publishing.step(queries.QUARTER_PLAN, service.publish_plan, plan_id)


@router.get("/quarter-plans/{plan_id}/progress", response_model=ProgressOut)
async def get_quarter_plan_progress(
    plan_id: Uuid, request: Request, following: Following
) -> Response:
    """How far the plan has come, against what it expects; managers see their own teams."""
    found = await progress.progress_of(following, plan_id)
    return answered(request, found.number, found)


@router.post("/quarter-plans/{plan_id}/exemptions", response_model=ExemptionOut, status_code=201)
async def exempt_from_quarter_plan(
    plan_id: Uuid, body: ExemptionIn, creating: Creating
) -> Response:
    """Ask no more audits of a team or an auditor, and say why; also after publication."""
    await creating.do(service.exempt, creating.id, plan_id, body)
    location = f"/v1/quarter-plans/{plan_id}/exemptions/{creating.id}"
    return await creating.created(queries.EXEMPTION, location, plan_id=plan_id, id=creating.id)


@router.get("/quarter-plans/{plan_id}/exemptions/{exemption_id}", response_model=ExemptionOut)
async def get_quarter_plan_exemption(
    plan_id: Uuid, exemption_id: Uuid, reading: Reading
) -> Response:
    """One exemption from a plan."""
    return await reading.document(queries.EXEMPTION, plan_id=plan_id, id=exemption_id)


# --- cases and auditors ---


@router.post("/quarter-plans/{plan_id}/cases", response_model=CaseListOut, status_code=201)
async def choose_quarter_plan_cases(
    plan_id: Uuid, body: CaseListIn, choosing: Choosing
) -> Response:
    """Give a team's planned audits their cases: those named, or drawn by lot.

    They are drawn from a list, or from the team's children in a caseload, each with a known chance.
    """
    await choosing.do(cases.choose_cases, choosing.id, plan_id, body)
    location = f"/v1/quarter-plans/{plan_id}/cases/{choosing.id}"
    return await choosing.created(queries.CASE_LIST, location, plan_id=plan_id, id=choosing.id)


@router.get("/quarter-plans/{plan_id}/cases/{list_id}", response_model=CaseListOut)
async def get_quarter_plan_cases(plan_id: Uuid, list_id: Uuid, reading: ReadingCases) -> Response:
    """What was posted, left out and chosen, with all it takes to draw again."""
    return await reading.document(queries.CASE_LIST, plan_id=plan_id, id=list_id)


@router.post("/quarter-plans/{plan_id}/cases/{list_id}/redraw", response_model=CaseRedrawOut)
async def redraw_quarter_plan_cases(plan_id: Uuid, list_id: Uuid, checking: Redrawing) -> Response:
    """Repeat the draw of a list from what is kept of it, to check it. Nothing is changed."""
    found = await redrawing.redraw_cases(checking.work, plan_id, list_id)
    return Response(found.model_dump_json(), media_type=JSON)


@router.get("/quarter-plans/{plan_id}/allocation", response_model=AllocationOut)
async def get_quarter_plan_allocation(
    plan_id: Uuid, request: Request, proposing: Proposing
) -> Response:
    """Who audits what, and whom the service proposes: each choice and exclusion explained."""
    found = await allocating.allocation_of(proposing, plan_id)
    return answered(request, found.version, found)


@router.put("/quarter-plans/{plan_id}/allocation", response_model=AllocationOut)
async def allocate_quarter_plan(
    plan_id: Uuid, body: AllocationIn, request: Request, deciding: Allocating
) -> Response:
    """Name the auditors, as proposed or not. Audits that are not named stay as they are."""
    await deciding.do(allocating.allocate, plan_id, deciding.if_match, body)
    found = await allocating.allocation_of(deciding.work, plan_id)
    return answered(request, found.version, found)
