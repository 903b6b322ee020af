"""Figures as they may be read by people who may not see the rows: small cells withheld (R4.7.3).

What is counted twice has one link, so it is withheld in both places or in none.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from qa_api.board.after_moderation import still_said
from qa_api.board.doubts import still_shown
from qa_api.board.figure_schemas import (
    AgreementFiguresOut,
    MetricOut,
    MetricPartOut,
    MetricsOut,
    ModeratedCountOut,
    ObservationsOut,
    ScaleJudgementsOut,
    ThemeFiguresOut,
    ThemeJudgementsOut,
    judged_on,
)
from qa_api.board.list_counts import Part
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import COMPLETED, SPLIT, Counted, Scope
from qa_api.rules.policy import Policy
from qa_api.rules.small_cells import Cell, Table, withheld

Judged = TypeVar("Judged", ScaleJudgementsOut, ThemeJudgementsOut)
Hidden = frozenset[Cell]
Row = tuple[Cell, Sequence[Cell]]
"""A whole and parts of it that lie apart."""

_OBSERVED = ("with_none", "with_one", "with_two_or_more")


def published(metrics: MetricsOut, policy: Policy) -> MetricsOut:
    """The figures as they may leave the service."""
    return without(metrics, to_withhold([metrics], policy))


def to_withhold(several: Sequence[MetricsOut], policy: Policy) -> Hidden:
    """What must be withheld of figures that are published together.

    The first may be the authority's and the others its services': nobody must be able to work out
    what is withheld of one service from the whole and the other services.
    """
    counts = {cell: count for metrics in several for cell, count in _counts(metrics)}
    rows = [row for metrics in several for row in _rows(metrics)]
    whole, *services = several
    for cell, _ in _counts(whole):
        rows.append((cell, [_in_service(cell, one.service) for one in services]))
    tables = [
        Table(row, found)
        for row, parts in rows
        if row in counts and (found := tuple(part for part in parts if part in counts))
    ]
    return withheld(counts, tables, policy)


def _in_service(cell: Cell, service: str | None) -> Cell:
    return f"{cell}&service={service}" if isinstance(cell, str) else (cell, service)


# --- which counts there are, and how they hang together ---


def every_cell(metrics: MetricsOut) -> Iterator[Cell]:
    """What every count of figures is named by, moderated counts by judgement too."""
    return (cell for cell, _ in _every_count(metrics))


def shown_cells(metrics: MetricsOut) -> Iterator[Cell]:
    """What the counts are named by that are shown."""
    return (cell for cell, count in _every_count(metrics) if count is not None)


def _counts(metrics: MetricsOut) -> Iterator[tuple[Cell, int]]:
    for cell, count in _every_count(metrics):
        if count is not None:
            yield cell, count


def _every_count(metrics: MetricsOut) -> Iterator[tuple[Cell, int | None]]:
    for figure in _figures(metrics):
        yield figure.numerator.rows, figure.numerator.count
        yield figure.denominator.rows, figure.denominator.count
    for scale in _scales(metrics):
        yield scale.denominator.rows, scale.denominator.count
        yield from ((judgement.rows, judgement.count) for judgement in scale.judgements)
    for theme in metrics.themes or ():
        yield theme.completed.rows, theme.completed.count
    for overall in metrics.judgements:
        yield pairs_cell(overall), overall.moderated_pairs
        for point in overall.moderated:
            yield before_cell(overall, point), point.before
            yield after_cell(overall, point), point.after
    if seen := metrics.observations:
        yield observed_cell(metrics, "workers"), seen.workers
        yield from ((observed_cell(metrics, name), getattr(seen, name)) for name in _OBSERVED)


def _figures(metrics: MetricsOut) -> Iterator[MetricOut]:
    yield from metrics.figures
    yield from (theme.audits for theme in metrics.themes or ())
    for scale in metrics.agreement or ():
        yield from scale.figures


def _scales(metrics: MetricsOut) -> Iterator[ScaleJudgementsOut | ThemeJudgementsOut]:
    yield from metrics.judgements
    for theme in metrics.themes or ():
        yield from theme.judgements


def _rows(metrics: MetricsOut) -> Iterator[Row]:
    for figure in _figures(metrics):
        yield figure.denominator.rows, [figure.numerator.rows]
    for scale in _scales(metrics):
        yield scale.denominator.rows, [judgement.rows for judgement in scale.judgements]
    for whole, parts in SPLIT:
        yield _link(metrics, whole), [_link(metrics, part) for part in parts]
    completed = _link(metrics, COMPLETED)
    for scales in _apart(metrics.judgements):
        yield completed, [scale.denominator.rows for scale in scales]
    yield from _of_themes(metrics, completed)
    yield from _of_moderation(metrics)
    yield observed_cell(metrics, "workers"), [observed_cell(metrics, name) for name in _OBSERVED]


def _link(metrics: MetricsOut, part: Counted) -> str:
    scope = Scope(metrics.team, metrics.service, metrics.type)
    return Part(part, FinancialQuarter.labelled(metrics.quarter), scope).link


def _of_themes(metrics: MetricsOut, completed: Cell) -> Iterator[Row]:
    """Each theme is a part of all audits, and its judgements a part of each judgement."""
    themes = metrics.themes or ()
    done = next((figure for figure in metrics.figures if figure.key == "audits_done"), None)
    if done is not None:
        yield done.denominator.rows, [theme.audits.denominator.rows for theme in themes]
        yield done.numerator.rows, [theme.audits.numerator.rows for theme in themes]
    yield completed, [theme.completed.rows for theme in themes]
    for theme in themes:
        for parts in _apart(theme.judgements):
            yield theme.completed.rows, [scale.denominator.rows for scale in parts]
    for overall in metrics.judgements:
        same = [scale for theme in themes for scale in theme.judgements if _alike(scale, overall)]
        yield overall.denominator.rows, [scale.denominator.rows for scale in same]
        for at, judgement in enumerate(overall.judgements):
            yield judgement.rows, [scale.judgements[at].rows for scale in same]


def _apart(judgements: Sequence[Judged]) -> Iterator[Sequence[Judged]]:
    """Judgements of audits that lie apart: as wholes on several scales, or of one domain."""
    yield [one for one in judgements if one.domain_key is None]
    for domain in dict.fromkeys(one.domain_key for one in judgements):
        if domain is not None:
            yield [one for one in judgements if one.domain_key == domain]


def _alike(one: ThemeJudgementsOut, other: ScaleJudgementsOut) -> bool:
    return judged_on(one) == judged_on(other)


def _of_moderation(metrics: MetricsOut) -> Iterator[Row]:
    for overall in metrics.judgements:
        yield pairs_cell(overall), [before_cell(overall, point) for point in overall.moderated]
        yield pairs_cell(overall), [after_cell(overall, point) for point in overall.moderated]
    for scale in metrics.agreement or ():
        exact, within_one, raised, lowered = (figure.numerator.rows for figure in scale.figures)
        pairs = scale.figures[0].denominator.rows
        yield pairs, [exact, raised, lowered]
        yield within_one, [exact]
        yield pairs, [pairs_cell(scale)]  # the same, counted at another place


def pairs_cell(scale: ScaleJudgementsOut | AgreementFiguresOut) -> Cell:
    """What the number of audits moderated in one way on a scale is named by."""
    if isinstance(scale, AgreementFiguresOut):
        return "pairs", judged_on(scale), scale.second_grade
    return "pairs", judged_on(scale), scale.moderated_second_grade


def before_cell(scale: ScaleJudgementsOut, point: ModeratedCountOut) -> Cell:
    """What the number of a judgement before moderation is named by."""
    return "before", judged_on(scale), point.judgement


def after_cell(scale: ScaleJudgementsOut, point: ModeratedCountOut) -> Cell:
    """What the number of a judgement after moderation is named by."""
    return "after", judged_on(scale), point.judgement


def observed_cell(metrics: MetricsOut, name: str) -> Cell:
    """What a number of workers by observations is named by."""
    cell: Cell = ("observed", name)
    return (cell, metrics.service) if metrics.service else cell


# --- the figures without them ---


def without(metrics: MetricsOut, hidden: Hidden) -> MetricsOut:
    """The figures without what is withheld; links stay, for those who may follow them."""
    agreement = metrics.agreement
    shown = metrics.model_copy(
        update={
            "figures": [_figure(figure, hidden) for figure in metrics.figures],
            "judgements": [_moderated(_scale(s, hidden), hidden) for s in metrics.judgements],
            "themes": metrics.themes and [_theme(theme, hidden) for theme in metrics.themes],
            "agreement": agreement and [_agreement(scale, hidden) for scale in agreement],
            "observations": _observations(metrics, metrics.observations, hidden),
        }
    )
    return shown.model_copy(update={**still_shown(shown), "after_moderation": still_said(shown)})


def listed(metrics: MetricsOut) -> MetricsOut:
    """The figures without themes and kinds of pairs of which no number is shown.

    They are listed because there is an audit: where five are left over, five such themes would say
    that each has one.
    """
    themes, agreement = metrics.themes, metrics.agreement
    return metrics.model_copy(
        update={
            "themes": themes and [theme for theme in themes if _tells_of(theme)],
            "agreement": agreement
            and [one for one in agreement if one.figures[0].denominator.count is not None],
        }
    )


def _tells_of(theme: ThemeFiguresOut) -> bool:
    counts = (theme.audits.numerator.count, theme.audits.denominator.count, theme.completed.count)
    return any(count is not None for count in counts)


def _figure(figure: MetricOut, hidden: Hidden) -> MetricOut:
    if hidden.isdisjoint({figure.numerator.rows, figure.denominator.rows}):
        return figure
    return figure.model_copy(
        update={
            "numerator": _part(figure.numerator, hidden),
            "denominator": _part(figure.denominator, hidden),
            "value": None,
            "withheld": True,
        }
    )


def _part(part: MetricPartOut, hidden: Hidden) -> MetricPartOut:
    return part.model_copy(update={"count": None}) if part.rows in hidden else part


def _scale(scale: Judged, hidden: Hidden) -> Judged:
    judgements = [
        one.model_copy(update={"count": None}) if one.rows in hidden else one
        for one in scale.judgements
    ]
    cells = {scale.denominator.rows, *(one.rows for one in scale.judgements)}
    return scale.model_copy(
        update={
            "denominator": _part(scale.denominator, hidden),
            "judgements": judgements,
            "withheld": not hidden.isdisjoint(cells),
        }
    )


def _moderated(scale: ScaleJudgementsOut, hidden: Hidden) -> ScaleJudgementsOut:
    if pairs_cell(scale) in hidden:
        return scale.model_copy(update={"moderated": [], "moderated_pairs": None})
    points = [
        point.model_copy(
            update={
                "before": None if before_cell(scale, point) in hidden else point.before,
                "after": None if after_cell(scale, point) in hidden else point.after,
            }
        )
        for point in scale.moderated
    ]
    some = any(point.before is not None or point.after is not None for point in points)
    return scale.model_copy(update={"moderated": points if some else []})


def _theme(theme: ThemeFiguresOut, hidden: Hidden) -> ThemeFiguresOut:
    return theme.model_copy(
        update={
            "audits": _figure(theme.audits, hidden),
            "completed": _part(theme.completed, hidden),
            "judgements": [_scale(scale, hidden) for scale in theme.judgements],
        }
    )


def _agreement(scale: AgreementFiguresOut, hidden: Hidden) -> AgreementFiguresOut:
    return scale.model_copy(
        update={"figures": [_figure(figure, hidden) for figure in scale.figures]}
    )


def _observations(
    metrics: MetricsOut, seen: ObservationsOut | None, hidden: Hidden
) -> ObservationsOut | None:
    names: Iterable[str] = ("workers", *_OBSERVED)
    gone = {name: None for name in names if observed_cell(metrics, name) in hidden}
    return seen and seen.model_copy(update=gone)
