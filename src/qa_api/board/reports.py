"""Board reports: collated, presented and frozen, decided upon, disseminated (R4.7.2)."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import flag_modified

from qa_api import events, problems
from qa_api.auth.roles import Role
from qa_api.board.earlier import QUARTERS_OF_TREND, published_before
from qa_api.board.figure_schemas import MetricsOut
from qa_api.board.monthly_charts import charts_of
from qa_api.board.open_children import coverage_at_end, keep_coverage
from qa_api.board.quarter_figures import EVERYTHING, as_kept
from qa_api.board.queries import decision_visible_to, report_visible_to
from qa_api.board.schemas import (
    BoardDecisionDone,
    BoardDecisionIn,
    BoardReportDraft,
    BoardReportEdit,
    Dissemination,
    NarrativeOut,
    QaUpdateQuery,
    ReportedUpdateOut,
    SnapshotOut,
    TrendOut,
)
from qa_api.board.together import published_together
from qa_api.board.updates import updates_of
from qa_api.models.base import new_id
from qa_api.models.board import (
    BoardDecision,
    BoardReceipt,
    BoardReport,
    QaUpdate,
    QaUpdateSubmission,
)
from qa_api.models.directory import Worker
from qa_api.problems import InputError
from qa_api.reads.kept import with_nulls
from qa_api.rules.decision import AlreadySo
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import check_over
from qa_api.rules.states import BoardReportState
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

_ON_TIME: Final = "responses_adequate_on_time"


async def draft_report(work: Work, report_id: UUID, body: BoardReportDraft) -> None:
    """Begin the next version of a quarter's report."""
    quarter = FinancialQuarter.labelled(body.quarter)
    check_over(quarter, work.today)
    report = BoardReport(
        id=report_id,
        quarter=quarter.label,
        number=await _next_number(work, quarter),
        title=body.title,
        summary=body.summary,
        state=BoardReportState.DRAFT,
        drafted_at=work.now,
        drafted_by=work.actor.worker,
        policy_version=work.policy_version,
    )
    work.session.add(report)
    await _record_move(work, report, "drafted")


async def edit_report(
    work: Work, report_id: UUID, expected: Precondition, body: BoardReportEdit
) -> None:
    """Replace what a draft says."""
    report = await _to_change(work, report_id, expected, "edit")
    report.title, report.summary = body.title, body.summary
    await work.session.flush()


async def present_report(work: Work, report_id: UUID, expected: Precondition) -> None:
    """Present it: the updates and figures of this moment are frozen and never change again."""
    report = await _to_change(work, report_id, expected, "present")
    quarter = FinancialQuarter.labelled(report.quarter)
    report.number = await _next_number(work, quarter)
    report.presented_at, report.policy_version = work.now, work.policy_version
    snapshot = await _snapshot(work, quarter)
    coverage = await coverage_at_end(work, quarter)  # as the service, and so after all else
    report.snapshot = snapshot.model_copy(update={"coverage": coverage}).model_dump(mode="json")
    if coverage is not None:
        await keep_coverage(work, report, coverage)
    await _record_move(work, report, "presented")


async def record_decision(
    work: Work, report_id: UUID, expected: Precondition, body: BoardDecisionIn
) -> None:
    """Add what the Board decided upon a presented report."""
    report = await _to_change(work, report_id, expected, "record_decision")
    if body.owner is not None:
        await _require_known(work, [body.owner], "owner")
    work.session.add(
        BoardDecision(
            id=new_id(),
            report_id=report.id,
            decision=body.decision,
            owner=body.owner,
            due_on=body.due_on,
            recorded_at=work.now,
            recorded_by=work.actor.worker,
        )
    )
    await _record_move(work, report, "decided")


async def complete_decision(
    work: Work, decision_id: UUID, expected: Precondition, body: BoardDecisionDone
) -> None:
    """Say what was done about a decision: its owner, or Quality & Standards (R4.7.2)."""
    decision = await work.take(BoardDecision, decision_id, decision_visible_to)
    theirs = work.actor.worker is not None and decision.owner == work.actor.worker
    if not theirs and Role.QUALITY_STANDARDS not in work.actor.roles:
        raise problems.forbidden(
            "Only the owner of the decision, or Quality & Standards, can say that it is done."
        )
    if decision.done_at is not None:
        raise AlreadySo("board_decision")
    expected.check(decision.version)
    decision.done_at, decision.done_by = work.now, work.actor.worker
    decision.done_how = body.how
    await work.record(events.BoardDecisionDone(about=decision.id, report_id=decision.report_id))


async def disseminate_report(
    work: Work, report_id: UUID, expected: Precondition, body: Dissemination
) -> None:
    """Send a presented report to further people; who has it already keeps their receipt."""
    report = await _to_change(work, report_id, expected, "disseminate")
    recipients = sorted(set(body.recipients))
    await _require_known(work, recipients, "recipients")
    await work.session.execute(
        insert(BoardReceipt).on_conflict_do_nothing(),
        [
            {
                "report_id": report.id,
                "recipient": recipient,
                "disseminated_at": work.now,
                "disseminated_by": work.actor.worker,
            }
            for recipient in recipients
        ],
    )
    await _record_move(work, report, "disseminated")


async def acknowledge_receipt(work: Work, report_id: UUID, expected: Precondition) -> None:
    """A recipient says that they have the report; saying it again changes nothing."""
    report = await _to_change(work, report_id, expected, "acknowledge")
    receipt = await work.session.scalar(
        select(BoardReceipt)
        .where(BoardReceipt.report_id == report.id, BoardReceipt.recipient == work.actor.worker)
        .with_for_update()
    )
    if receipt is None:
        raise problems.forbidden("The report was not disseminated to you.")
    if receipt.received_at is None:
        receipt.received_at = work.now
        await _record_move(work, report, "received")


# --- what it says ---


async def _snapshot(work: Work, quarter: FinancialQuarter) -> SnapshotOut:
    policy = await work.policy()
    submitted = await _submitted(work, quarter)
    kept = as_kept(work)
    before = await published_before(work, quarter)
    told = await published_together(kept, quarter, submitted, before)
    return SnapshotOut(
        as_at=work.now,
        policy_version=work.policy_version,
        small_cell_minimum=policy.small_cell_minimum,
        figures=told.whole,
        charts=(await charts_of(kept, quarter, EVERYTHING, publish=True)).charts,
        trend=_marked([*await _before(kept, quarter), in_trend(told.whole)]),
        coverage=None,
        updates=await _updates(work, quarter, submitted, told.services),
    )


async def _before(work: Work, last: FinancialQuarter) -> list[TrendOut]:
    """The quarters before, oldest first: each as it was published last, else as it is now.

    So a trend tells nothing that was withheld or joined where the quarter itself was reported.
    """
    found: list[TrendOut] = []
    quarter = last
    while len(found) < QUARTERS_OF_TREND - 1:
        quarter = quarter.previous
        versions = await published_before(work, quarter)
        if versions:
            found.insert(0, versions[-1].trend)
        else:
            told = await published_together(as_kept(work), quarter)
            found.insert(0, in_trend(told.whole))
    return found


def in_trend(figures: MetricsOut) -> TrendOut:
    """The part of a quarter's figures that stands in a trend."""
    return TrendOut(
        quarter=figures.quarter,
        judgements=figures.judgements,
        joined=figures.joined,
        scale_changed=False,
        responses_adequate_on_time=next(
            (figure for figure in figures.figures if figure.key == _ON_TIME), None
        ),
    )


def _marked(quarters: Iterable[TrendOut]) -> list[TrendOut]:
    """The quarters, each marked where its scales are not those of the one before (R4.1.3)."""
    trend: list[TrendOut] = []
    before: set[tuple[str, int]] = set()
    for quarter in quarters:
        scales = {(scale.scale_code, scale.scale_number) for scale in quarter.judgements}
        changed = bool(before and scales and scales != before)
        trend.append(quarter.model_copy(update={"scale_changed": changed}))
        before = scales or before
    return trend


async def _submitted(work: Work, quarter: FinancialQuarter) -> dict[str, QaUpdateSubmission]:
    """What each service submitted last, where it was not returned."""
    submitted = await work.session.execute(
        select(QaUpdate.service, QaUpdateSubmission)
        .join(QaUpdateSubmission, QaUpdateSubmission.update_id == QaUpdate.id)
        .where(QaUpdate.quarter == quarter.label, QaUpdateSubmission.returned_at.is_(None))
        .order_by(QaUpdate.service)
    )
    return {row.service: row.QaUpdateSubmission for row in submitted}


async def _updates(
    work: Work,
    quarter: FinancialQuarter,
    submitted: Mapping[str, QaUpdateSubmission],
    figures: Mapping[str, MetricsOut],
) -> list[ReportedUpdateOut]:
    """Every service: its update as it stands, or that it is missing."""
    reported = []
    for row in await updates_of(work, QaUpdateQuery(quarter=quarter.label)):
        said = submitted.get(row.service)
        reported.append(
            ReportedUpdateOut(
                service=row.service,
                state=row.state,
                due_on=row.due_on,
                late=row.late,
                submission=said.number if said else None,
                submitted_at=said.submitted_at if said else None,
                narrative=_narrative(said) if said else None,
                figures=_without_doubts(figures[row.service]) if said else None,
            )
        )
    return reported


def _without_doubts(metrics: MetricsOut) -> MetricsOut:
    """The figures of a service as a report has them; how sure they are stands in its update."""
    return metrics.model_copy(update={"doubts": None, "beyond_chance": None})


def _narrative(said: QaUpdateSubmission) -> NarrativeOut:
    return NarrativeOut.model_validate(with_nulls(said.narrative, NarrativeOut))


# --- the rows ---


async def _to_change(
    work: Work, report_id: UUID, expected: Precondition, action: str
) -> BoardReport:
    report = await work.take(BoardReport, report_id, report_visible_to)
    report.state = next_state("board_report", report.state, action)
    expected.check(report.version)
    flag_modified(report, "state")
    return report


async def _next_number(work: Work, quarter: FinancialQuarter) -> int:
    presented = await work.session.scalar(
        select(func.count()).where(
            BoardReport.quarter == quarter.label,
            BoardReport.state == BoardReportState.PRESENTED,
        )
    )
    return (presented or 0) + 1


async def _require_known(work: Work, codes: list[str], field: str) -> None:
    known = set(await work.session.scalars(select(Worker.code).where(Worker.code.in_(codes))))
    if not known.issuperset(codes):
        detail = "There is no worker of one of these codes."
        raise problems.validation([InputError.at([field], "unknown", detail)])


async def _record_move(work: Work, report: BoardReport, what: str) -> None:
    await work.record(
        events.BoardReportMoved(
            about=report.id, quarter=report.quarter, number=report.number, what=what
        )
    )
