"""What the figures of a quarter are counted from: cells of rows, by the team that holds them.

Figures, their parts by service and their charts are all worked out from these, so what was counted
for an earlier version can be told again. They count rows and name none.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, Final, Self, TypeAlias

import orjson

from qa_api.board.list_counts import Tally
from qa_api.board.rollup_cells import Grouping, cells_of
from qa_api.board.team_counts import services_of_teams
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Scope
from qa_api.rules.readers import Holder
from qa_api.rules.rollups import Cell, by_series
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

PAIRS: Final = "agreement/pairs"
WORKERS: Final = "observations/workers"
SECTIONS: Final[Mapping[str, str]] = {
    "audits/due": "Audits due, done, cancelled and exempt",
    "audits/completed": "Completed audits with their judgements and monthly charts",
    "audit-responses/due": "Responses with their monthly charts",
    "restorative-actions/set": "Restorative actions",
    "escalations/raised": "Escalations and urgent findings",
    "closure-gates/closed": "Closures",
    PAIRS: "Agreement of auditors and moderators",
    WORKERS: "Practice observations",
}
"""What is told anew together or stands together, and what people call it."""
KeptCells: TypeAlias = list[list[Any]]
"""As JSON: a team, its service, and its cells."""


def section_of(series: str) -> str:
    """The section of a series: those of one list that one date places in the quarter."""
    return "/".join(series.split("/")[:2])


class QuarterCells(Unchanging):
    """The cells of a quarter, by team and the service that it belonged to."""

    quarter: FinancialQuarter
    cells: Mapping[Holder, Sequence[Cell]]

    def section(self, name: str) -> Self:
        """Those of one section."""
        return self._where({name})

    def without(self, names: Collection[str]) -> Self:
        """Those of all other sections."""
        return self._where(SECTIONS.keys() - names)

    def _where(self, names: Collection[str]) -> Self:
        found = {
            holder: [cell for cell in cells if section_of(cell.series) in names]
            for holder, cells in self.cells.items()
        }
        return type(self)(self.quarter, {holder: cells for holder, cells in found.items() if cells})

    def beside(self, others: Iterable["QuarterCells"]) -> Self:
        """These and those of other sections."""
        found = {holder: [*cells] for holder, cells in self.cells.items()}
        for other in others:
            for holder, cells in other.cells.items():
                found.setdefault(holder, []).extend(cells)
        return type(self)(self.quarter, found)

    def tally(self, service: str | None = None) -> Tally:
        """To count the figures of the authority, or of a service, from these."""
        cells = [
            cell
            for (_, belongs), found in self.cells.items()
            if service is None or belongs == service
            for cell in found
        ]
        return Tally(Scope(service=service), {self.quarter: by_series(cells)})

    def kept(self) -> KeptCells:
        """As JSON."""
        return [[*holder, [[*cell] for cell in cells]] for holder, cells in self.cells.items()]

    @classmethod
    def read(cls, quarter: FinancialQuarter, kept: KeptCells) -> Self:
        """From that JSON."""
        return cls(
            quarter,
            {(team, service): [Cell(*cell) for cell in cells] for team, service, cells in kept},
        )


def key_of(cell: Cell) -> Hashable:
    """What tells a cell from others of its team."""
    facts = orjson.dumps(cell.facts, option=orjson.OPT_SORT_KEYS)
    return cell.series, facts, cell.overdue, cell.late


async def cells_now(
    work: Work, quarters: Collection[FinancialQuarter]
) -> Mapping[FinancialQuarter, QuarterCells]:
    """Those of each quarter and its months, as far as the actor may see their rows."""
    services = await services_of_teams(work)
    found: dict[FinancialQuarter, dict[Holder, list[Cell]]] = {one: {} for one in quarters}
    for by_month in (False, True):
        read = await cells_of(work, quarters, Scope(), Grouping.TEAM, by_month=by_month)
        for (quarter, team), cells in read.items():
            holder = team, services.get(team or "")
            found[quarter].setdefault(holder, []).extend(cells)
    return {quarter: QuarterCells(quarter, cells) for quarter, cells in found.items()}
