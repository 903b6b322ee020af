"""Reading updates and board reports: who may see which (R4.7.1, R4.7.2)."""

from typing import Any, Final

import orjson
from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB, JSONPATH

from qa_api.auth.actor import Me
from qa_api.auth.duty import headed_by_somebody
from qa_api.auth.reach import allowed_actions, senior, whole_authority
from qa_api.auth.reasons.practice import BOARD_DECISIONS as BOARD_DECISIONS_SEEN
from qa_api.auth.reasons.practice import BOARD_REPORTS as BOARD_REPORTS_SEEN
from qa_api.auth.reasons.practice import QA_UPDATES as QA_UPDATES_SEEN
from qa_api.auth.reasons.practice import headed, sent_to
from qa_api.board.chart_schemas import ChartChangeOut
from qa_api.board.figure_schemas import MetricsOut
from qa_api.board.schemas import (
    BoardDecisionRow,
    BoardDecisionWhole,
    BoardReceiptOut,
    BoardReportOut,
    BoardReportRow,
    QaUpdateOut,
    QaUpdateSubmissionOut,
    SnapshotOut,
    TrendOut,
)
from qa_api.models.aliases import aliased
from qa_api.models.board import (
    BoardDecision,
    BoardReceipt,
    BoardReport,
    ChartChange,
    QaUpdate,
    QaUpdateSubmission,
)
from qa_api.models.inner import value_of
from qa_api.reads.documents import Document
from qa_api.reads.expressions import soonest_due
from qa_api.reads.filters import equals, flag, is_set
from qa_api.reads.kept import completed, has_every_field, nulls
from qa_api.reads.listings import Listing
from qa_api.reads.shapes import Expression, Shape


def speaks_for(service: Any, me: Me) -> ColumnElement[bool]:
    """Whether they head the service; if nobody does today, whether they are of Q&S."""
    vacant = and_(whole_authority(me), not_(headed_by_somebody(service)))
    return or_(headed(service, me), vacant)


def _of_speaker(row: Any, me: Me) -> ColumnElement[Any]:
    speaks = speaks_for(row.service, me)
    return allowed_actions(row, me.roles, {"edit": speaks, "submit": speaks})


def update_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Heads see the updates of their services, Q&S see all, senior leaders those submitted."""
    return QA_UPDATES_SEEN.hold(row, me)


def service_visible_to(service: Any, me: Me) -> ColumnElement[bool]:
    """Of which services the caller may know whether their update is there."""
    return or_(whole_authority(me), senior(me), headed(service, me))


def report_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Q&S sees drafts; leaders what was presented, everybody else what was sent to them."""
    return BOARD_REPORTS_SEEN.hold(row, me)


def decision_visible_to(row: Any, me: Me) -> ColumnElement[bool]:
    """Whoever sees the report, and who is to see to the decision."""
    return BOARD_DECISIONS_SEEN.hold(row, me)


def _receipts_shown(_: Any, me: Me) -> ColumnElement[bool]:
    return or_(whole_authority(me), senior(me))


# --- frozen figures ---

_ADDED_SINCE: Final = cast(literal(orjson.dumps(nulls(SnapshotOut)).decode(), Text), JSONB)
"""What reports did not say at first, null in those that were presented before."""


def _snapshot(row: Any, me: Me) -> ColumnElement[Any]:
    """What was presented. One release wrote all of it, so of figures one sees what it lacks."""
    kept = row.snapshot
    is_of_today = and_(
        has_every_field(kept, SnapshotOut),
        has_every_field(kept["figures"], MetricsOut),
        has_every_field(kept["trend"][0], TrendOut),
    )
    return case((is_of_today, kept), else_=_completed_snapshot(row, me))


def _completed_snapshot(row: Any, _: Me) -> ColumnElement[Any]:
    said = func.jsonb_array_elements(row.snapshot["updates"], type_=JSONB).column_valued("said")
    figures = func.jsonb_build_object(
        "figures", completed(said["figures"], MetricsOut), type_=JSONB
    )
    listed = func.jsonb_agg(said.concat(figures), type_=JSONB)
    updates = select(func.coalesce(listed, func.jsonb_build_array()))
    parts = func.jsonb_build_object(
        "figures",
        completed(row.snapshot["figures"], MetricsOut),
        "trend",
        completed(row.snapshot["trend"], list[TrendOut]),
        "updates",
        updates.scalar_subquery(),
        type_=JSONB,
    )
    # Null as a whole in a draft.
    whole: ColumnElement[Any] = _ADDED_SINCE.concat(row.snapshot).concat(parts)
    return whole


# --- the figures of an update ---

_OF_LISTS_READ: Final = (
    '$[*] ? (!(@.%s starts with "/v1/escalations" || @.%s starts with "/v1/audits?due"))'
)
"""Those over lists of which a senior leader reads every row: of audits the completed ones."""


def _of_service(kept: Any, service: Any, me: Me) -> ColumnElement[Any]:
    """The figures of an update, which are hidden singly: over lists that the caller reads whole.

    Those of several services beside the authority's in the report would tell the rest (R4.7.3).
    """
    whole = completed(kept, MetricsOut)
    less = func.jsonb_build_object(
        "figures",
        _over_lists_read(kept["figures"], "denominator.rows"),
        "doubts",
        _over_lists_read(kept["doubts"], "rows"),
        "themes",
        None,
        type_=JSONB,
    )
    reads_every_row = or_(whole_authority(me), headed(service, me))
    return case((reads_every_row, whole), else_=cast(whole, JSONB).concat(less))


def _over_lists_read(each: Any, rows: str) -> ColumnElement[Any]:
    path = cast(literal(_OF_LISTS_READ % (rows, rows), Text), JSONPATH)
    listed = func.jsonb_path_query_array(each, path, type_=JSONB)
    return case((func.jsonb_typeof(each) == "array", listed), else_=each)


def _service_of(row: Any) -> ColumnElement[Any]:
    update = aliased(QaUpdate)
    return value_of(update, select(update.service).where(update.id == row.update_id))


UPDATE = Document(
    Shape(
        QaUpdateOut,
        QaUpdate,
        {
            "figures": lambda row, me: _of_service(row.figures, row.service, me),
            "submissions": Shape(
                QaUpdateSubmissionOut,
                QaUpdateSubmission,
                {"figures": lambda row, me: _of_service(row.figures, _service_of(row), me)},
            ),
            "late": lambda row, me: func.coalesce(
                func.coalesce(row.first_submitted_on, me.today) > row.due_on, literal(False)
            ),
            "calendar_unknown": lambda row, _: row.due_on.is_(None),
            "allowed_actions": _of_speaker,
        },
    ),
    visible=update_visible_to,
)

REPORT = Document(
    Shape(
        BoardReportOut,
        BoardReport,
        {
            "snapshot": _snapshot,
            "receipts": Shape(BoardReceiptOut, BoardReceipt, shown=_receipts_shown),
            "allowed_actions": lambda row, me: allowed_actions(
                row, me.roles, {"acknowledge": sent_to(row, me)}
            ),
        },
    ),
    visible=report_visible_to,
)

REPORTS = Listing(
    name="board-reports",
    shape=Shape(BoardReportRow, BoardReport),
    visible=report_visible_to,
    filters={
        "quarter": equals("quarter"),
        "state": equals("state"),
    },
    order=(
        lambda row, _: row.quarter,
        lambda row, _: row.number,
        lambda row, _: row.id,
    ),
)
"""The newest quarter first, in it the newest version."""


# --- changes marked in charts ---


def change_visible_to(_: Any, __: Me) -> ColumnElement[bool]:
    """Whoever reads figures reads where their charts have new limits, and why."""
    return literal(True)


CHART_CHANGE = Document(Shape(ChartChangeOut, ChartChange), visible=change_visible_to)

CHART_CHANGES = Listing(
    name="chart-changes",
    shape=Shape(ChartChangeOut, ChartChange),
    visible=change_visible_to,
    filters={"chart": equals("chart"), "withdrawn": is_set("withdrawn_at")},
    order=(lambda row, _: row.month, lambda row, _: row.id),
)
"""The latest month first."""


# --- decisions ---


def _quarter_of_report(row: Any, _: Me) -> ColumnElement[Any]:
    report = aliased(BoardReport)
    return value_of(report, select(report.quarter).where(report.id == row.report_id))


def _decision_overdue(row: Any, me: Me) -> ColumnElement[bool]:
    return and_(row.done_at.is_(None), func.coalesce(row.due_on < me.today, False))


def _may_complete(row: Any, me: Me) -> ColumnElement[Any]:
    theirs = or_(row.owner == me.worker, whole_authority(me))
    return case(
        (and_(row.done_at.is_(None), theirs), func.json_build_array("complete", type_=JSON)),
        else_=func.json_build_array(type_=JSON),
    )


_DECISION: Final[dict[str, Expression]] = {
    "quarter": _quarter_of_report,
    "overdue": _decision_overdue,
}

DECISION = Document(
    Shape(BoardDecisionWhole, BoardDecision, {**_DECISION, "allowed_actions": _may_complete}),
    visible=decision_visible_to,
)

DECISIONS = Listing(
    name="board-decisions",
    shape=Shape(BoardDecisionRow, BoardDecision, _DECISION),
    visible=decision_visible_to,
    descending=False,
    order=(soonest_due, lambda row, _: row.id),
    filters={
        "owner": equals("owner"),
        "done": is_set("done_at"),
        "overdue": flag(_decision_overdue),
    },
)
"""Soonest due first, what has no date last."""
