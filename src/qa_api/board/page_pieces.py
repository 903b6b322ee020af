"""The pieces of the Board's page: tables, charts with captions, numbers and dates in words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Final, TypeAlias

from qa_api.board.figure_schemas import DoubtOut, MetricOut, MetricsOut
from qa_api.rules.local_time import LONDON
from qa_api.rules.metrics import Unit
from qa_api.rules.shares import percent

WITHHELD: Final = "withheld: too few"
_FEWEST: Final = 30
"""Below so many, what was frozen before figures said how sure they are is told by its counts."""
NOT_SAID: Final = "not known: frozen before figures said how sure they are"

Doubts: TypeAlias = Mapping[str, DoubtOut]
"""By the rows that their figure counts."""


def chart_figure(chart: str, caption: str) -> str:
    """A chart with its caption; nothing where there is no chart."""
    if not chart:
        return ""
    return f"<figure>{chart}<figcaption>{escape(caption)}</figcaption></figure>"


def table(caption: str, heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already; the first of each row is its heading."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def told_as_now(metrics: MetricsOut) -> MetricsOut:
    """Figures that were frozen before they said how sure they are, without shares of few."""
    if metrics.doubts is not None:
        return metrics
    agreement = metrics.agreement and [
        scale.model_copy(update={"figures": [without_bare_share(one) for one in scale.figures]})
        for scale in metrics.agreement
    ]
    figures = [without_bare_share(figure) for figure in metrics.figures]
    return metrics.model_copy(update={"figures": figures, "agreement": agreement})


def without_bare_share(figure: MetricOut) -> MetricOut:
    """The figure, without its value where that is a share of few."""
    of = figure.denominator.count
    if figure.unit is not Unit.SHARE or of is None or of >= _FEWEST:
        return figure
    return figure.model_copy(update={"value": None})


def how_sure(doubt: DoubtOut | None) -> str:
    """A cell that says how sure a figure is."""
    return said_cell(None if doubt is None else doubt.sentence)


def said_cell(sentence: str | None) -> str:
    """A cell with the doubt of a figure in words."""
    return f'<td class="doubt">{escape(NOT_SAID if sentence is None else sentence)}</td>'


def number(text: str) -> str:
    """A cell of a table that holds a number or says why it does not."""
    return f'<td class="number">{escape(text)}</td>'


def value_of(figure: MetricOut) -> str:
    """The value of a figure in words: a share of few as its counts, never in per cent."""
    if figure.withheld:
        return WITHHELD
    if figure.unit is Unit.SHARE:
        return _share_of(figure)
    if figure.value is None:
        return "none"
    match figure.unit:
        case Unit.WORKING_DAYS:
            return f"{figure.value:g} working days"
        case Unit.MINUTES:
            return f"{figure.value:.0f} minutes"


def _share_of(figure: MetricOut) -> str:
    count, of = figure.numerator.count, figure.denominator.count
    if not of:
        return "none"
    return count_of(figure) if figure.value is None or count is None else percent(count / of)


def count_of(figure: MetricOut) -> str:
    """Numerator of denominator."""
    count, of = figure.numerator.count, figure.denominator.count
    if count is None:
        return WITHHELD if of is None else f"{WITHHELD}, of {of}"
    return f"{count} of {'too few to be told' if of is None else of}"


def of_all(count: int | None, definition: str) -> str:
    """How many there are of what a table is about, and what they are."""
    return f"Of {'so few that their number is withheld' if count is None else count}: {definition}"


def counted(count: int | None) -> str:
    """A count, or that it is withheld."""
    return WITHHELD if count is None else str(count)


def in_words(figures: Sequence[MetricOut]) -> str:
    """Figures as a sentence, for who cannot see their chart."""
    return parted(f"{figure.title}: {with_counts(figure)}" for figure in figures)


def with_counts(figure: MetricOut) -> str:
    """The value of a figure and, where that is another thing, its counts."""
    value, counts = value_of(figure), count_of(figure)
    return value if value == counts else f"{value} ({counts})"


def parted(parts: Iterable[str]) -> str:
    """Parts of a chart's description; one that is a sentence has its end already."""
    return "".join(part + (" " if part.endswith(".") else "; ") for part in parts).rstrip("; ")


def when(instant: datetime) -> str:
    """An instant as it was in London."""
    return f"{instant.astimezone(LONDON):%-d %B %Y, %H:%M}"


def day(date_: date) -> str:
    """A date in words."""
    return f"{date_:%-d %B %Y}"
