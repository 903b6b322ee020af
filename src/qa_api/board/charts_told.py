"""Monthly charts as they are published: months that were told stand in later ones (R4.7.3)."""

from collections.abc import Mapping, Sequence
from typing import Final

from qa_api.board.chart_schemas import ChartOut
from qa_api.board.earlier import Origin, Version
from qa_api.board.monthly_charts import MOST_SHOWN, Counted, charts_of, quarters_of_charts
from qa_api.board.quarter_cells import cells_now
from qa_api.board.quarter_figures import EVERYTHING
from qa_api.board.quarter_rows import QuarterRows, people_of, rows_now
from qa_api.board.row_readers import Knowing, knowing
from qa_api.board.told_before import IN_CHARTS, Sections, Told, last_told, told_before
from qa_api.rules import monthly
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.readers import Readers
from qa_api.rules.rollups import Cell
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

_READ_BY_ROW: Final = MOST_SHOWN // 3
"""The quarters whose months a chart shows."""


class OfCharts(Unchanging):
    """What charts are drawn from, quarter by quarter."""

    every: Mapping[FinancialQuarter, Sections]
    anew: Mapping[FinancialQuarter, Sections]
    """Those of them of which nothing was told yet."""
    knowing: Knowing
    """Who knows the rows of those, and who leads which team."""

    def known(self, counted: Mapping[FinancialQuarter, Sections] | None = None) -> Counted:
        """What charts are drawn from, by who knows it: of these quarters, or of others that are
        told beside them."""
        every = self.every if counted is None else counted
        return {quarter: self._by_readers(sections) for quarter, sections in every.items()}

    def _by_readers(self, sections: Sections) -> Sequence[tuple[Readers, Sequence[Cell]]]:
        found: dict[Readers, list[Cell]] = {}
        for told in sections.values():
            for _, readers, cells in told.by_readers(self.knowing):
                own = found.setdefault(readers, [])
                own += [cell for cell in cells if cell.series in monthly.SERIES]
        return [*found.items()]


async def sections_of_charts(
    work: Work, quarter: FinancialQuarter, origin: Origin, known: Knowing | None = None
) -> OfCharts:
    """The months up to the end of a quarter: as they were told last, else as they are now.

    `known`, of all these quarters, is given where a report is presented: it keeps all rows. Who
    reads in between has older months, of which nothing was told yet, held against those who lead
    the teams alone.
    """
    presenting = known is not None
    quarters = quarters_of_charts(quarter)
    before = await told_before(work, quarters, with_rows=presenting)
    told = {each: last_told(versions) for each, versions in before.items()}
    untold = [each for each in quarters if not told[each].keys() >= IN_CHARTS]
    by_row = [each for each in untold if presenting or each in quarters[:_READ_BY_ROW]]
    others = [each for each in untold if each not in by_row]
    if known is None:
        known = await knowing(work, by_row, IN_CHARTS)
    else:
        told = {each: _known_besides(each, sections, known) for each, sections in told.items()}
    rows: Mapping[FinancialQuarter, QuarterRows] = {}
    if by_row:
        months = not presenting  # what charts count, and no report keeps
        rows = await rows_now(
            work, by_row, IN_CHARTS, known, compared=presenting, months_alone=months
        )
    now = {each: found.cells for each, found in rows.items()}
    if others:
        now |= await cells_now(work, others)
    anew: dict[FinancialQuarter, Sections] = {
        each: {
            name: Told(
                cells.section(name),
                origin,
                charted=False,
                rows=rows[each].section(name) if each in rows else None,
            )
            for name in IN_CHARTS
        }
        for each, cells in now.items()
        if cells.cells
    }
    return OfCharts({**told, **anew}, anew, known)


def _known_besides(quarter: FinancialQuarter, sections: Sections, known: Knowing) -> Sections:
    people = people_of(quarter, known, sections)
    return {name: one.known_besides(people) for name, one in sections.items()}


async def charts_told(
    work: Work,
    quarter: FinancialQuarter,
    counted: Counted,
    presented: Version | None,
) -> list[ChartOut]:
    """The charts over what is told of each quarter.

    They stand as presented where nobody kept what the last version was counted from.
    """
    if presented is not None and not presented.keeps_counted and presented.charts is not None:
        return [*presented.charts]
    return (await charts_of(work, quarter, EVERYTHING, publish=counted)).charts
