"""What the figures of a quarter that were presented were counted from, section by section.

Each report keeps it for its own quarter, and for the earlier quarters of its trend and charts of
which nothing was kept yet (ADR 67). Counts by team name no row; which rows they count is kept apart
(`BoardReportRows`), for the service alone, and is read where versions are compared.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from qa_api.board.chart_schemas import ChartOut
from qa_api.board.earlier import Origin
from qa_api.board.quarter_cells import PAIRS, QuarterCells
from qa_api.board.quarter_rows import People, QuarterRows, as_readers
from qa_api.board.row_readers import Knowing
from qa_api.models.board import COUNTED, ROWS_BEHIND, BoardReport, BoardReportRows
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Source
from qa_api.rules.monthly import ADEQUATE_ON_TIME, CHARTED, RESPONSE_TIME
from qa_api.rules.readers import Holder, Readers, posts
from qa_api.rules.rollups import Cell
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

COMPLETED: Final = f"{Source.AUDITS}/completed"
RESPONSES: Final = f"{Source.RESPONSES}/due"
_OF_CHARTS: Final = {
    one.key: RESPONSES if one in (ADEQUATE_ON_TIME, RESPONSE_TIME) else COMPLETED for one in CHARTED
}
IN_CHARTS: Final = frozenset(_OF_CHARTS.values())
"""The sections of which later reports tell in their charts."""
IN_LATER_REPORTS: Final = IN_CHARTS | {PAIRS}
"""Those of which they tell in their trend, too: beside judgements stand those of moderation."""


class Told(Unchanging):
    """A section of a quarter's figures, as a report told it."""

    cells: QuarterCells
    """What it was counted from."""
    origin: Origin
    """The report that told it so first."""
    charted: bool
    """Whether a monthly chart of it was shown."""
    rows: QuarterRows | None
    """Which rows those are; None where that was not kept, or was not asked for."""

    def marked(self, charted: bool) -> "Told":
        """The same, and whether a monthly chart of it was shown besides."""
        return replace(self, charted=self.charted or charted)

    @property
    def of_later_report(self) -> bool:
        """Whether it was told in the trend or the charts of a later quarter's report."""
        return self.origin.quarter != self.cells.quarter.label

    def known_besides(self, people: People) -> "Told":
        """The same, and who else knows which of its rows."""
        return replace(self, rows=self.rows and self.rows.known_besides(people))

    def by_readers(self, knowing: Knowing) -> Iterator[tuple[Holder, Readers, Sequence[Cell]]]:
        """Its cells, those apart that others know: by row, or where those were not asked for by who
        leads which team today."""
        if self.rows is not None:
            yield from self.rows.by_readers()
            return
        quarter = self.cells.quarter
        for holder, cells in self.cells.cells.items():
            people = as_readers(quarter, knowing.of_team(holder[0]))
            yield holder, posts(holder) | people, cells


Sections = Mapping[str, Told]
_Rows = Mapping[tuple[str, int, str, str], Any]
"""By the report, its number, the quarter and the section."""
_CHARTED: Final = "charted"
"""Beside the quarters: the sections that other reports told and of which this one shows a chart."""
_Mark = tuple[str, str, str, int]
"""A quarter, a section of it, and the report that told it so: its quarter and number."""


async def told_before(
    work: Work, quarters: Collection[FinancialQuarter], *, with_rows: bool
) -> Mapping[FinancialQuarter, Sequence[Sections]]:
    """What every report told of each of these quarters, the latest last.

    `with_rows` to compare another version with it.
    """
    kept_rows = await _rows_of(work, [one.label for one in quarters]) if with_rows else {}
    charted = await _charted_later(work)
    by_label = {quarter.label: quarter for quarter in quarters}
    found: dict[FinancialQuarter, list[Sections]] = {quarter: [] for quarter in quarters}
    counted_for = (
        select(COUNTED.counted)
        .join(BoardReport, BoardReport.id == COUNTED.id)
        .where(COUNTED.counted.has_any(literal([*by_label], ARRAY(Text))))
        .order_by(BoardReport.presented_at, BoardReport.id)
    )
    async with work.reaching_everybody():  # what leaves is what may be told
        rows = (await work.session.scalars(counted_for)).all()
    for counted in rows:
        for label, sections in counted.items():
            if quarter := by_label.get(label):
                read = {
                    name: _read(quarter, name, one, kept_rows) for name, one in sections.items()
                }
                found[quarter].append(
                    {
                        name: told.marked(_mark(quarter, name, told) in charted)
                        for name, told in read.items()
                    }
                )
    return found


async def _charted_later(work: Work) -> frozenset[_Mark]:
    """The sections of which a report showed a chart that an earlier one had told without."""
    marked = select(COUNTED.counted[_CHARTED]).where(COUNTED.counted.has_key(_CHARTED))
    async with work.reaching_everybody():  # nothing leaves but whether versions may differ
        kept = (await work.session.scalars(marked)).all()
    return frozenset((of, name, own, number) for marks in kept for of, name, own, number in marks)


def _mark(quarter: FinancialQuarter, name: str, told: Told) -> _Mark:
    return quarter.label, name, told.origin.quarter, told.origin.number


async def _rows_of(work: Work, quarters: Collection[str]) -> _Rows:
    kept = ROWS_BEHIND
    rows = (
        select(
            BoardReport.quarter.label("told_of"),
            BoardReport.number,
            kept.quarter,
            kept.section,
            kept.rows,
        )
        .join(BoardReport, BoardReport.id == kept.report_id)
        .where(kept.quarter.in_(quarters))
    )
    async with work.reaching_everybody():  # nothing leaves but whether versions may differ
        found = (await work.session.execute(rows)).all()
    return {(one.told_of, one.number, one.quarter, one.section): one.rows for one in found}


def read_told(quarter: FinancialQuarter, kept: Mapping[str, Any]) -> Sections:
    """What one report kept of a quarter, without the rows behind it."""
    return {name: _read(quarter, name, section, {}) for name, section in kept.items()}


def last_told(versions: Iterable[Sections]) -> Sections:
    """What was told last of each section."""
    return {name: told for version in versions for name, told in version.items()}


def in_later_reports(sections: Sections) -> Sections:
    """Those of them of which later reports tell."""
    return {name: told for name, told in sections.items() if name in IN_LATER_REPORTS}


def with_charts(sections: Sections, charts: Iterable[ChartOut] | None) -> Sections:
    """The same, and of which of them a chart is shown."""
    shown = {_OF_CHARTS[one.chart] for one in charts or () if not one.withheld}
    return {name: told.marked(name in shown) for name, told in sections.items()}


def charted_besides(
    told: Mapping[FinancialQuarter, Sections], charts: Iterable[ChartOut]
) -> dict[str, Any]:
    """As JSON, those of them of which these charts are the first to be shown.

    They were told before, so a mark stands for what an earlier report keeps of them.
    """
    shown = [one for one in charts if not one.withheld]
    marks = [
        _mark(quarter, name, one)
        for quarter, sections in told.items()
        for name, one in with_charts(sections, shown).items()
        if one.charted and not sections[name].charted
    ]
    return {_CHARTED: marks} if marks else {}


def kept_as_json(told: Mapping[FinancialQuarter, Sections]) -> dict[str, Any]:
    """As JSON, by quarter and section."""
    return {
        quarter.label: {name: _kept(one) for name, one in sections.items()}
        for quarter, sections in told.items()
    }


def _kept(told: Told) -> dict[str, Any]:
    return {
        "quarter": told.origin.quarter,
        "number": told.origin.number,
        "as_at": told.origin.as_at.isoformat(),
        "charted": told.charted,
        "cells": told.cells.kept(),
    }


def rows_to_keep(
    report_id: UUID, origin: Origin, told: Mapping[FinancialQuarter, Sections]
) -> list[BoardReportRows]:
    """The rows behind what a report is the first to tell."""
    return [
        BoardReportRows(
            report_id=report_id, quarter=quarter.label, section=name, rows=one.rows.kept()
        )
        for quarter, sections in told.items()
        for name, one in sections.items()
        if one.origin == origin and one.rows is not None
    ]


def _read(quarter: FinancialQuarter, name: str, kept: Mapping[str, Any], rows: _Rows) -> Told:
    origin = Origin(kept["quarter"], kept["number"], datetime.fromisoformat(kept["as_at"]))
    own = rows.get((origin.quarter, origin.number, quarter.label, name))
    return Told(
        QuarterCells.read(quarter, kept["cells"]),
        origin,
        kept["charted"],
        None if own is None else QuarterRows.read(quarter, name, own),
    )
