"""The same figures for each team, service, type or quarter, from one read (R4.7.3)."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from qa_api import problems
from qa_api.board.breakdown_schemas import (
    BreakdownOut,
    BreakdownQuery,
    BreakdownRowOut,
    BrokenDownFigureOut,
    FigureDefinitionOut,
)
from qa_api.board.figure_schemas import MetricOut
from qa_api.board.funnels import in_funnels
from qa_api.board.linked_figures import measured
from qa_api.board.list_counts import Tally
from qa_api.board.lists import LISTS
from qa_api.board.quarter_figures import explained
from qa_api.board.rollup_cells import Cells, Grouping, cells_of
from qa_api.problems import InputError
from qa_api.rules.local_time import FinancialQuarter, quarters
from qa_api.rules.metrics import CATALOGUE, Scope, figures_of
from qa_api.rules.policy import Policy
from qa_api.rules.rollups import by_series
from qa_api.work import Work

MOST_QUARTERS: Final = 12
_A_YEAR: Final = 4


async def broken_down(work: Work, quarter: FinancialQuarter, query: BreakdownQuery) -> BreakdownOut:
    """Every figure of every group that anything was counted in, and of the whole."""
    scope = Scope(query.team, query.service, query.type)
    asked = _quarters(quarter, query)
    cells = await cells_of(work, asked, scope, query.by, folded=True)
    policy = await work.policy()
    groups = _groups(asked, cells, query.by)
    rows = [_row(work, one, code, scope, cells, query.by, policy) for one, code in groups]
    if query.by in {Grouping.TEAM, Grouping.SERVICE}:
        rows = in_funnels(rows)
    return BreakdownOut(
        by=query.by,
        team=scope.team,
        service=scope.service,
        type=scope.type,
        as_at=work.now,
        policy_version=work.policy_version,
        explanation=await explained(work, quarter),
        definitions=[
            FigureDefinitionOut(
                key=figure.key,
                title=figure.title,
                clause=figure.clause,
                unit=figure.unit,
                numerator_is=figure.numerator.definition,
                denominator_is=figure.denominator.definition,
            )
            for figure in CATALOGUE
            if work.actor.holds(LISTS[figure.denominator.source].read_by)
        ],
        whole=_total(work, quarter, scope, cells, policy),
        rows=rows,
    )


def _quarters(quarter: FinancialQuarter, query: BreakdownQuery) -> tuple[FinancialQuarter, ...]:
    """The quarter alone, or with those that lead up to it."""
    if query.by is not Grouping.QUARTER:
        if query.since is None:
            return (quarter,)
        detail = "Only figures by quarter take a first quarter."
        raise problems.validation([InputError.of("since", "by-quarter", detail)])
    first = quarter
    for _ in range(_A_YEAR):
        first = first.previous
    found = quarters(FinancialQuarter.labelled(query.since) if query.since else first, quarter)
    if not 1 <= len(found) <= MOST_QUARTERS:
        detail = f"From one to {MOST_QUARTERS} quarters can be compared."
        raise problems.validation([InputError.of("since", "quarters", detail)])
    return found


def _groups(
    asked: Iterable[FinancialQuarter], cells: Cells, by: Grouping
) -> list[tuple[FinancialQuarter, str | None]]:
    """Every quarter, or every code with anything to show, what has none last."""
    if by is Grouping.QUARTER:
        return [(quarter, None) for quarter in asked]
    return sorted(cells, key=lambda group: (group[1] is None, group[1] or ""))


def _total(
    work: Work, quarter: FinancialQuarter, scope: Scope, cells: Cells, policy: Policy
) -> BreakdownRowOut:
    every = [cell for (one, _), found in cells.items() if one == quarter for cell in found]
    tally = Tally(scope, {quarter: by_series(every)})
    figures = measured(work.actor, tally, quarter, figures_of(scope), policy)
    return BreakdownRowOut(
        quarter=quarter.label, code=None, figures=[_figure(one, linked=True) for one in figures]
    )


def _row(
    work: Work,
    quarter: FinancialQuarter,
    code: str | None,
    scope: Scope,
    cells: Cells,
    by: Grouping,
    policy: Policy,
) -> BreakdownRowOut:
    """One group: its lists are those of the whole, narrowed to it."""
    narrowed = scope if code is None else replace(scope, **{by.value: code})
    tally = Tally(narrowed, {quarter: by_series(cells.get((quarter, code), ()))})
    linked = code is not None or by is Grouping.QUARTER
    figures = measured(work.actor, tally, quarter, figures_of(narrowed), policy)
    return BreakdownRowOut(
        quarter=quarter.label,
        code=code,
        figures=[_figure(figure, linked=linked) for figure in figures],
    )


def _figure(figure: MetricOut, *, linked: bool) -> BrokenDownFigureOut:
    return BrokenDownFigureOut(
        key=figure.key,
        numerator=figure.numerator.count or 0,
        numerator_rows=figure.numerator.rows if linked else None,
        denominator=figure.denominator.count or 0,
        denominator_rows=figure.denominator.rows if linked else None,
        value=figure.value,
        funnel=None,
    )
