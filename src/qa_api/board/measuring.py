"""Figures over lists: each counted where the actor may read its rows, with the link to them."""

from collections.abc import Iterable

from qa_api.board.counting import Part, counted, medians
from qa_api.board.figure_schemas import MetricOut, MetricPartOut
from qa_api.board.lists import READ_BY
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Figure, Scope, Unit, share
from qa_api.work import Work


async def measured(
    work: Work, quarter: FinancialQuarter, scope: Scope, wanted: Iterable[Figure]
) -> list[MetricOut]:
    """The figures that the actor may know: who may not read a list gets none over it."""
    figures = [f for f in wanted if work.actor.holds(READ_BY[f.denominator.source])]
    above = [Part(figure.numerator, quarter, scope) for figure in figures]
    below = [Part(figure.denominator, quarter, scope) for figure in figures]
    counts = await counted(work, [*above, *below])
    spans = [
        (part, figure.span)
        for part, figure in zip(above, figures, strict=True)
        if figure.span is not None
    ]
    found = iter(await medians(work, spans))
    metrics = []
    for at, figure in enumerate(figures):
        numerator, denominator = counts[at], counts[at + len(figures)]
        value = share(numerator, denominator) if figure.unit is Unit.SHARE else next(found)
        metrics.append(
            MetricOut(
                key=figure.key,
                title=figure.title,
                clause=figure.clause,
                unit=figure.unit,
                numerator=part_out(above[at], numerator),
                denominator=part_out(below[at], denominator),
                value=None if value is None else round(value, 4),
                withheld=False,
            )
        )
    return metrics


def part_out(part: Part, count: int) -> MetricPartOut:
    """What is counted, how many, and where they are listed."""
    return MetricPartOut(definition=part.counted.definition, count=count, rows=part.link)
