"""Board reports: collated, presented and frozen, decided upon, disseminated (R4.7.2)."""

from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import flag_modified

from qa_api import events, problems
from qa_api.auth.roles import Role
from qa_api.board.collating import collate
from qa_api.board.open_children import coverage_at_end, keep_coverage
from qa_api.board.queries import decision_visible_to, report_visible_to
from qa_api.board.schemas import (
    BoardDecisionDone,
    BoardDecisionIn,
    BoardReportDraft,
    BoardReportEdit,
    Dissemination,
)
from qa_api.models.base import new_id
from qa_api.models.board import (
    BoardDecision,
    BoardReceipt,
    BoardReport,
)
from qa_api.models.directory import Worker
from qa_api.problems import InputError
from qa_api.rules.decision import AlreadySo
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import check_over
from qa_api.rules.states import BoardReportState
from qa_api.rules.transitions import next_state
from qa_api.values.preconditions import Precondition
from qa_api.work import Work

_ONE_AFTER_THE_OTHER: Final = select(
    func.pg_advisory_xact_lock(func.hashtextextended("board reports", 0))
)
"""A report that is presented sees all that others told: its trend tells of their quarters, too."""

_UNDER_WAY: Final = (
    "Another version of the report on this quarter is being presented at this moment. Yours is"
    " still a draft. Look in a minute whether the other one was presented. If it was, read it"
    " first, and present yours as the next version if it is still needed. If it was not, present"
    " yours again."
)


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
    await _take_turn(work, quarter)
    collated = await collate(work, report)
    coverage = await coverage_at_end(work, quarter)  # as the service, and so after all else
    snapshot = collated.snapshot.model_copy(update={"coverage": coverage})
    report.snapshot, report.counted = snapshot.model_dump(mode="json"), collated.counted
    work.session.add_all(collated.rows)
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


# --- the rows ---


async def _take_turn(work: Work, quarter: FinancialQuarter) -> None:
    """One presentation after the other. Raises 409 while another of the same quarter is under way:
    its caller would wait for longer than a lock is waited for, and be refused in the end. Whether
    the other one succeeds nobody knows yet."""
    name = f"board reports of {quarter.label}"
    ours = func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0))
    if not await work.session.scalar(select(ours)):
        raise problems.conflicting_data(_UNDER_WAY)
    await work.session.execute(_ONE_AFTER_THE_OTHER)


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
