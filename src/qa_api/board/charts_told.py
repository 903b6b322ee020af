"""Monthly charts as they are published: months that were told stand in later ones (R4.7.3)."""

from collections.abc import Mapping

from qa_api.board.chart_schemas import ChartOut
from qa_api.board.earlier import Origin, Version
from qa_api.board.monthly_charts import charts_of, quarters_of_charts
from qa_api.board.quarter_cells import QuarterCells, cells_now
from qa_api.board.quarter_figures import EVERYTHING
from qa_api.board.quarter_rows import rows_now
from qa_api.board.told_before import IN_LATER_REPORTS, Sections, Told, last_told, told_before
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work


class OfCharts(Unchanging):
    """What charts are drawn from, quarter by quarter."""

    every: Mapping[FinancialQuarter, Sections]
    anew: Mapping[FinancialQuarter, Sections]
    """Those of them of which nothing was told yet."""


async def sections_of_charts(
    work: Work, quarter: FinancialQuarter, origin: Origin, *, presenting: bool
) -> OfCharts:
    """The months up to the end of a quarter: as they were told last, else as they are now.

    `presenting`: with the rows that a report keeps.
    """
    quarters = quarters_of_charts(quarter)
    before = await told_before(work, quarters, with_rows=False)
    told = {each: last_told(versions) for each, versions in before.items()}
    untold = [each for each in quarters if not told[each].keys() >= IN_LATER_REPORTS]
    rows = await rows_now(work, untold) if untold and presenting else {}
    if presenting:
        now = {each: found.cells for each, found in rows.items()}
    else:
        now = dict(await cells_now(work, untold)) if untold else {}
    anew: dict[FinancialQuarter, Sections] = {
        each: {
            name: Told(
                cells.section(name),
                origin,
                charted=False,
                rows=rows[each].section(name) if each in rows else None,
            )
            for name in IN_LATER_REPORTS
        }
        for each, cells in now.items()
        if cells.cells
    }
    return OfCharts({**told, **anew}, anew)


async def charts_told(
    work: Work,
    quarter: FinancialQuarter,
    counted: Mapping[FinancialQuarter, Sections],
    presented: Version | None,
) -> list[ChartOut]:
    """The charts over what is told of each quarter.

    They stand as presented where nobody kept what the last version was counted from.
    """
    if presented is not None and not presented.keeps_counted and presented.charts is not None:
        return [*presented.charts]
    cells = {each: cells_of_sections(each, sections) for each, sections in counted.items()}
    return (await charts_of(work, quarter, EVERYTHING, publish=cells)).charts


def cells_of_sections(quarter: FinancialQuarter, sections: Sections) -> QuarterCells:
    """All cells of these sections."""
    return QuarterCells(quarter, {}).beside(told.cells for told in sections.values())
