"""Which figures of a quarter a caller is given: over their own rows, or as they are published."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from qa_api import problems
from qa_api.auth.actor import Actor
from qa_api.auth.roles import Permission, Role
from qa_api.board.chart_schemas import ChartsOut
from qa_api.board.charts_told import sections_of_charts
from qa_api.board.earlier import Origin, charts_before, last_presented, published_before
from qa_api.board.figure_schemas import MetricsOut
from qa_api.board.monthly_charts import charts_of, drawable_of, quarters_of_charts
from qa_api.board.quarter_figures import EVERYTHING, metrics_of
from qa_api.board.together import published_together
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Scope
from qa_api.work import Work

WHOLE_AUTHORITY: Final = Actor(
    principal_id=UUID(int=0),
    worker=None,
    system=None,
    roles=frozenset({Role.QUALITY_STANDARDS}),
    supervised_teams=frozenset(),
    managed_teams=frozenset(),
    headed_teams=frozenset(),
)
"""Over which rows published figures are: those of Quality & Standards, without any grant."""


async def charts_for(work: Work, quarter: FinancialQuarter, scope: Scope) -> ChartsOut:
    """The control charts over the rows that the actor may list, else the published ones.

    Whoever may list no rows is shown a chart only where no month of it has few (R4.7.3), and where
    the last report showed it, which looked at each row. Once the quarter was presented they are
    those of the latest version.
    """
    if work.actor.holds(Permission.METRICS_BREAK_DOWN):
        return await charts_of(work, quarter, scope)
    _check_whole(scope)
    every, origin = replace(work, actor=WHOLE_AUTHORITY), Origin(quarter.label, 1, work.now)
    presented = last_presented(await published_before(work, quarter))
    if presented is not None and presented.charts is not None and presented.origin is not None:
        as_presented = {"charts": [*presented.charts], "as_at": presented.origin.as_at}
        return (await charts_of(every, quarter, scope, publish={})).model_copy(update=as_presented)
    of_charts = await sections_of_charts(every, quarter, origin)
    before = await charts_before(every, quarters_of_charts(quarter))
    withheld = [drawable_of(one) for one in before or () if one.withheld]
    return await charts_of(every, quarter, scope, of_charts.known(), withheld)


async def metrics_for(work: Work, quarter: FinancialQuarter, scope: Scope) -> MetricsOut:
    """The figures over the rows that the actor may list, else the authority's published ones.

    Whoever may list no rows reads the published figures (R4.7.3): small cells are withheld, and so
    is every narrower scope, since two scopes side by side would give a small cell away. Once the
    quarter was presented they are those of the latest version, as at that.
    """
    if work.actor.holds(Permission.METRICS_BREAK_DOWN):
        return await metrics_of(work, quarter, scope)
    _check_whole(scope)
    before = await published_before(work, quarter)
    presented = last_presented(before)
    if presented is not None and presented.figures is not None:
        return presented.figures
    every = replace(work, actor=WHOLE_AUTHORITY)
    origin = Origin(quarter.label, 1, work.now)
    found = await published_together(every, quarter, origin, before=before)
    return found.whole


def _check_whole(scope: Scope) -> None:
    if scope != EVERYTHING:
        detail = "You may read the figures of the whole authority, not those of a part of it."
        raise problems.forbidden(detail, permission=Permission.METRICS_BREAK_DOWN)
