"""Which rows stand behind the counts of a quarter, so that versions are compared row by row.

A row is named by a digest of its id and the quarter. It says nothing by itself, is the same in
every version, and stays comparable when the row is removed. So are the people who know it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, Self, TypeAlias

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Select,
    Text,
    Uuid,
    any_,
    cast,
    column,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from qa_api.auth.actor import Me
from qa_api.board.lists import LISTS, CountedList
from qa_api.board.quarter_cells import QuarterCells, key_of, section_of
from qa_api.board.row_readers import Knowing, Section
from qa_api.board.team_counts import services_of_teams
from qa_api.db import Prepared, parameter
from qa_api.models.aliases import aliased
from qa_api.models.rollups import CELL, Rollup
from qa_api.reads.statements import Statements
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.monthly import SERIES
from qa_api.rules.readers import Holder, Readers, posts
from qa_api.rules.rollups import FACTS, Cell
from qa_api.rules.unchanging import Unchanging
from qa_api.rules.versions import Held, KnownBy
from qa_api.work import Work

KeptRows: TypeAlias = dict[str, Any] | list[Any]
"""As JSON: `held`, a team, its service, and each of its cells with the digests of its rows; and
`people`, which of them know which rows. In the first reports `held` alone."""
People: TypeAlias = Mapping[tuple[Section, str], Readers]
"""The people who know each row of each section, all of them by digests."""
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
    people: People

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
        return type(self)(
            self.quarter,
            {holder: cells for holder, cells in found.items() if cells},
            {(of, row): known for (of, row), known in self.people.items() if of == name},
        )

    def beside(self, other: "QuarterRows") -> Self:
        """These and those of other sections."""
        found = {
            holder: (*self.found.get(holder, ()), *other.found.get(holder, ()))
            for holder in (*self.found, *other.found)
        }
        return type(self)(self.quarter, found, {**self.people, **other.people})

    def known_besides(self, people: People) -> Self:
        """The same rows, and who else knows some of them."""
        none = Readers()
        own = {
            (section_of(one.cell.series), row)
            for cells in self.found.values()
            for one in cells
            for row in one.rows
        }
        known = {row: self.people.get(row, none) | people.get(row, none) for row in own}
        return replace(self, people={row: readers for row, readers in known.items() if readers})

    def renamed(self, names: Mapping[str, str]) -> Self:
        """The same rows by other names, where they have any."""
        found = {
            holder: tuple(
                replace(one, rows=tuple(names.get(row, row) for row in one.rows)) for one in cells
            )
            for holder, cells in self.found.items()
        }
        people = {(of, names.get(row, row)): known for (of, row), known in self.people.items()}
        return type(self)(self.quarter, found, people)

    def by_readers(self) -> Iterator[tuple[Holder, Readers, Sequence[Cell]]]:
        """The cells of each team, those apart that other people know."""
        none = Readers()
        for holder, cells in self.found.items():
            apart: dict[Readers, list[Cell]] = {}
            for one in cells:
                section = section_of(one.cell.series)
                known = Counter(self.people.get((section, row), none) for row in one.rows)
                for people, number in known.items():
                    apart.setdefault(people, []).append(one.cell._replace(number=number))
            for people, own in apart.items():
                yield holder, posts(holder) | people, own

    @property
    def known_by(self) -> KnownBy:
        """The people who know each row of one section."""
        return {row: people for (_, row), people in self.people.items()}

    def held(self) -> Held:
        """The rows of each cell that each team holds."""
        found: dict[Holder, dict[Any, list[str]]] = {}
        for holder, cells in self.found.items():
            own = found.setdefault(holder, {})
            for one in cells:
                own.setdefault(key_of(one.cell), []).extend(one.rows)
        return found

    def kept(self) -> KeptRows:
        """As JSON; what is kept is one section."""
        known: dict[Readers, list[str]] = {}
        for (_, row), people in sorted(self.people.items()):
            known.setdefault(people, []).append(row)
        return {
            "held": [
                [*holder, [[*one.cell[:-1], [*one.rows]] for one in cells]]
                for holder, cells in self.found.items()
            ],
            "people": [[sorted(map(str, people)), rows] for people, rows in known.items()],
        }

    @classmethod
    def read(cls, quarter: FinancialQuarter, section: Section, kept: KeptRows) -> Self:
        """From that JSON."""
        held, people = (kept, []) if isinstance(kept, list) else (kept["held"], kept["people"])
        return cls(
            quarter,
            {
                (team, service): tuple(
                    CellRows(Cell(series, facts, overdue, late, len(rows)), tuple(rows))
                    for series, facts, overdue, late, rows in cells
                )
                for team, service, cells in held
            },
            {(section, row): Readers(known) for known, rows in people for row in rows},
        )


def digest_of(quarter: FinancialQuarter, row: object) -> str:
    """What names a row in the versions of a quarter's report."""
    return sha256(f"{quarter.starts_on} {row}".encode()).hexdigest()[:_DIGEST]


@lru_cache(maxsize=8192)
def as_readers(quarter: FinancialQuarter, people: frozenset[str]) -> Readers:
    """What names people in the versions of a quarter's report."""
    return Readers(digest_of(quarter, f"person {code}") for code in people)


def people_of(quarter: FinancialQuarter, known: Knowing, sections: Collection[Section]) -> People:
    """Who knows which rows today, also those that no version counts any more."""
    return {
        (section, digest_of(quarter, row)): as_readers(quarter, workers)
        for (section, row), workers in known.of_rows.items()
        if section in sections
    }


def of_cells(
    quarter: FinancialQuarter,
    found: Iterable[tuple[Holder, Cell, Collection[str]]],
    people: People,
) -> QuarterRows:
    """Rows, by the team that holds them; each cell is given the number of its own."""
    held: dict[Holder, list[CellRows]] = {}
    for holder, cell, rows in found:
        numbered = cell._replace(number=len(rows))
        held.setdefault(holder, []).append(CellRows(numbered, tuple(sorted(rows))))
    return QuarterRows(quarter, {holder: tuple(cells) for holder, cells in held.items()}, people)


async def rows_now(
    work: Work,
    quarters: Collection[FinancialQuarter],
    sections: Collection[Section],
    known: Knowing,
    *,
    compared: bool,
    months_alone: bool = False,
) -> Mapping[FinancialQuarter, QuarterRows]:
    """Those of each quarter and its months, of all that is not restricted, at one instant.

    `known` is of the same quarters and sections. `compared`: whether they are kept for other
    versions, or held against them, and so named by their digests. `months_alone`: only those of
    their months, which charts are drawn from.
    """
    services = await services_of_teams(work)
    async with work.reaching_everybody():  # restricted rows are left out, as the rollups are read
        rows = await work.run(
            await _STATEMENTS.beside(tuple(sorted(sections)), months_alone),
            **work.actor.given(work.now, work.today),
            quarters=[quarter.starts_on for quarter in quarters],
            since=min(quarters).starts_on,
            until=max(quarters).next.starts_on,
        )
    starts = {quarter.starts_on: quarter for quarter in quarters}
    found: dict[FinancialQuarter, list[tuple[Holder, Cell, Collection[str]]]] = {}
    people: dict[FinancialQuarter, dict[tuple[Section, str], Readers]] = {}
    for starts_on, team, series, facts, overdue, late, ids in rows:
        quarter, section = starts[starts_on], section_of(series)
        names = [digest_of(quarter, row) if compared else row.hex for row in ids]
        own = people.setdefault(quarter, {})
        for row, name in zip(ids, names, strict=True):
            if (section, name) not in own:  # a row is in several cells
                own[section, name] = as_readers(quarter, known.of_row(section, row))
        cell = Cell(series, orjson.loads(facts), overdue, late, len(names))
        of = found.setdefault(quarter, [])
        of.append(((team, services.get(team or "")), cell, names))
    return {
        quarter: of_cells(quarter, found.get(quarter, ()), people.get(quarter, {}))
        for quarter in quarters
    }


def _statement(sections: tuple[Section, ...], months_alone: bool) -> Prepared:
    every_series = SERIES if months_alone else {*FACTS, *SERIES}
    of_lists = [
        _of_list(one, series, months_alone=months_alone)
        for source, one in LISTS.items()
        if (
            series := sorted(
                name
                for name in every_series
                if section_of(name) in sections and name.split("/")[0] == source
            )
        )
    ]
    every = union_all(*of_lists).subquery("every")
    cell = every.c
    told_apart = (cell.quarter, cell.team, cell.series, cell.facts, cell.overdue, cell.late)
    ids = func.array_agg(cell.id, type_=ARRAY(Uuid))
    facts = cast(cell.facts, Text)
    shown = (cell.quarter, cell.team, cell.series, facts, cell.overdue, cell.late, ids)
    return Prepared.of(select(*shown).group_by(*told_apart))


_STATEMENTS: Final = Statements(_statement, most=3)


def _of_list(one: CountedList, series: Sequence[str], *, months_alone: bool) -> Select[Any]:
    """Each row of a list with each cell of these series that it counts in."""
    row = aliased(one.listing.shape.entity, name="counted")
    described = [column(name, getattr(Rollup, name).type) for name in CELL]
    counted: ColumnElement[Any] = literal_column("counted")
    if months_alone:
        cells = getattr(func, one.cells)(counted).table_valued(*described, name="cell")
    else:
        kept = getattr(func, one.counts_as)(counted)
        cells = func.jsonb_to_recordset(kept).table_valued(*described, name="cell")
        cells = cells.render_derived(with_types=True)
    since, until = parameter("since", Date()), parameter("until", Date())
    return (
        select(
            row.id,
            cells.c.quarter.label("quarter"),
            cells.c.team.label("team"),
            cells.c.series.label("series"),
            func.jsonb_strip_nulls(cells.c.facts, type_=JSONB).label("facts"),
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
