"""What stands in front of every read, in its statement: who calls, and that they are let in."""

from functools import cache
from typing import Any

from sqlalchemy import CTE, UUID, ColumnElement, Select, and_, cast, literal, select

from qa_api.auth.actor import context


@cache
def caller_context() -> CTE:
    """Who calls: the same words in front of every read."""
    return context().cte("me").prefix_with("MATERIALIZED")


def let_in(me_context: CTE) -> ColumnElement[bool]:
    # The guard must have been computed before a row is scanned: that sets the policies' context.
    return and_(me_context.c.permitted, me_context.c.guard.is_not(None))


def subject_or_none(row: Any, attribute: str | None) -> ColumnElement[Any]:
    return getattr(row, attribute) if attribute else cast(None, UUID)


def shown_behind(me_context: CTE, row: Any, found: Select[Any]) -> CTE:
    """The rows found, behind the context: the lateral join forces the order, OFFSET 0 keeps it."""
    rows = found.correlate_except(row).offset(literal(0)).lateral("found")
    return select(*rows.c).select_from(me_context.join(rows, literal(True))).cte("shown")
