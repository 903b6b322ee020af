"""What was published of a quarter before: no later version may split what was joined (R4.7.3)."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import exists, select

from qa_api.board.chart_schemas import ChartOut
from qa_api.board.figure_schemas import (
    JoinedJudgementsOut,
    MetricsOut,
    ScaleJudgementsOut,
    ThemeFiguresOut,
    ThemeJudgementsOut,
    judged_on,
)
from qa_api.board.publishing import shown_cells
from qa_api.board.schemas import TrendOut
from qa_api.models.board import COUNTED, BoardReport
from qa_api.reads.kept import with_nulls
from qa_api.rules.grouped import Grouped, Runs, apart, joined
from qa_api.rules.judged_on import JudgedOn
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.readers import Cell
from qa_api.rules.unchanging import Unchanging
from qa_api.work import Work

QUARTERS_OF_TREND: Final = 4
Judged = Sequence[ScaleJudgementsOut] | Sequence[ThemeJudgementsOut]


class Origin(Unchanging):
    """The report that told of something, and as at when."""

    quarter: str
    number: int
    as_at: datetime


class Version(Unchanging):
    """One published version of a quarter's figures: the authority's, and its services'."""

    judgements: Sequence[ScaleJudgementsOut]
    joined: Sequence[JoinedJudgementsOut]
    shown: frozenset[Cell]
    """The counts that it shows, by the rows that they count."""
    services: Mapping[str, MetricsOut]
    themes: Sequence[ThemeFiguresOut]
    trend: TrendOut
    """As it stands in the trend of a later report."""
    figures: MetricsOut | None = None
    """All that its own report says of the authority; None where it is in a later trend alone."""
    charts: Sequence[ChartOut] | None = None
    keeps_counted: bool = True
    """Whether what it was counted from is kept: it is not in the oldest reports."""
    origin: Origin | None = None
    minimum: int | None = None
    """The policy's minimum under which it was presented."""

    def grouped(self, on: JudgedOn) -> Grouped | None:
        """How the judgements of a thing were shown; None where there were none of it."""
        if not any(judged_on(one) == on for one in self.judgements):
            return None
        whole = _runs(self.judgements, self.joined, on)
        services = {
            code: runs
            for code, figures in self.services.items()
            if (runs := _runs(figures.judgements, figures.joined or (), on))
        }
        return _as_grouped(whole, services)

    def grouped_themes(self, on: JudgedOn) -> Grouped:
        """How the judgements of a thing were shown of all audits and of themes."""
        themes = {
            theme.theme: runs
            for theme in self.themes
            if (runs := _runs(theme.judgements, self.joined, on, theme.theme))
        }
        return _as_grouped(_runs(self.judgements, self.joined, on), themes)


def withheld_since(now: MetricsOut, before: Iterable[Version], minimum: int) -> str | None:
    """That figures are withheld which an earlier version told under a lower minimum, if any are.

    `now` is what is told under the policy's `minimum` of today.
    """
    told = _told(now)
    for version in reversed([*before]):
        if version.figures is None or version.origin is None or version.minimum is None:
            continue
        if version.minimum < minimum and not _told(version.figures) <= told:
            return (
                f"Version {version.origin.number} told figures that are withheld now: the policy's"
                f" minimum was {version.minimum} then, and is {minimum} now."
            )
    return None


def _told(figures: MetricsOut) -> set[Hashable]:
    """The counts that figures show, and those of joined judgements."""
    joined = ((judged_on(one), one.theme, *one.judgements) for one in figures.joined or ())
    return {*shown_cells(figures), *joined}


async def charts_before(
    work: Work, quarters: Iterable[FinancialQuarter]
) -> Sequence[ChartOut] | None:
    """The charts of the report on one of these quarters that was presented last."""
    charts = (
        select(BoardReport.snapshot["charts"])
        .where(
            BoardReport.quarter.in_([one.label for one in quarters]),
            BoardReport.snapshot.is_not(None),
        )
        .order_by(BoardReport.presented_at.desc(), BoardReport.id.desc())
        .limit(1)
    )
    return _read_charts(await work.session.scalar(charts))


def last_presented(versions: Iterable[Version]) -> Version | None:
    """The latest version of the quarter's own report."""
    return next((one for one in reversed([*versions]) if one.figures is not None), None)


def _as_grouped(whole: Runs, parts: Mapping[str, Runs]) -> Grouped:
    return Grouped(whole, joined(whole, *parts.values()) if parts else (), tuple(parts))


async def published_before(work: Work, quarter: FinancialQuarter) -> list[Version]:
    """Every published version of a quarter, in its own reports and in later trends, the latest
    last."""
    labels = [quarter.label]
    following = quarter
    while len(labels) < QUARTERS_OF_TREND:
        following = following.next
        labels.append(following.label)
    kept_so = exists().where(
        COUNTED.id == BoardReport.id, COUNTED.counted.has_key(BoardReport.quarter)
    )
    versions = (
        select(
            BoardReport.quarter,
            BoardReport.number,
            BoardReport.presented_at,
            BoardReport.snapshot,
            kept_so,
        )
        .where(BoardReport.quarter.in_(labels), BoardReport.snapshot.is_not(None))
        .order_by(BoardReport.presented_at, BoardReport.id)
    )
    async with work.reaching_everybody():  # nothing of `counted` but whether it was kept
        kept: Sequence[Any] = (await work.session.execute(versions)).all()
    found = []
    for own, number, presented_at, snapshot, keeps in kept:
        if not snapshot:  # and so nothing was shown
            continue
        if own == quarter.label:
            found.append(_version(snapshot, Origin(own, number, presented_at), keeps))
        else:
            found += [
                _of_trend(said)
                for said in snapshot.get("trend", ())  # the first reports had none
                if said["quarter"] == quarter.label
            ]
    return found


def _version(snapshot: Mapping[str, Any], origin: Origin, keeps: bool) -> Version:
    figures = read_figures(snapshot["figures"])
    services = {
        said["service"]: read_figures(said["figures"])
        for said in snapshot["updates"]
        if said["figures"]
    }
    shown = frozenset(cell for each in (figures, *services.values()) for cell in shown_cells(each))
    (trend,) = (said for said in snapshot["trend"] if said["quarter"] == figures.quarter)
    return Version(
        figures.judgements,
        figures.joined or (),
        shown,
        services,
        figures.themes or (),
        _read_trend(trend),
        figures,
        _read_charts(snapshot.get("charts")),
        keeps,
        origin,
        snapshot["small_cell_minimum"],
    )


def _of_trend(said: Mapping[str, Any]) -> Version:
    trend = _read_trend(said)
    figure = trend.responses_adequate_on_time
    parts = [] if figure is None else [figure.numerator, figure.denominator]
    parts += [scale.denominator for scale in trend.judgements]
    shown = frozenset[Cell](part.rows for part in parts if part.count is not None)
    return Version(trend.judgements, trend.joined or (), shown, {}, (), trend)


def read_figures(kept: Mapping[str, Any]) -> MetricsOut:
    """Figures that were frozen, by today's schema."""
    return MetricsOut.model_validate_json(orjson.dumps(with_nulls(kept, MetricsOut)))


def _read_trend(kept: Mapping[str, Any]) -> TrendOut:
    return TrendOut.model_validate_json(orjson.dumps(with_nulls(kept, TrendOut)))


def _read_charts(kept: Sequence[Any] | None) -> Sequence[ChartOut] | None:
    if kept is None:
        return None
    return [ChartOut.model_validate_json(orjson.dumps(with_nulls(one, ChartOut))) for one in kept]


def _runs(
    judged: Judged,
    together: Iterable[JoinedJudgementsOut],
    on: JudgedOn,
    theme: str | None = None,
) -> Runs:
    """How finely a thing was shown; what was hidden singly, before there were joined judgements,
    counts as joined with all that lies between."""
    found = next((one for one in judged if judged_on(one) == on), None)
    if found is None:
        return ()
    place = {judgement.judgement: at for at, judgement in enumerate(found.judgements)}
    spans = [
        (place[one.judgements[0]], place[one.judgements[-1]])
        for one in together
        if one.theme == theme and judged_on(one) == on
    ]
    hidden = [
        at
        for at, judgement in enumerate(found.judgements)
        if judgement.count is None and not any(first <= at <= last for first, last in spans)
    ]
    if hidden:
        spans.append((hidden[0], hidden[-1]))
    if len(hidden) == len(place) and found.denominator.count is None:
        return ()
    ends = [
        end for _, end in apart(len(place)) if not any(first < end <= last for first, last in spans)
    ]
    return tuple(zip((0, *ends[:-1]), ends, strict=True))
