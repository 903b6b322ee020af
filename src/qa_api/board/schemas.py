"""What goes into and comes out of the Board's updates and reports."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, JsonValue

from qa_api.board.chart_schemas import ChartOut
from qa_api.board.figure_schemas import JoinedJudgementsOut as Joined
from qa_api.board.figure_schemas import MetricOut, MetricsOut, ScaleJudgementsOut
from qa_api.caseloads.figures_schemas import CoverageOut
from qa_api.moderation.agreement_schemas import Sentence
from qa_api.rules.states import BoardReportState, QaUpdateState
from qa_api.values.explanations import ExplanationOut
from qa_api.values.fields import (
    Choice,
    Code,
    Count,
    Few,
    Input,
    Instant,
    IsoDate,
    Key,
    LongText,
    Many,
    Output,
    QueryFlag,
    ShortText,
    Uuid,
    Version,
)
from qa_api.values.pages import PageQuery
from qa_api.values.periods import AskedQuarter, Quarter
from qa_api.values.text import Formed

UpdateStanding = Annotated[
    str,
    Formed(
        r"^(missing|draft|submitted|returned)$", "`missing`, `draft`, `submitted` or `returned`.", 9
    ),
]

# --- updates ---


class Narrative(Input):
    """What the head of service says about the quarter (R4.7.1)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "activity": "Two themed audits in each team; one team was exempt.",
                    "learning": "Visits are recorded, the child's own words seldom.",
                    "good_practice": "Direct work with young carers in one team.",
                    "changes_made": "Supervision asks for the child's words in every case.",
                    "evidence_of_impact": "Re-audits of four cases show their voice.",
                    "risks": "Two posts are vacant.",
                    "next_quarter": "Audits of closures; observation of every new worker.",
                }
            ]
        }
    )

    activity: LongText | None = None
    learning: LongText | None = None
    good_practice: LongText | None = None
    changes_made: LongText | None = None
    evidence_of_impact: LongText | None = None
    risks: LongText | None = None
    next_quarter: LongText | None = None


class NarrativeOut(Output):
    """The narrative of an update, as it was when it was submitted."""

    activity: LongText | None
    learning: LongText | None
    good_practice: LongText | None
    changes_made: LongText | None
    evidence_of_impact: LongText | None
    risks: LongText | None
    next_quarter: LongText | None


class QaUpdateBegin(Input):
    """Which service and which quarter; the one that ended last, if it is left out."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"service": "fast", "quarter": "2026-27 Q2"}]}
    )

    service: Code
    quarter: AskedQuarter | None = None


class QaUpdateReturn(Input):
    """Why an update goes back to the head of service."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reasons": "Say what changed for children."}]}
    )

    reasons: LongText


class QaUpdateSubmissionOut(Output):
    """An update as it was once submitted, and why it was returned if it was."""

    number: Version
    submitted_at: Instant
    submitted_by: Code | None
    narrative: NarrativeOut
    figures: MetricsOut
    returned_at: Instant | None
    returned_by: Code | None
    return_reasons: LongText | None


class QaUpdateOut(NarrativeOut):
    """A service's update about one quarter, with every submission there was."""

    id: Uuid
    version: Version
    service: Code
    quarter: Quarter
    state: QaUpdateState
    due_on: IsoDate | None
    late: bool
    calendar_unknown: bool
    """`due_on` lies past the end of the working calendar: it is null, the explanation says so, and
    it is counted when the calendar reaches further."""
    explanation: ExplanationOut
    policy_version: Version
    begun_at: Instant
    begun_by: Code | None
    first_submitted_on: IsoDate | None
    figures: MetricsOut
    """As computed last: begun, frozen by each submission; to senior leaders of lists read whole."""
    submissions: Many[QaUpdateSubmissionOut]
    allowed_actions: Many[Key]


class QaUpdateRow(Output):
    """Where a service stands with its update about a quarter; `missing` where there is none."""

    service: Code
    quarter: Quarter
    state: UpdateStanding
    due_on: IsoDate | None
    late: bool
    calendar_unknown: bool
    """`due_on` is null: it lies past the end of the working calendar. What has no date is not late.
    """
    update_id: Uuid | None
    first_submitted_on: IsoDate | None


class QaUpdateQuery(PageQuery):
    """The quarter that the updates are about, by default the one that ended last."""

    quarter: AskedQuarter | None = None
    """The quarter of the financial year, like `2026-27 Q1`; the one that ended last if it is left
    out.
    """
    service: Code | None = None
    """Only of this service, by code."""
    late: QueryFlag | None = None
    """`true`: only what came after it was due; `false`: only what did not."""


# --- reports ---


class BoardReportDraft(Input):
    """The quarter that the report is about, and what Quality & Standards says of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "quarter": "2026-27 Q2",
                    "title": "Quality assurance, July to September 2026",
                    "summary": "More families were spoken with; responses came sooner.",
                }
            ]
        }
    )

    quarter: AskedQuarter
    title: ShortText
    summary: LongText | None = None


class BoardReportEdit(Input):
    """What a draft says, as a whole."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Quality assurance, July to September 2026",
                    "summary": "More families were spoken with; two services answer late.",
                }
            ]
        }
    )

    title: ShortText
    summary: LongText | None = None


class TrendOut(Output):
    """The judgements of one quarter, as they were published last, and whether its scale changed."""

    quarter: Quarter
    judgements: Few[ScaleJudgementsOut]
    joined: Many[Joined] | None
    """Judgements published as one number. Null in what was presented before it."""
    scale_changed: bool
    """Across such a mark nothing is compared: scales are never converted (R4.1.3)."""
    responses_adequate_on_time: MetricOut | None


class ReportedUpdateOut(Output):
    """The update of a service as it stood when the report was presented, or that it was missing."""

    service: Code
    state: UpdateStanding
    due_on: IsoDate | None
    """The day by which it was due, in London; null where the working calendar did not reach it."""
    late: bool
    submission: Version | None
    submitted_at: Instant | None
    narrative: NarrativeOut | None
    figures: MetricsOut | None
    """As at the report; those that were submitted stand in the update."""


class SnapshotOut(Output):
    """Everything a presented report says. It never changes; a new version may say otherwise."""

    as_at: Instant
    policy_version: Version
    small_cell_minimum: Count
    """How many rows a figure is over, also without those that two readers know."""
    withheld_since: Sentence | None
    """Why figures are withheld that an earlier version told; null where there are none."""
    figures: MetricsOut
    charts: Few[ChartOut] | None
    """Control charts: 'rose' and 'fell' are said where a rule fires. Null before there were any."""
    trend: Few[TrendOut]
    coverage: CoverageOut | None
    """From the caseload nearest to the quarter's end, within two weeks of it; null without one."""
    updates: Many[ReportedUpdateOut]


class BoardDecisionIn(Input):
    """What the Board decided, who sees to it and by when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "decision": "Closure audits in every team before the summer.",
                    "owner": "hos-fast",
                    "due_on": "2027-03-31",
                }
            ]
        }
    )

    decision: LongText
    owner: Code | None = None
    due_on: IsoDate | None = None


class BoardDecisionOut(Output):
    """A decision of the Board upon a report."""

    id: Uuid
    decision: LongText
    owner: Code | None
    due_on: IsoDate | None
    recorded_at: Instant
    recorded_by: Code | None
    done_at: Instant | None
    done_by: Code | None
    done_how: LongText | None


_DECISION: Final[dict[str, JsonValue]] = {
    "id": "0199d1f0-7c1b-7000-8000-0000000000d1",
    "decision": "Closure audits in every team before the summer.",
    "owner": "hos-fast",
    "due_on": "2027-03-31",
    "recorded_at": "2026-11-23T09:30:00Z",
    "recorded_by": "qs-1",
    "done_at": None,
    "done_by": None,
    "done_how": None,
    "report_id": "0199d1f0-7c1b-7000-8000-0000000000d0",
    "quarter": "2026-27 Q2",
    "overdue": False,
    "version": 1,
}


class BoardDecisionRow(BoardDecisionOut):
    """A decision of the Board in a list, with the report that it was made upon."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DECISION]})

    report_id: Uuid
    quarter: Quarter
    overdue: bool
    version: Version


class BoardDecisionWhole(BoardDecisionRow):
    """One decision of the Board; its owner has it in their work until it is done."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_DECISION, "allowed_actions": ["complete"]}]}
    )

    allowed_actions: Few[Key]


class BoardDecisionQuery(PageQuery):
    """The filters of the list of decisions."""

    owner: Code | None = None
    """Only what this person is to see to, by worker code."""
    done: QueryFlag | None = None
    """`true`: only what has been done; `false`: only what has not."""
    overdue: QueryFlag | None = None
    """`true`: only what is overdue today; `false`: only what is not."""


class BoardDecisionDone(Input):
    """What was done about a decision of the Board."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"how": "Every team has had one; two were late."}]}
    )

    how: LongText


class Dissemination(Input):
    """The workers who are sent a presented report, by code; whoever has it already keeps it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"recipients": ["slt-1", "hos-fast"]}]}
    )

    recipients: Annotated[list[Code], Field(min_length=1, max_length=500)]


class BoardReceiptOut(Output):
    """A worker who was sent the report, and when they said that they have it."""

    recipient: Code
    disseminated_at: Instant
    disseminated_by: Code | None
    received_at: Instant | None


class BoardReportRow(Output):
    """One version of a quarter's report, without what it says."""

    id: Uuid
    version: Version
    quarter: Quarter
    number: Version
    title: ShortText
    state: BoardReportState
    drafted_at: Instant
    presented_at: Instant | None


class BoardReportOut(BoardReportRow):
    """A report; what it says is there once it was presented."""

    summary: LongText | None
    policy_version: Version
    snapshot: SnapshotOut | None
    decisions: Many[BoardDecisionOut]
    receipts: Many[BoardReceiptOut]
    """For Quality & Standards and senior leaders; empty for everybody else."""
    allowed_actions: Many[Key]


class BoardReportQuery(PageQuery):
    """The filters of the list of board reports."""

    quarter: AskedQuarter | None = None
    """Only of this quarter of the financial year, like `2026-27 Q1`."""
    state: Choice[BoardReportState] | None = None
    """Only in this state."""
