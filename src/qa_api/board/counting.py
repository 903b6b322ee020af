"""Counting the rows of lists: every part of every figure in one statement, at one instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Date, Float, ScalarSelect, cast, func, literal, not_, select
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
    if not parts:
        return []
    found = await work.session.execute(select(*(_count(part, work.me) for part in parts)))
    return list(found.one())


async def medians(work: Work, spans: Sequence[tuple[Part, Span]]) -> list[float | None]:
    """The median span over the rows of each part; None where there are none."""
    if not spans:
        return []
    asked = (_median(part, span, work.me) for part, span in spans)
    found = await work.session.execute(select(*asked))
    return list(found.one())


def _count(part: Part, me: Me) -> ScalarSelect[int]:
    row, conditions = _rows(part, me)
    return select(func.count()).select_from(row).where(*conditions).scalar_subquery()


def _median(part: Part, span: Span, me: Me) -> ScalarSelect[Any]:
    row, conditions = _rows(part, me)
    length = func.percentile_cont(0.5).within_group(_length(row, span))
    return select(cast(length, Float)).select_from(row).where(*conditions).scalar_subquery()


def _rows(part: Part, me: Me) -> tuple[Any, list[ColumnElement[bool]]]:
    """The rows of the list, as the list finds them: its first lock and its filters."""
    listing = LISTINGS[part.counted.source]
    row = aliased(listing.shape.entity)
    conditions = [listing.visible(row, me)]
    for name, value in part.filters.items():
        kept = listing.filters[name]
        asked = None if kept.type is None else literal(value, kept.type)
        condition = kept.keeps(row, asked, me)
        conditions.append(not_(condition) if value is False else condition)
    return row, conditions


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
