"""Counting the long way: over the lists themselves, with the lists' own locks and filters.

What the rollups say must be what this says, for everybody and whatever happened.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Float, and_, case, cast, func, literal, not_, select
from sqlalchemy.orm import aliased

from qa_api.auth.actor import Me
from qa_api.board.list_counts import Part
from qa_api.board.lists import LISTS
from qa_api.db import Prepared
from qa_api.models.policy import CalendarDay
from qa_api.rules.metrics import Span, Value
from qa_api.work import Work

Asked = tuple[Part, Span | None]


async def measured(work: Work, asked: Sequence[Asked]) -> list[Any]:
    """The count or the median of each part, over the base tables."""
    found: dict[int, Any] = {}
    for places, statement in _statements(tuple(asked)):
        (answer,) = await work.run(statement, **work.actor.given(work.now, work.today))
        found |= dict(zip(places, answer.values(), strict=True))
    return [found[at] for at in range(len(asked))]


@cache
def _statements(asked: tuple[Asked, ...]) -> list[tuple[list[int], Prepared]]:
    """One statement for each list and date, and the places of its values."""
    groups: dict[Any, list[int]] = {}
    for at, (part, _) in enumerate(asked):
        groups.setdefault((part.counted.source, part.counted.dated, part.scope), []).append(at)
    return [(places, _statement([asked[at] for at in places])) for places in groups.values()]


def _statement(asked: Sequence[Asked]) -> Prepared:
    part, _ = asked[0]
    listing, me = LISTS[part.counted.source].listing, Me.given()
    row = aliased(listing.shape.entity)
    dates = {
        name: value for name, value in part.filters.items() if name not in part.counted.filters
    }
    values = [_value(row, *one, me).label(f"v{at}") for at, one in enumerate(asked)]
    kept = (listing.visible(row, me), *_kept(row, part, dates, me))
    return Prepared.of(select(*values).select_from(row).where(*kept))


def _value(row: Any, part: Part, span: Span | None, me: Me) -> ColumnElement[Any]:
    kept = and_(literal(True), *_kept(row, part, part.counted.filters, me))
    if span is None:
        return func.count().filter(kept)
    length = func.percentile_cont(0.5).within_group(case((kept, _length(row, span))))
    return cast(length, Float)


def _kept(
    row: Any, part: Part, filters: Mapping[str, Value], me: Me
) -> Iterator[ColumnElement[bool]]:
    for name, value in filters.items():
        kept = LISTS[part.counted.source].listing.filters[name]
        asked = None if kept.type is None else literal(value, kept.type)
        condition = kept.keeps(row, asked, me)
        yield not_(condition) if value is False else condition


def _length(row: Any, span: Span) -> ColumnElement[Any]:
    match span:
        case Span.NOTIFIED_TO_SUBMITTED:
            notified_on = cast(func.timezone("Europe/London", row.notified_at), Date)
            days = _working_index(row.first_submitted_on) - _working_index(notified_on)
            return func.greatest(days, 0)
        case Span.RAISED_TO_ACKNOWLEDGED:
            return _minutes(row.raised_at, row.acknowledged_at)
        case Span.RAISED_TO_INFORMED:
            return _minutes(row.raised_at, row.quality_standards_informed_at)


def _working_index(day: ColumnElement[Any]) -> ColumnElement[Any]:
    known = aliased(CalendarDay)
    index = select(known.working_index).where(known.day == day)
    return index.correlate_except(known).scalar_subquery()


def _minutes(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.floor(func.extract("epoch", end - start) / 60)
