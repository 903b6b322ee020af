"""Counting the rows of lists: every part of every figure in one statement, at one instant."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import (
    ColumnElement,
    Date,
    Float,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from qa_api.auth.actor import Me
from qa_api.board.lists import LISTINGS
from qa_api.models.policy import CalendarDay
from qa_api.rules.local_time import FinancialQuarter
from qa_api.rules.metrics import Counted, Scope, Span, Value, given
from qa_api.work import Work


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a figure over one quarter in one scope."""

    counted: Counted
    quarter: FinancialQuarter
    scope: Scope

    @property
    def filters(self) -> Mapping[str, Value]:
        """Every filter of the list."""
        return given(self.counted, self.quarter, self.scope)

    @property
    def link(self) -> str:
        """Where exactly its rows are listed."""
        written = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in self.filters.items()
        }
        return f"/v1/{self.counted.source}?{urlencode(written)}"


async def counted(work: Work, parts: Sequence[Part]) -> list[int]:
    """How many rows of each part the actor may see."""
    return await _measured(work, [(part, None) for part in parts])


async def medians(work: Work, spans: Sequence[tuple[Part, Span]]) -> list[float | None]:
    """The median span over the rows of each part; None where there are none."""
    return await _measured(work, spans)


async def _measured(work: Work, asked: Sequence[tuple[Part, Span | None]]) -> list[Any]:
    """One value for each, in one statement; what is of one list and quarter is read once."""
    if not asked:
        return []
    groups: dict[Part, list[int]] = {}
    for at, (part, _) in enumerate(asked):
        every = Counted("every row of the quarter", part.counted.source, part.counted.dated)
        groups.setdefault(Part(every, part.quarter, part.scope), []).append(at)
    columns: dict[int, ColumnElement[Any]] = {}
    found: Any = None
    for whole, places in groups.items():
        listing = LISTINGS[whole.counted.source]
        row = aliased(listing.shape.entity)
        values = [_value(row, *asked[at], work.me).label(f"v{at}") for at in places]
        kept = (listing.visible(row, work.me), *_kept(row, whole, whole.filters, work.me))
        read = select(*values).select_from(row).where(*kept).subquery()
        columns |= {at: read.c[f"v{at}"] for at in places}
        found = read if found is None else found.join(read, true())
    rows = await work.session.execute(
        select(*(columns[at] for at in sorted(columns))).select_from(found)
    )
    return list(rows.one())


def _value(row: Any, part: Part, span: Span | None, me: Me) -> ColumnElement[Any]:
    kept = and_(true(), *_kept(row, part, part.counted.filters, me))
    if span is None:
        return func.count().filter(kept)
    length = func.percentile_cont(0.5).within_group(case((kept, _length(row, span))))
    return cast(length, Float)


def _kept(
    row: Any, part: Part, filters: Mapping[str, Value], me: Me
) -> Iterator[ColumnElement[bool]]:
    """The conditions of the list's own filters."""
    for name, value in filters.items():
        kept = LISTINGS[part.counted.source].filters[name]
        asked = None if kept.type is None else literal(value, kept.type)
        condition = kept.keeps(row, asked, me)
        yield not_(condition) if value is False else condition


def _length(row: Any, span: Span) -> ColumnElement[Any]:
    match span:
        case Span.NOTIFIED_TO_SUBMITTED:
            notified_on = cast(func.timezone("Europe/London", row.notified_at), Date)
            days = _working_index(row.first_submitted_on) - _working_index(notified_on)
            return func.greatest(days, 0)  # a response may be written before the notification
        case Span.RAISED_TO_ACKNOWLEDGED:
            return _minutes(row.raised_at, row.acknowledged_at)
        case Span.RAISED_TO_INFORMED:
            return _minutes(row.raised_at, row.quality_standards_informed_at)


def _working_index(day: ColumnElement[Any]) -> ColumnElement[Any]:
    known = aliased(CalendarDay)
    index = select(known.working_index).where(known.day == day)
    return index.correlate_except(known).scalar_subquery()


def _minutes(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.extract("epoch", end - start) / 60
