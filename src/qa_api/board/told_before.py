"""What the figures of a quarter that were presented were counted from, section by section.

Each report keeps it for its own quarter, and for the earlier quarters of its trend and charts of
which nothing was kept yet (ADR 67). It counts rows by team and names none.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Text, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from qa_api.board.chart_schemas import ChartOut
from qa_api.board.earlier import Origin
from qa_api.board.quarter_cells import QuarterCells
from qa_api.models.board import BoardReport
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Source
from qa_api.rules.monthly import ADEQUATE_ON_TIME, CHARTED, RESPONSE_TIME
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

COMPLETED: Final = f"{Source.AUDITS}/completed"
RESPONSES: Final = f"{Source.RESPONSES}/due"
_OF_CHARTS: Final = {
    one.key: RESPONSES if one in (ADEQUATE_ON_TIME, RESPONSE_TIME) else COMPLETED for one in CHARTED
}
IN_LATER_REPORTS: Final = frozenset(_OF_CHARTS.values())
"""The sections of which later reports tell in their trend and charts."""


class Told(Unchanging):
    """A section of a quarter's figures, as a report told it."""

    cells: QuarterCells
    """What it was counted from."""
    origin: Origin
    """The report that told it so first."""
    charted: bool
    """Whether a monthly chart of it was shown."""

    @property
    def of_later_report(self) -> bool:
        """Whether it was told in the trend or the charts of a later quarter's report."""
        return self.origin.quarter != self.cells.quarter.label


Sections = Mapping[str, Told]


async def told_before(
    work: Work, quarters: Collection[FinancialQuarter]
) -> Mapping[FinancialQuarter, Sequence[Sections]]:
    """What every report told of each of these quarters, the latest last."""
    by_label = {quarter.label: quarter for quarter in quarters}
    found: dict[FinancialQuarter, list[Sections]] = {quarter: [] for quarter in quarters}
    rows = await work.session.scalars(
        select(BoardReport.counted)
        .where(
            BoardReport.counted.is_not(None),
            BoardReport.counted.has_any(literal([*by_label], ARRAY(Text))),
        )
        .order_by(BoardReport.presented_at, BoardReport.id)
    )
    for counted in rows:
        for label, sections in (counted or {}).items():
            if quarter := by_label.get(label):
                found[quarter].append(
                    {name: _read(quarter, kept) for name, kept in sections.items()}
                )
    return found


def last_told(versions: Iterable[Sections]) -> Sections:
    """What was told last of each section."""
    return {name: told for version in versions for name, told in version.items()}


def in_later_reports(sections: Sections) -> Sections:
    """Those of them of which the trend and the charts of later reports tell."""
    return {name: told for name, told in sections.items() if name in IN_LATER_REPORTS}


def with_charts(sections: Sections, charts: Iterable[ChartOut] | None) -> Sections:
    """The same, and of which of them a chart is shown."""
    shown = {_OF_CHARTS[one.chart] for one in charts or () if not one.withheld}
    return {
        name: Told(told.cells, told.origin, told.charted or name in shown)
        for name, told in sections.items()
    }


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


def _read(quarter: FinancialQuarter, kept: Mapping[str, Any]) -> Told:
    origin = Origin(kept["quarter"], kept["number"], datetime.fromisoformat(kept["as_at"]))
    return Told(QuarterCells.read(quarter, kept["cells"]), origin, kept["charted"])
