"""Statements inside another: which rows are their own; all others are of the outer one."""

from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    Text,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by

Own: TypeAlias = Any
"""A row that a statement inside looks through (`aliased`), or a tuple of several."""

_NOTHING: Final[ColumnElement[Any]] = literal_column("1")
NO_ROWS: Final = cast(literal("[]", Text), JSON)


def there_is(own: Own, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is a row of its own for which all of this holds."""
    # What is selected is nothing: `*` would ask for the right to read each column.
    return exists(select(_NOTHING).where(*where)).correlate_except(*_each(own))


def there_is_for_each(own: Own, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same, looked up anew for each row that asks.

    Of few rows it is much less: PostgreSQL may else gather all that there could be, once, since it
    does not know how few will ask. OFFSET 0 keeps it from that.
    """
    found = select(_NOTHING).where(*where).offset(literal_column("0"))
    return exists(found).correlate_except(*_each(own))


def value_of(own: Own, found: Select[Any]) -> ScalarSelect[Any]:
    """The one value that a statement finds among rows of its own; null where it finds none."""
    return found.correlate_except(*_each(own)).scalar_subquery()


def values_of(
    own: Own,
    value: ColumnElement[Any],
    *where: ColumnElement[bool],
    order: tuple[ColumnElement[Any], ...] = (),
) -> ColumnElement[Any]:
    """A value of each row of its own for which all of this holds, as a JSON list, in an order."""
    each: Any = aggregate_order_by(value, *order) if order else value
    listed = func.coalesce(func.json_agg(each, type_=JSON), func.json_build_array())
    return value_of(own, select(listed).where(*where))


def rows_of(own: Own, found: Select[Any]) -> ColumnElement[Any]:
    """The rows that a statement finds among its own, in its order, as a JSON list of objects."""
    return listed(found.correlate_except(*_each(own)).subquery())


def one_of(own: Own, found: Select[Any]) -> ColumnElement[Any]:
    """The one row that a statement finds among its own, as a JSON object, or null."""
    row = found.correlate_except(*_each(own)).subquery()
    return select(func.row_to_json(row.table_valued(), type_=JSON)).scalar_subquery()


def listed(rows: Subquery) -> ColumnElement[Any]:
    """All rows of a statement within this one, as a JSON list of objects."""
    # Not json_agg: an aggregate is more to make ready, and writes a line break after each row.
    each = select(func.row_to_json(rows.table_valued(), type_=JSON)).select_from(rows)
    return func.array_to_json(func.array(each.scalar_subquery()), type_=JSON)


def _each(own: Own) -> tuple[Any, ...]:
    return own if isinstance(own, tuple) else (own,)
