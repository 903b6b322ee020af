"""Reading the rollups: what the actor may see of some quarters, as cells (ADR 13).

One statement reads, at one instant, the sums, what is not folded into them yet, and the rows that
the actor sees for another reason than their teams: no sum of teams holds those. How many audits
there are does not matter to it.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, TypeAlias

import orjson
from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    and_,
    any_,
    cast,
    column,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    union_all,
)

from qa_api.auth.actor import Me
from qa_api.auth.roles import Role
from qa_api.board.lists import LISTS, CountedList
from qa_api.db import Prepared, parameter
from qa_api.models.aliases import aliased
from qa_api.models.directory import TeamService
from qa_api.models.inner import value_of
from qa_api.models.rollups import CELL, Rollup, RollupDelta
from qa_api.models.sealed import facts_unless_sealed
from qa_api.reads.expressions import in_service
from qa_api.reads.statements import Statements
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Scope, Source
from qa_api.rules.monthly import SERIES
from qa_api.rules.rollups import FACTS, SPANS, Cell
from qa_api.work import Work


class Grouping(StrEnum):
    """What one report may be broken down by."""

    TEAM = "team"
    SERVICE = "service"
    TYPE = "type"
    QUARTER = "quarter"


Cells: TypeAlias = Mapping[tuple[FinancialQuarter, str | None], Sequence[Cell]]
"""By quarter and by what was grouped by: None without a grouping, and for rows that have none."""

_ME: Final = Me.given()
_QUARTERS: Final = parameter("quarters", ARRAY(Date))
_SINCE: Final = parameter("since", Date())
_UNTIL: Final = parameter("until", Date())
_WITHOUT_SPANS: Final = 5
"""What is told of a cell that has no lengths."""


async def cells_of(
    work: Work,
    quarters: Collection[FinancialQuarter],
    scope: Scope,
    by: Grouping | None = None,
    *,
    by_month: bool = False,
    folded: bool = False,
) -> Cells:
    """The cells of these quarters in a scope, as far as the actor may see their rows.

    `by_month` are those that control charts count, else those that the figures do. `folded`: spans
    that nothing but their length tells apart are one cell (`Cell.folded`). An authority has nearly
    as many lengths as rows, so a report would grow with them.
    """
    actor = work.actor
    wide = not actor.roles.isdisjoint((Role.QUALITY_STANDARDS, Role.SENIOR_LEADER))
    rows = await work.run(
        await _STATEMENTS.beside(by, wide, by_month, folded),
        reached=sorted(actor.supervised_teams | actor.managed_teams | actor.headed_teams),
        **actor.given(work.now, work.today),
        quarters=[quarter.starts_on for quarter in quarters],
        since=min(quarters).starts_on,
        until=max(quarters).next.starts_on,
        team=scope.team,
        service=scope.service,
        type=scope.type,
    )
    starts = {quarter.starts_on: quarter for quarter in quarters}
    found: dict[tuple[FinancialQuarter, str | None], list[Cell]] = {}
    for quarter, grouped_by, cells in rows:
        read = [_cell(told) for told in orjson.loads(cells)]
        found.setdefault((starts[quarter], grouped_by), []).extend(read)
    return found


def _cell(told: Sequence[Any]) -> Cell:
    return Cell.folded(*told) if len(told) > _WITHOUT_SPANS else Cell(*told)


def _statement(by: Grouping | None, wide: bool, by_month: bool, folded: bool) -> Prepared:
    """`wide` for those who reach the whole authority: what others see is found by their teams."""
    chosen = _series(by_month)
    others = [
        _seen_otherwise(one, by, chosen[source]) for source, one in LISTS.items() if chosen[source]
    ]
    every = union_all(seen_through_teams(by, wide, by_month), *others).cte("every")
    found = (union_all(*_folded(every)) if folded else _cells(every)).subquery("found")
    cells = cast(func.json_agg(found.c.cell), Text).label("cells")
    grouped = (found.c.quarter, found.c.grouped_by)
    return Prepared.of(select(*grouped, cells).group_by(*grouped))


def _cells(every: CTE) -> Select[Any]:
    told = (every.c.series, every.c.facts, every.c.overdue, every.c.late, every.c.n)
    cell = func.json_build_array(*told).label("cell")
    return select(every.c.quarter, every.c.grouped_by, cell)


def _folded(every: CTE) -> tuple[Select[Any], Select[Any]]:
    """The cells without a span, and one for all spans that differ in their length alone."""
    spans = every.c.series.in_(sorted(SPANS))
    told = (every.c.series, every.c.facts.op("-")("value"), every.c.overdue, every.c.late)
    lengths = func.array_agg(cast(every.c.facts["value"].astext, Integer))
    numbers = func.array_agg(every.c.n)
    cell = func.json_build_array(*told, func.sum(every.c.n), lengths, numbers).label("cell")
    grouped = (every.c.quarter, every.c.grouped_by)
    return (
        _cells(every).where(not_(spans)),
        select(*grouped, cell).where(spans).group_by(*grouped, *told),
    )


_STATEMENTS: Final = Statements(_statement, most=64)


def _series(by_month: bool) -> Mapping[Source, Sequence[str]]:
    """The series that are read, of each list."""
    every = sorted(SERIES if by_month else FACTS)
    return {source: [one for one in every if one.split("/")[0] == source] for source in LISTS}


def seen_through_teams(by: Grouping | None, wide: bool, by_month: bool = False) -> Select[Any]:
    """The sums and what is not yet in them, of the teams that the caller reaches."""
    reached = parameter("reached", ARRAY(Text))
    kept = union_all(
        *(
            select(*(getattr(of, name) for name in (*CELL, "n"))).where(
                of.quarter == any_(_QUARTERS),
                *((of.series.in_(sorted(SERIES)),) if by_month else ()),
                ~of.restricted,
                *(() if wide else (of.team == any_(reached),)),
            )
            for of in (Rollup, RollupDelta)
        )
    ).subquery("cell")
    seen = or_(
        *(
            and_(
                kept.c.series.in_(chosen),
                LISTS[source].cells_through_teams(kept.c, _ME),
            )
            for source, chosen in _series(by_month).items()
            if chosen
        )
    )
    return _added_up(select(*_columns(kept.c, by), kept.c.n).where(seen, *_in_scope(kept.c)))


def _seen_otherwise(one: CountedList, by: Grouping | None, series: Sequence[str]) -> Select[Any]:
    """The rows that the caller sees, but not through a team, one by one."""
    row = aliased(one.listing.shape.entity, name="counted")
    kept = getattr(func, one.counts_as)(literal_column("counted"))
    described = [column(name, getattr(Rollup, name).type) for name in CELL]
    cells = func.jsonb_to_recordset(kept).table_valued(*described, name="cell")
    cells = cells.render_derived(with_types=True)
    candidates = [_candidates(one, reason) for reason in one.otherwise]
    candidates += one.named(_ME)
    # The function counts the row as it is stored, not as the caller may read it.
    facts = facts_unless_sealed(one.listing.shape.entity, row, cells.c.facts)
    return _added_up(
        select(*_columns(cells.c, by, facts), literal(1).label("n"))
        .select_from(row)
        .join(cells, cells.c.quarter == any_(_QUARTERS))
        .where(
            row.id.in_(union_all(*candidates)),
            cells.c.series.in_(series),
            one.between(row, _SINCE, _UNTIL),
            one.listing.visible(row, _ME),
            _not_through_teams(one, row),
            *_in_scope(cells.c),
        )
    )


def _added_up(found: Select[Any]) -> Select[Any]:
    cells = found.subquery()
    *told_apart, n = cells.c
    return (
        select(*told_apart, cast(func.sum(n), Integer).label("n"))
        .group_by(*told_apart)
        .having(func.sum(n) != 0)
    )


def _candidates(one: CountedList, reason: Any) -> Select[Any]:
    row = aliased(one.listing.shape.entity)
    dated = one.between(row, _SINCE, _UNTIL)
    return select(row.id).where(reason(row, _ME), dated, _not_through_teams(one, row))


def _not_through_teams(one: CountedList, row: Any) -> ColumnElement[bool]:
    through = and_(~row.restricted, one.through_teams(row, _ME))
    return not_(func.coalesce(through, False))


def _columns(
    cell: Any, by: Grouping | None, facts: ColumnElement[Any] | None = None
) -> list[ColumnElement[Any]]:
    """What figures tell apart: today is compared here, so that there are few of them."""
    return [
        cell.quarter.label("quarter"),
        _grouped_by(cell, by).label("grouped_by"),
        cell.series.label("series"),
        (cell.facts if facts is None else facts).label("facts"),
        func.coalesce(cell.overdue_after < _ME.today, False).label("overdue"),
        func.coalesce(cell.late_after < _ME.today, False).label("late"),
    ]


def _grouped_by(cell: Any, by: Grouping | None) -> ColumnElement[Any]:
    match by:
        case None | Grouping.QUARTER:
            return cast(null(), Text)
        case Grouping.TEAM:
            return cast(cell.team, Text)
        case Grouping.TYPE:
            return cast(cell.type, Text)
        case Grouping.SERVICE:
            belongs = aliased(TeamService)
            service = select(belongs.service).where(
                belongs.team == cell.team, belongs.valid.contains(_ME.today)
            )
            return value_of(belongs, service)


def _in_scope(cell: Any) -> list[ColumnElement[bool]]:
    """Each narrowing where one is asked for, as the lists narrow."""
    asked = {name: parameter(name, Text()) for name in ("team", "service", "type")}
    return [
        or_(asked["team"].is_(None), cell.team == asked["team"]),
        or_(asked["service"].is_(None), in_service(cell, asked["service"], _ME)),
        or_(asked["type"].is_(None), cell.type == asked["type"]),
    ]
