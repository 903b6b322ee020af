"""Counting the rows of lists: every part of every figure of a report from one read, at one instant.

What is counted is what the list shows to the same person: the rows that they see through their
teams are added up by the rollups, the few others are found one by one (`tallying`).
"""

from collections.abc import Collection, Mapping
from typing import Self
from urllib.parse import urlencode

from qa_api.board.rollup_cells import cells_of
from qa_api.rules import rollups
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Counted, Scope, Span, Value, given
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work


class Part(Unchanging):
    """A part of a figure over one quarter in one scope."""

    counted: Counted
    quarter: FinancialQuarter
    scope: Scope

    @property
    def filters(self) -> Mapping[str, Value]:
        """Every filter of the list."""
        return given(self.counted, self.quarter, self.scope)

    @property
    def link(self) -> str:
        """Where exactly its rows are listed."""
        written = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in self.filters.items()
        }
        return f"/v1/{self.counted.source}?{urlencode(written)}"


class Tally(Unchanging):
    """All that one report counts, in one scope, as the actor may see it."""

    scope: Scope
    cells: Mapping[FinancialQuarter, rollups.Cells]

    @classmethod
    async def of(cls, work: Work, quarters: Collection[FinancialQuarter], scope: Scope) -> Self:
        """Read what there is of these quarters."""
        found = await cells_of(work, quarters, scope, folded=True)
        return cls(scope, {quarter: rollups.by_series(found[quarter, _]) for quarter, _ in found})

    def part(self, counted: Counted, quarter: FinancialQuarter) -> Part:
        """A part of a figure in this scope."""
        return Part(counted, quarter, self.scope)

    def count(self, part: Part) -> int:
        """How many rows of a part the actor may see."""
        return rollups.count(part.counted, self.cells.get(part.quarter, {}))

    def domains(self, quarter: FinancialQuarter) -> Collection[JudgedOn]:
        """The domains that were judged in the quarter, of audits for which their domains stand."""
        return rollups.domains_in(self.cells.get(quarter, {}))

    def median(self, part: Part, span: Span) -> float | None:
        """The median span over the rows of a part; None where there are none."""
        return rollups.median(part.counted, span, self.cells.get(part.quarter, {}))
