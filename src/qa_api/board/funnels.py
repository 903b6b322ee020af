"""Teams or services side by side: each share in the funnel of its figure (R4.7.3)."""

from collections.abc import Mapping, Sequence
from typing import Final

from qa_api.board.breakdown_schemas import BreakdownRowOut, BrokenDownFigureOut, FunnelBoundsOut
from qa_api.moderation.agreement_schemas import IntervalOut
from qa_api.rules.funnels import FEWEST_PARTS, Part, said, side_by_side, standing
from qa_api.rules.intervals import Interval
from qa_api.rules.metrics import CATALOGUE, Unit

_SHARES: Final = frozenset(figure.key for figure in CATALOGUE if figure.unit is Unit.SHARE)


def in_funnels(rows: Sequence[BreakdownRowOut]) -> list[BreakdownRowOut]:
    """The rows, each share with its bounds where three or more rows have the figure."""
    bounds = {key: bounds_of(rows, key) for key in _SHARES}
    return [
        row.model_copy(
            update={
                "figures": [
                    figure.model_copy(update={"funnel": bounds.get(figure.key, {}).get(at)})
                    for figure in row.figures
                ]
            }
        )
        for at, row in enumerate(rows)
    ]


def bounds_of(rows: Sequence[BreakdownRowOut], key: str) -> Mapping[int, FunnelBoundsOut]:
    """The bounds of a figure by the place of its row; none where fewer than three have any."""
    found = {
        at: Part(figure.numerator, figure.denominator)
        for at, row in enumerate(rows)
        for figure in row.figures
        if _has_any(figure, key)
    }
    if len(found) < FEWEST_PARTS:
        return {}
    drawn = side_by_side([*found.values()])
    return {
        at: _out(part, inner, outer, drawn.target)
        for (at, part), inner, outer in zip(found.items(), drawn.inner, drawn.outer, strict=True)
    }


def _has_any(figure: BrokenDownFigureOut, key: str) -> bool:
    return figure.key == key and figure.denominator > 0


def _out(part: Part, inner: Interval, outer: Interval, target: float) -> FunnelBoundsOut:
    stands = standing(part, inner, outer)
    return FunnelBoundsOut(
        inner=IntervalOut(low=round(inner.low, 4), high=round(inner.high, 4)),
        outer=IntervalOut(low=round(outer.low, 4), high=round(outer.high, 4)),
        stands=stands,
        sentence=said(stands, target),
    )
