"""What a report of the Board says: collated at one instant, then frozen (R4.7.2, R4.7.3)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select

from qa_api.board.charts_told import charts_told, sections_of_charts
from qa_api.board.earlier import (
    QUARTERS_OF_TREND,
    Origin,
    last_presented,
    published_before,
    withheld_since,
)
from qa_api.board.figure_schemas import MetricsOut
from qa_api.board.monthly_charts import quarters_of_charts
from qa_api.board.quarter_cells import SECTIONS
from qa_api.board.quarter_figures import as_kept
from qa_api.board.row_readers import Knowing, knowing
from qa_api.board.schemas import (
    NarrativeOut,
    QaUpdateQuery,
    ReportedUpdateOut,
    SnapshotOut,
    TrendOut,
)
from qa_api.board.together import published_together
from qa_api.board.told_before import (
    Sections,
    charted_besides,
    in_later_reports,
    kept_as_json,
    rows_to_keep,
    with_charts,
)
from qa_api.board.updates import updates_of
from qa_api.models.board import BoardReport, BoardReportRows, QaUpdate, QaUpdateSubmission
from qa_api.reads.kept import with_nulls
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

_ON_TIME: Final = "responses_adequate_on_time"


class Collated(Unchanging):
    """What a report says, what its figures were counted from, as JSON, and the rows of that."""

    snapshot: SnapshotOut
    counted: dict[str, Any]
    rows: Sequence[BoardReportRows]


async def collate(work: Work, report: BoardReport) -> Collated:
    """What a report says that is presented now, and what that is counted from."""
    quarter = FinancialQuarter.labelled(report.quarter)
    policy, origin = await work.policy(), Origin(quarter.label, report.number, work.now)
    submitted, kept = await _submitted(work, quarter), as_kept(work)
    before = await published_before(work, quarter)
    known = await knowing(kept, quarters_of_charts(quarter), SECTIONS)
    told = await published_together(kept, quarter, origin, submitted, before, known)
    trend, of_trend = await _before(kept, quarter, origin, known)
    of_charts = await sections_of_charts(kept, quarter, origin, known)
    own = {quarter: told.sections} if told.sections else {}
    counted = {**of_charts.every, **of_trend, **own}
    charts = await charts_told(kept, quarter, of_charts.known(counted), last_presented(before))
    # Of its own quarter a report that repeats all of an older one keeps nothing.
    anew = {each: found for each, found in of_charts.anew.items() if each != quarter}
    anew |= {**of_trend, **own}
    snapshot = SnapshotOut(
        as_at=work.now,
        policy_version=work.policy_version,
        small_cell_minimum=policy.small_cell_minimum,
        withheld_since=withheld_since(told.whole, before, policy.small_cell_minimum),
        figures=told.whole,
        charts=charts,
        trend=_marked([*trend, in_trend(told.whole)]),
        coverage=None,
        updates=await _updates(work, quarter, submitted, told.services),
    )
    charted = {each: with_charts(sections, charts) for each, sections in anew.items()}
    others = {each: found for each, found in counted.items() if each not in {*anew, quarter}}
    kept_now = kept_as_json(charted) | charted_besides(others, charts)
    return Collated(snapshot, kept_now, rows_to_keep(report.id, origin, charted))


async def _before(
    work: Work, last: FinancialQuarter, origin: Origin, known: Knowing
) -> tuple[Sequence[TrendOut], Mapping[FinancialQuarter, Sections]]:
    """The quarters before, oldest first: each as it was published last, else as it is now.

    So a trend tells nothing that was withheld or joined where the quarter itself was reported. With
    what those were counted from that were not published yet.
    """
    found: list[TrendOut] = []
    sections: dict[FinancialQuarter, Sections] = {}
    quarter = last
    while len(found) < QUARTERS_OF_TREND - 1:
        quarter = quarter.previous
        versions = await published_before(work, quarter)
        if versions:
            found.insert(0, versions[-1].trend)
        else:
            told = await published_together(work, quarter, origin, known=known)
            found.insert(0, in_trend(told.whole))
            sections[quarter] = in_later_reports(told.sections)
    return found, sections


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
    sure = ("doubts", "beyond_chance", "after_moderation")
    return metrics.model_copy(update=dict.fromkeys(sure))


def _narrative(said: QaUpdateSubmission) -> NarrativeOut:
    return NarrativeOut.model_validate(with_nulls(said.narrative, NarrativeOut))
