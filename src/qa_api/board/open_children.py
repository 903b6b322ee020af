"""Who of the open children was looked at, as a report of the Board tells it (R4.4.4, R4.7.3)."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import select

from qa_api.caseloads.figures_schemas import CoverageOut, CoveredOut
from qa_api.caseloads.shown import read_coverage
from qa_api.caseloads.telling import figures_of, told_nearest
from qa_api.models.base import new_id
from qa_api.models.board import BoardCaseload, BoardCoverage, BoardReport
from qa_api.models.caseloads import Caseload
from qa_api.rules.local_time import FinancialQuarter
from qa_api.work import Work

AUTHORITY: Final = "authority"
"""Of what the whole is a part, beside `team`, `status` and the like."""


async def coverage_at_end(work: Work, quarter: FinancialQuarter) -> CoverageOut | None:
    """The coverage of the day nearest to the end of a quarter, as it was told to senior leaders.

    A later version of the report says what the first one said: two of a few children apart would
    tell of them. None where no caseload is near. Acts as the service from here on.
    """
    await work.act_as_service()
    presented = await work.session.scalars(
        select(BoardReport.snapshot)
        .where(BoardReport.quarter == quarter.label, BoardReport.snapshot.is_not(None))
        .order_by(BoardReport.presented_at, BoardReport.id)
    )
    for snapshot in presented:
        if said := (snapshot or {}).get("coverage"):
            return read_coverage(said)
    told = await told_nearest(work, quarter.ends_on)
    return None if told is None else figures_of(told)


async def keep_coverage(work: Work, report: BoardReport, said: CoverageOut) -> None:
    """Keep a presented coverage row by row for datasets, and the caseloads that it tells of."""
    caseloads = await work.session.scalars(
        select(Caseload.id).where(Caseload.taken_on == said.day).order_by(Caseload.id)
    )
    work.session.add_all(
        BoardCaseload(report_id=report.id, caseload_id=caseload) for caseload in caseloads.all()
    )
    work.session.add_all(
        BoardCoverage(
            id=new_id(),
            report_id=report.id,
            quarter=report.quarter,
            day=said.day,
            audited_from=said.audited_from,
            by=by,
            code=code,
            **_counts(covered),
        )
        for by, code, covered in _each(said)
    )


def _each(said: CoverageOut) -> Iterator[tuple[str, str | None, CoveredOut | None]]:
    yield AUTHORITY, None, said.covered
    yield from ((part.by, part.code, part.covered) for part in said.parts)


def _counts(covered: CoveredOut | None) -> dict[str, Any]:
    if covered is None:
        return {}
    bounds = covered.interval
    return {
        "children": covered.children,
        "audited": covered.audited,
        "low": bounds and bounds.low,
        "high": bounds and bounds.high,
        "enough": covered.enough,
    }
