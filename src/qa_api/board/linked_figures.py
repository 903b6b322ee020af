"""Figures over lists: each counted where the actor may read its rows, with the link to them."""

from collections.abc import Iterable

from qa_api.auth.actor import Actor
from qa_api.board.figure_schemas import MetricOut, MetricPartOut
from qa_api.board.list_counts import Part, Tally
from qa_api.board.lists import LISTS
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Figure, share
from qa_api.rules.policy import Policy
from qa_api.rules.shares import ShownAs, shown_as


def measured(
    actor: Actor,
    tally: Tally,
    quarter: FinancialQuarter,
    wanted: Iterable[Figure],
    policy: Policy,
) -> list[MetricOut]:
    """The figures that the actor may know: none over a list that they may not read."""
    return [
        _measured(tally, quarter, figure, policy)
        for figure in wanted
        if actor.holds(LISTS[figure.denominator.source].read_by)
    ]


def _measured(tally: Tally, quarter: FinancialQuarter, figure: Figure, policy: Policy) -> MetricOut:
    above = tally.part(figure.numerator, quarter)
    below = tally.part(figure.denominator, quarter)
    numerator, denominator = tally.count(above), tally.count(below)
    if figure.span is None:
        told = shown_as(denominator, policy) is ShownAs.SHARE
        value = share(numerator, denominator) if told else None
    else:
        value = tally.median(above, figure.span)
    return MetricOut(
        key=figure.key,
        title=figure.title,
        clause=figure.clause,
        unit=figure.unit,
        numerator=part_out(above, numerator),
        denominator=part_out(below, denominator),
        value=value,
        withheld=False,
    )


def part_out(part: Part, count: int) -> MetricPartOut:
    """What is counted, how many, and where they are listed."""
    return MetricPartOut(definition=part.counted.definition, count=count, rows=part.link)
