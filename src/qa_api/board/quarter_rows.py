"""Which rows stand behind the counts of a quarter, so that versions are compared row by row.

A row is named by a digest of its id and the quarter. It says nothing by itself, is the same in
every version, and stays comparable when the row is removed.
"""

from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from typing import Any, Final, Self, TypeAlias

import orjson
from sqlalchemy import (
    ARRAY,
    Date,
    Select,
    Text,
    any_,
    cast,
    column,
    func,
    literal_column,
    select,
    union_all,
)

from qa_api.auth.actor import Me
from qa_api.board.lists import LISTS, CountedList
from qa_api.board.quarter_cells import QuarterCells, key_of, section_of
from qa_api.board.team_counts import services_of_teams
from qa_api.db import Prepared, parameter
from qa_api.models.aliases import aliased
from qa_api.models.rollups import CELL, Rollup
from qa_api.reads.statements import Statements
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Source
from qa_api.rules.monthly import SERIES
from qa_api.rules.rollups import FACTS, Cell
from qa_api.rules.unchanging import Unchanging
from qa_api.rules.versions import Held, Holder
from qa_api.work import Work

KeptRows: TypeAlias = list[list[Any]]
"""As JSON: a team, its service, and each of its cells with the digests of its rows."""
_ME: Final = Me.given()
_DIGEST: Final = 16
"""So many hexadecimal digits: among the rows of a quarter no two have the same."""


class CellRows(Unchanging):
    """A cell, and the digests of its rows."""

    cell: Cell
    rows: tuple[str, ...]


class QuarterRows(Unchanging):
    """The cells of a quarter with their rows, by team and the service that it belonged to."""

    quarter: FinancialQuarter
    found: Mapping[Holder, tuple[CellRows, ...]]

    @property
    def cells(self) -> QuarterCells:
        """How many there are of each."""
        return QuarterCells(
            self.quarter,
            {holder: [one.cell for one in cells] for holder, cells in self.found.items()},
        )

    def section(self, name: str) -> Self:
        """Those of one section."""
        found = {
            holder: tuple(one for one in cells if section_of(one.cell.series) == name)
            for holder, cells in self.found.items()
        }
        return type(self)(self.quarter, {holder: cells for holder, cells in found.items() if cells})

    def beside(self, other: "QuarterRows") -> Self:
        """These and those of other sections."""
        found = {
            holder: (*self.found.get(holder, ()), *other.found.get(holder, ()))
            for holder in (*self.found, *other.found)
        }
        return type(self)(self.quarter, found)

    def held(self) -> Held:
        """The rows of each cell that each team holds."""
        found: dict[Holder, dict[Any, list[str]]] = {}
        for holder, cells in self.found.items():
            own = found.setdefault(holder, {})
            for one in cells:
                own.setdefault(key_of(one.cell), []).extend(one.rows)
        return found

    def kept(self) -> KeptRows:
        """As JSON."""
        return [
            [*holder, [[*one.cell[:-1], [*one.rows]] for one in cells]]
            for holder, cells in self.found.items()
        ]

    @classmethod
    def read(cls, quarter: FinancialQuarter, kept: KeptRows) -> Self:
        """From that JSON."""
        return cls(
            quarter,
            {
                (team, service): tuple(
                    CellRows(Cell(series, facts, overdue, late, len(rows)), tuple(rows))
                    for series, facts, overdue, late, rows in cells
                )
                for team, service, cells in kept
            },
        )


def digest_of(quarter: FinancialQuarter, row: object) -> str:
    """What names a row in the versions of a quarter's report."""
    return sha256(f"{quarter.starts_on} {row}".encode()).hexdigest()[:_DIGEST]


def of_cells(
    quarter: FinancialQuarter, found: Iterable[tuple[Holder, Cell, Collection[str]]]
) -> QuarterRows:
    """Rows, by the team that holds them; each cell is given the number of its own."""
    held: dict[Holder, list[CellRows]] = {}
    for holder, cell, rows in found:
        numbered = cell._replace(number=len(rows))
        held.setdefault(holder, []).append(CellRows(numbered, tuple(sorted(rows))))
    return QuarterRows(quarter, {holder: tuple(cells) for holder, cells in held.items()})


async def rows_now(
    work: Work, quarters: Collection[FinancialQuarter]
) -> Mapping[FinancialQuarter, QuarterRows]:
    """Those of each quarter and its months, of all that is not restricted, at one instant.

    It reads row by row, so it is for a report that is presented, never for one that is read.
    """
    services = await services_of_teams(work)
    async with work.reaching_everybody():  # restricted rows are left out, as the rollups are read
        rows = await work.run(
            await _STATEMENTS.beside(),
            **work.actor.given(work.now, work.today),
            quarters=[quarter.starts_on for quarter in quarters],
            since=min(quarters).starts_on,
            until=max(quarters).next.starts_on,
        )
    starts = {quarter.starts_on: quarter for quarter in quarters}
    found: dict[FinancialQuarter, list[tuple[Holder, Cell, Collection[str]]]] = {}
    for quarter, team, series, facts, overdue, late, digests in rows:
        cell = Cell(series, orjson.loads(facts), overdue, late, len(digests))
        of = found.setdefault(starts[quarter], [])
        of.append(((team, services.get(team or "")), cell, digests))
    return {quarter: of_cells(quarter, found.get(quarter, ())) for quarter in quarters}


def _statement() -> Prepared:
    every = union_all(*(_of_list(source, one) for source, one in LISTS.items())).subquery("every")
    cell = every.c
    told_apart = (cell.quarter, cell.team, cell.series, cell.facts, cell.overdue, cell.late)
    digests = func.array_agg(_digest(cell), type_=ARRAY(Text))
    facts = cast(cell.facts, Text)
    shown = (cell.quarter, cell.team, cell.series, facts, cell.overdue, cell.late, digests)
    return Prepared.of(select(*shown).group_by(*told_apart))


_STATEMENTS: Final = Statements(_statement, most=1)


def _digest(cell: Any) -> Any:
    named = func.concat(cast(cell.quarter, Text), " ", cast(cell.id, Text))
    hashed = func.sha256(func.convert_to(named, "UTF8"))
    return func.left(func.encode(hashed, "hex"), _DIGEST)


def _of_list(source: Source, one: CountedList) -> Select[Any]:
    """Each row of a list with each cell that it counts in."""
    row = aliased(one.listing.shape.entity, name="counted")
    kept = getattr(func, one.counts_as)(literal_column("counted"))
    described = [column(name, getattr(Rollup, name).type) for name in CELL]
    cells = func.jsonb_to_recordset(kept).table_valued(*described, name="cell")
    cells = cells.render_derived(with_types=True)
    series = sorted(name for name in {*FACTS, *SERIES} if name.split("/")[0] == source)
    since, until = parameter("since", Date()), parameter("until", Date())
    return (
        select(
            row.id,
            cells.c.quarter.label("quarter"),
            cells.c.team.label("team"),
            cells.c.series.label("series"),
            cells.c.facts.label("facts"),
            func.coalesce(cells.c.overdue_after < _ME.today, False).label("overdue"),
            func.coalesce(cells.c.late_after < _ME.today, False).label("late"),
        )
        .select_from(row)
        .join(cells, cells.c.quarter == any_(parameter("quarters", ARRAY(Date))))
        .where(
            one.between(row, since, until),
            cells.c.series.in_(series),
            ~cells.c.restricted,
            one.cells_through_teams(cells.c, _ME),
        )
    )
