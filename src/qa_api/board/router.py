"""The Board's routes: figures, updates of the services, reports (§4.7)."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from qa_api.auth.roles import Permission
from qa_api.board import queries, reports, updates
from qa_api.board.breakdown_schemas import BreakdownOut, BreakdownQuery
from qa_api.board.breaking_down import broken_down
from qa_api.board.chart_schemas import (
    ChartChangeIn,
    ChartChangeOut,
    ChartChangeQuery,
    ChartChangeWithdrawal,
    ChartsOut,
)
from qa_api.board.figure_schemas import MetricsOut, MetricsQuery
from qa_api.board.marking import mark_change, withdraw_change
from qa_api.board.page import drawn
from qa_api.board.schemas import (
    BoardDecisionDone,
    BoardDecisionIn,
    BoardDecisionQuery,
    BoardDecisionRow,
    BoardDecisionWhole,
    BoardReportDraft,
    BoardReportEdit,
    BoardReportOut,
    BoardReportQuery,
    BoardReportRow,
    Dissemination,
    Narrative,
    QaUpdateBegin,
    QaUpdateOut,
    QaUpdateQuery,
    QaUpdateReturn,
    QaUpdateRow,
)
from qa_api.board.serving import charts_for, metrics_for
from qa_api.http.accept import preferred
from qa_api.http.access import secured
from qa_api.http.computed_reads import (
    answered,
    computed_behind,
    computed_read,
    computed_report,
    listed,
)
from qa_api.http.etags import etag, is_unchanged
from qa_api.http.reads import Reader
from qa_api.http.route import StrictRoute
from qa_api.http.staff_names import names_on_page
from qa_api.http.writes import Change
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Scope
from qa_api.values.fields import Uuid
from qa_api.values.pages import page_of
from qa_api.values.periods import AskedQuarter
from qa_api.work import Work

router = APIRouter(prefix="/v1", tags=["board"], route_class=StrictRoute)

Measuring = Annotated[Work, secured(computed_behind, Permission.METRICS_READ)]
BreakingDown = Annotated[Work, secured(computed_report, Permission.METRICS_BREAK_DOWN)]
ReadingChanges = Annotated[Reader, secured(Reader.of, Permission.METRICS_READ)]
Marking = Annotated[Change, secured(Change.creating, Permission.CHART_CHANGE_MARK)]
Withdrawing = Annotated[Change, secured(Change.of, Permission.CHART_CHANGE_MARK)]
Following = Annotated[Work, secured(computed_read, Permission.QA_UPDATE_READ)]
ReadingUpdate = Annotated[Reader, secured(Reader.of, Permission.QA_UPDATE_READ)]
Beginning = Annotated[Change, secured(Change.creating, Permission.QA_UPDATE_WRITE)]
Writing = Annotated[Change, secured(Change.of, Permission.QA_UPDATE_WRITE)]
Returning = Annotated[Change, secured(Change.of, Permission.QA_UPDATE_RETURN)]
Reading = Annotated[Reader, secured(Reader.of, Permission.BOARD_REPORT_READ)]
Drafting = Annotated[Change, secured(Change.creating, Permission.BOARD_REPORT_WRITE)]
Collating = Annotated[Change, secured(Change.of, Permission.BOARD_REPORT_WRITE)]
Completing = Annotated[Change, secured(Change.of, Permission.BOARD_DECISION_COMPLETE)]
Receiving = Annotated[Change, secured(Change.of, Permission.BOARD_REPORT_ACKNOWLEDGE)]

JSON: Final = "application/json"
HTML: Final = "text/html"
_BOTH_FORMS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {HTML: {"schema": {"type": "string", "maxLength": 10_000_000}}}}
}
_PAGE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"


@router.get("/reporting/metrics/{quarter}", response_model=MetricsOut)
async def get_metrics(
    quarter: AskedQuarter,
    query: Annotated[MetricsQuery, Query()],
    request: Request,
    measuring: Measuring,
) -> Response:
    """The Board's figures of a quarter as at now, over the rows that you may see.

    Each part of each figure links to the list that shows exactly the rows it counts. Without
    `metrics:break_down` you read those of the whole authority, with small cells withheld: once the
    quarter was presented, as the latest version of its report says them.
    """
    scope = Scope(team=query.team, service=query.service, type=query.type)
    found = await metrics_for(measuring, FinancialQuarter.labelled(quarter), scope)
    return answered(request, 1, found, measuring.as_at)


@router.get("/reporting/metrics/{quarter}/breakdown", response_model=BreakdownOut)
async def get_metrics_breakdown(
    quarter: AskedQuarter,
    query: Annotated[BreakdownQuery, Query()],
    request: Request,
    breaking_down: BreakingDown,
) -> Response:
    """The figures of a quarter side by side: by team, service or audit type, or over quarters.

    The same figures over the same rows as in the whole, so that their counts add up.
    """
    return answered(
        request, 1, await broken_down(breaking_down, FinancialQuarter.labelled(quarter), query)
    )


@router.get("/reporting/metrics/{quarter}/charts", response_model=ChartsOut)
async def get_metrics_charts(
    quarter: AskedQuarter,
    query: Annotated[MetricsQuery, Query()],
    request: Request,
    measuring: Measuring,
) -> Response:
    """Figures month by month as control charts up to the end of a quarter: a trend or chance.

    'Rose' and 'fell' are said only where a rule fires. Without `metrics:break_down` you read those
    of the whole authority, and none of which a month has few.
    """
    scope = Scope(team=query.team, service=query.service, type=query.type)
    found = await charts_for(measuring, FinancialQuarter.labelled(quarter), scope)
    return answered(request, 1, found, measuring.as_at)


# --- changes marked in charts ---


@router.get("/chart-changes", response_model=page_of(ChartChangeOut))
async def list_chart_changes(
    query: Annotated[ChartChangeQuery, Query()], reading: ReadingChanges
) -> Response:
    """The changes that were marked in control charts, each with why; the latest month first."""
    return await reading.page(queries.CHART_CHANGES, query)


@router.post("/chart-changes", response_model=ChartChangeOut, status_code=201)
async def mark_chart_change(body: ChartChangeIn, change: Marking) -> Response:
    """Mark a change in a control chart: from its month on it has new limits. Say what was changed.

    It stands until it is withdrawn: what was said of the months before is not said anew.
    """
    await change.do(mark_change, change.id, body)
    return await change.created(queries.CHART_CHANGE, f"/v1/chart-changes/{change.id}")


@router.get("/chart-changes/{change_id}", response_model=ChartChangeOut)
async def get_chart_change(change_id: Uuid, reading: ReadingChanges) -> Response:
    """One change that was marked in a control chart."""
    return await reading.document(queries.CHART_CHANGE, id=change_id)


@router.post("/chart-changes/{change_id}/withdraw", response_model=ChartChangeOut)
async def withdraw_chart_change(
    change_id: Uuid, body: ChartChangeWithdrawal, withdrawing: Withdrawing
) -> Response:
    """Say that it was marked by mistake. It can still be read, and no chart follows it.

    Reports that were presented keep what they showed; its month can be marked again.
    """
    return await withdrawing.step(queries.CHART_CHANGE, withdraw_change, change_id, body)


# --- updates ---


@router.get("/qa-updates", response_model=page_of(QaUpdateRow))
async def list_qa_updates(
    query: Annotated[QaUpdateQuery, Query()], request: Request, following: Following
) -> Response:
    """Where each service stands with its update about a quarter: missing and late ones too."""
    rows = await updates.updates_of(following, query)
    return listed(request, "qa-updates", query, rows, lambda row: row.service)


@router.post("/qa-updates", response_model=QaUpdateOut, status_code=201)
async def begin_qa_update(body: QaUpdateBegin, change: Beginning) -> Response:
    """Begin the update of a service that you head, with its figures filled in."""
    await change.do(updates.begin_update, change.id, body)
    return await change.created(queries.UPDATE, f"/v1/qa-updates/{change.id}")


@router.get("/qa-updates/{update_id}", response_model=QaUpdateOut)
async def get_qa_update(update_id: Uuid, reading: ReadingUpdate) -> Response:
    """One update with everything that was ever submitted."""
    return await reading.document(queries.UPDATE, id=update_id)


@router.put("/qa-updates/{update_id}", response_model=QaUpdateOut)
async def write_qa_update(update_id: Uuid, body: Narrative, change: Writing) -> Response:
    """Replace the narrative."""
    return await change.step(queries.UPDATE, updates.write_narrative, update_id, body)


@router.post("/qa-updates/{update_id}/submit", response_model=QaUpdateOut)
async def submit_qa_update(update_id: Uuid, change: Writing) -> Response:
    """Submit it: the figures are computed once more and then never change."""
    return await change.step(queries.UPDATE, updates.submit_update, update_id)


@router.post("/qa-updates/{update_id}/return", response_model=QaUpdateOut)
async def return_qa_update(update_id: Uuid, body: QaUpdateReturn, change: Returning) -> Response:
    """Send it back with reasons; the submission is kept."""
    return await change.step(queries.UPDATE, updates.return_update, update_id, body)


# --- reports ---


@router.get("/board-reports", response_model=page_of(BoardReportRow))
async def list_board_reports(
    query: Annotated[BoardReportQuery, Query()], reading: Reading
) -> Response:
    """The reports that you may see, every version, the newest first."""
    return await reading.page(queries.REPORTS, query)


@router.post("/board-reports", response_model=BoardReportOut, status_code=201)
async def draft_board_report(body: BoardReportDraft, change: Drafting) -> Response:
    """Begin the next version of a quarter's report."""
    await change.do(reports.draft_report, change.id, body)
    return await change.created(queries.REPORT, f"/v1/board-reports/{change.id}")


@router.get("/board-reports/{report_id}", response_model=BoardReportOut, responses=_BOTH_FORMS)
async def get_board_report(report_id: Uuid, request: Request, reading: Reading) -> Response:
    """One report: as JSON, or with `Accept: text/html` as one page that can be printed."""
    form = preferred(request.headers.get("accept"), (JSON, HTML))
    answer = await reading.document(queries.REPORT, id=report_id)
    answer.headers["Vary"] = "Accept"
    if form == JSON or answer.status_code != 200:
        return answer
    found = drawn(bytes(answer.body))
    body = found.page(await names_on_page(reading, found.staff))
    tag = etag(found.report.version, body)
    headers = {"ETag": tag, "Vary": "Accept", "Content-Security-Policy": _PAGE_POLICY}
    if is_unchanged(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=HTML, headers=headers)


@router.put("/board-reports/{report_id}", response_model=BoardReportOut)
async def edit_board_report(report_id: Uuid, body: BoardReportEdit, change: Collating) -> Response:
    """Replace what a draft says. What was presented never changes."""
    return await change.step(queries.REPORT, reports.edit_report, report_id, body)


@router.post("/board-reports/{report_id}/present", response_model=BoardReportOut)
async def present_board_report(report_id: Uuid, change: Collating) -> Response:
    """Collate the updates and figures as they are now, and freeze them.

    What changed by too few since an earlier version is repeated as that presented it: `stands` says
    so, since the difference of two versions would tell of single audits.
    """
    return await change.step(queries.REPORT, reports.present_report, report_id)


@router.post("/board-reports/{report_id}/decisions", response_model=BoardReportOut)
async def record_board_decision(
    report_id: Uuid, body: BoardDecisionIn, change: Collating
) -> Response:
    """Record what the Board decided upon the report."""
    return await change.step(queries.REPORT, reports.record_decision, report_id, body)


@router.post("/board-reports/{report_id}/disseminate", response_model=BoardReportOut)
async def disseminate_board_report(
    report_id: Uuid, body: Dissemination, change: Collating
) -> Response:
    """Send a presented report to people, who can read it from now on."""
    return await change.step(queries.REPORT, reports.disseminate_report, report_id, body)


@router.post("/board-reports/{report_id}/receipts", response_model=BoardReportOut)
async def acknowledge_board_report(report_id: Uuid, change: Receiving) -> Response:
    """Say that you have the report that was disseminated to you."""
    return await change.step(queries.REPORT, reports.acknowledge_receipt, report_id)


# --- decisions ---


@router.get("/board-decisions", response_model=page_of(BoardDecisionRow))
async def list_board_decisions(
    query: Annotated[BoardDecisionQuery, Query()], reading: Reading
) -> Response:
    """The decisions of the Board upon reports that you may see, and those that are yours."""
    return await reading.page(queries.DECISIONS, query)


@router.get("/board-decisions/{decision_id}", response_model=BoardDecisionWhole)
async def get_board_decision(decision_id: Uuid, reading: Reading) -> Response:
    """One decision of the Board: for its owner, and for whoever may see the report."""
    return await reading.document(queries.DECISION, id=decision_id)


@router.post("/board-decisions/{decision_id}/complete", response_model=BoardDecisionWhole)
async def complete_board_decision(
    decision_id: Uuid, body: BoardDecisionDone, completing: Completing
) -> Response:
    """Say what was done about a decision. Its owner or Quality & Standards can."""
    return await completing.step(queries.DECISION, reports.complete_decision, decision_id, body)
